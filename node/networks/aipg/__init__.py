"""AI Power Grid: text jobs pushed over WebSockets, paid in AIPG by the hour."""
