"""How every child of an engine begins, whatever it computes with: told, fastened, tied to its parent, quiet."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import sys
from typing import NoReturn

from node.engines.exits import BOX_OPEN
from node.engines.launch import ChildSettings

NICENESS = 10


def begin() -> tuple[ChildSettings, int]:
    """What to serve, from the one line on standard input, and the descriptor for the greeting.

    Afterwards the belts are fastened, and the end of standard input ends this process, whatever it has become.
    """
    settings = ChildSettings.from_line(sys.stdin.buffer.readline())
    try:
        if settings.belts is not None:
            settings.belts.fasten()
    except OSError as error:
        leave(BOX_OPEN, str(error))
    _end_with_the_parent()
    greeting_pipe = _keep_stdout_clean()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the node, which then ends us
    os.nice(NICENESS)
    return settings, greeting_pipe


def leave(code: int, words: str) -> NoReturn:
    print(words, file=sys.stderr, flush=True)  # noqa: T201
    os._exit(code)


def _end_with_the_parent() -> None:
    """Have the kernel end this process when standard input ends, even while loading a model holds the interpreter."""
    if not hasattr(signal, "SIGIO") or not hasattr(fcntl, "F_SETOWN"):
        return
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(0, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(0, fcntl.F_SETFL, fcntl.fcntl(0, fcntl.F_GETFL) | os.O_ASYNC)
    poll = select.poll()
    poll.register(0, select.POLLIN)
    if poll.poll(0):  # it ended before we asked
        os._exit(0)


def _keep_stdout_clean() -> int:
    """A descriptor for the greeting; what libraries print goes to standard error."""
    pipe = os.dup(1)
    os.set_inheritable(pipe, False)
    os.dup2(2, 1)
    return pipe
