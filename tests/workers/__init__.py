"""The workers: what each promises, whatever is repeated, late or in the way."""
