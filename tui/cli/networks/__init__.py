"""``stoker networks``: which networks the node works for, and how it comes to."""
