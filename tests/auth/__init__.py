"""Machine clients and the people who log in."""
