"""Test vectors, most of them failures, and what makes them anew: `python -m tests.vectors.make`."""
