"""The first network: the owner's own use of the node."""
