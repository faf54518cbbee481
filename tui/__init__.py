"""The face: the Textual app and the command line, both clients of the node's control API."""
