"""What the command line puts on a terminal, a pipe or a file."""
