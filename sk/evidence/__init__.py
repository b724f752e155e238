"""Evidence: signed statements about every step, numbered and chained."""
