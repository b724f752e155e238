"""The containers, as far as they can be tried without Docker: what the files say, played as plain processes."""
