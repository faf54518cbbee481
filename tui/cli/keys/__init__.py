"""``stoker keys``: the one place of the face that handles key material. Works on the data directory, without a node."""
