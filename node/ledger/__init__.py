"""The books: append-only, chained, signed."""
