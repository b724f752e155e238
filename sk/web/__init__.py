"""The web: application factory, middleware, sessions, problem details, templates."""
