"""What the node does about what the guard says and what its owner wishes."""
