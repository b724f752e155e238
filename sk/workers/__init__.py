"""The workers: a module for every step that happens behind the web, a handler in each."""
