"""What is one store's own."""
