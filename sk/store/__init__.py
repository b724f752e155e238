"""The store: the one truth. A port, and an adapter each for SQLite and MongoDB."""
