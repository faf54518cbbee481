"""A stand-in for the AI Horde: its text workers' side as protocol version 2.5 behaves, without money and strangers."""
