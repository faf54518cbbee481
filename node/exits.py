"""With which numbers the node's process ends, after sysexits.h; the command line's table repeats them."""

OK = 0
USAGE = 2
ALREADY_RUNNING = 3
LEDGER_DAMAGED = 74
DIRECTORY_UNUSABLE = 73
SOFTWARE = 70
BAD_CONFIG = 78
