"""Keys and money. Imports neither node nor tui."""
