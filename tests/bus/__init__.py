"""Buses beside those of the contract."""
