"""The owner's own, unpaid use of the node."""
