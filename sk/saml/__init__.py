"""SAML 2.0: what it takes of it to speak with others, made of pure functions over bytes (ADR 0025)."""
