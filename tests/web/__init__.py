"""The web: description, bad input, answers."""
