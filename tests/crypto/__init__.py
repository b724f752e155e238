"""What is sealed, locked or signed opens for those who may, as it was, in its place, and not otherwise."""
