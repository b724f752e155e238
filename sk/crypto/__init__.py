"""Sealing, locking, streams, signatures and the files of keys, section by section as in docs/formats/."""
