"""Tests of the German ID card: messages, signatures, the simulator, and the client that people have."""
