"""Processes are killed, servers vanish: what was acknowledged stays, and happens once."""
