"""Mail: texts, sending them, and the catcher that a trial shows in the browser."""
