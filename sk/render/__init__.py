"""Bytes of strangers: here alone they are parsed, each document by a process of its own that can do nothing else."""
