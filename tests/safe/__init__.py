"""The document safe."""
