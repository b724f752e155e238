"""What every adapter of a port promises, told once and run against each of them over real connections."""
