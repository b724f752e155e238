"""Accounts, log-in, authorities and their tokens."""
