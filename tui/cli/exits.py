"""With which numbers ``stoker`` ends: one table for people, scripts and service managers."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """From 70 on the numbers of sysexits.h, above 128 those of shells; the node's own process uses the same."""

    OK = 0
    FAILED = 1
    USAGE = 2
    ALREADY_RUNNING = 3
    NO_NODE = 4
    REFUSED = 5
    NOT_NOW = 6
    SOFTWARE = 70
    DIRECTORY_UNUSABLE = 73
    LEDGER_DAMAGED = 74
    BAD_CONFIG = 78
    INTERRUPTED = 130
    BROKEN_PIPE = 141


MEANINGS: dict[Exit, str] = {
    Exit.OK: "it is done, or the answer is yes",
    Exit.FAILED: "it was tried and did not work out, or a check failed",
    Exit.USAGE: "the command line is wrong",
    Exit.ALREADY_RUNNING: "another node holds this data directory",
    Exit.NO_NODE: "no node runs, and this needs one",
    Exit.REFUSED: "the node said no: an unknown name, a wrong value",
    Exit.NOT_NOW: "the node cannot do it now: paused, draining, busy, silent",
    Exit.SOFTWARE: "a fault in Stoker itself",
    Exit.DIRECTORY_UNUSABLE: "the data directory cannot be made or written",
    Exit.LEDGER_DAMAGED: "the ledger is damaged, or of another version; what is wrong is named",
    Exit.BAD_CONFIG: "a setting cannot be used; file and key are named",
    Exit.INTERRUPTED: "Ctrl-C",
    Exit.BROKEN_PIPE: "whoever read the output stopped reading",
}
"""What each number means."""


def table() -> str:
    """The whole table as text, one number a line."""
    return "\n".join(f"  {code.value:>3}  {meaning}" for code, meaning in MEANINGS.items())
