"""The mails about accounts: what they say, word by word."""
