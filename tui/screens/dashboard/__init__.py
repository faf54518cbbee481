"""The first screen: what the node does now, what it earned today, and how the machine bears it."""
