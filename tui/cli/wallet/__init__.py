"""``stoker wallet``: money, asked of the node. Nothing here handles a key."""
