"""Software of portals that others wrote, unchanged, on loopback."""
