"""The law and the postbox."""
