"""The object store: encrypted bytes under random names. A port, and an adapter each for files and S3."""
