"""The guide in the app."""
