"""A postbox and document safe for citizens, driven by messages."""
