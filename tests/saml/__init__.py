"""SAML 2.0: messages, signatures and metadata, each by itself, and others who judge them."""
