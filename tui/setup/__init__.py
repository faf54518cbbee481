"""The guide from an empty home to a node that earns: the same steps for terminal, file and app. It draws nothing."""
