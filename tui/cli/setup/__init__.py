"""The guide on a terminal, and from a file of answers."""
