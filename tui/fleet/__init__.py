"""Several nodes in one app: a line for each, and every screen for the one that is at hand."""
