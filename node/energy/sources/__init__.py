"""Public day-ahead prices, one module a source."""
