"""Stand-ins that are true to the protocols; loaded only when asked for."""
