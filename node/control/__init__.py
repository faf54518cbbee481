"""The control API: what clients of the node see and say."""
