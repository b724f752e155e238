"""Every page in every state, as a browser shows it."""
