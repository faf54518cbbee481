"""The networks that the node works for: one screen, its parts, and the way to join another one."""
