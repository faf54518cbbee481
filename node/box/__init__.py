"""The box around a process that strangers' words reach: no network, no files but its own, no other processes."""
