"""The promises of the platform, each as a story. Mirrors `sk/`."""
