"""How a command ends badly: one sentence, what to try, and a number; never a traceback, never local variables."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from typing import TypeVar

import click

from tui.cli.exits import Exit
from tui.cli.terminal.output import narrate, paint, printable

T = TypeVar("T")


class Failure(Exception):
    """What went wrong, what to do about it, and the exit code."""

    def __init__(self, message: str, remedy: str = "", code: int = Exit.FAILED) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.code = code

    def tell(self) -> None:
        """Write it to stderr."""
        narrate(f"{paint('error:', 'red', sys.stderr)} {printable(self.message)}")
        if self.remedy:
            narrate(f"{paint('try:', 'yellow', sys.stderr)} {printable(self.remedy)}")


def guarded(run: Callable[[], T], *, show_trace: bool) -> T:
    """Run a command; whatever it raises becomes words on stderr and an exit code.

    Args:
        show_trace: print the stack of an unexpected error, without its locals.
    """
    try:
        result = run()
        sys.stdout.flush()
    except (click.ClickException, click.exceptions.Exit):
        raise
    except (KeyboardInterrupt, click.Abort):
        narrate("")
        raise click.exceptions.Exit(Exit.INTERRUPTED) from None
    except BrokenPipeError:
        _close_stdout()
        raise click.exceptions.Exit(Exit.BROKEN_PIPE) from None
    except Exception as error:
        if show_trace and not isinstance(error, Failure):
            narrate("".join(traceback.format_exception(error)).rstrip())
        failure = error if isinstance(error, Failure) else failure_of(error)
        failure.tell()
        raise click.exceptions.Exit(failure.code) from None
    return result


def failure_of(error: Exception) -> Failure:
    """The sentence, remedy and code of an error."""
    from http.client import HTTPException

    from node.control.client import NodeAbsent, Refused, WireError
    from tui.rigs.tunnel import TunnelError

    if isinstance(error, TunnelError):
        return Failure(str(error), error.remedy, Exit.NO_NODE)
    if isinstance(error, NodeAbsent):
        return Failure(str(error), error.remedy or _START_ONE, Exit.NO_NODE)
    if isinstance(error, Refused):
        return Failure(error.message, error.remedy, _code_of(error.status, error.code))
    if isinstance(error, WireError):
        return Failure(f"the node said something else than expected: {error}", _SAME_VERSION, Exit.SOFTWARE)
    if isinstance(error, TimeoutError):
        return Failure("the node does not answer in time", "see what it does: `stoker logs`", Exit.NOT_NOW)
    if isinstance(error, (HTTPException, ConnectionError)):
        return Failure("the node went away while it answered", "see why: `stoker logs`, `stoker doctor`", Exit.NOT_NOW)
    if isinstance(error, OSError) and error.filename:
        return Failure(f"{error.filename}: {error.strerror}")
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return Failure(f"a fault in Stoker itself: {said}", "`stoker --traceback ...` shows where", Exit.SOFTWARE)


_START_ONE = "start one: `stoker` with the app, or `stoker --headless` without"
_SAME_VERSION = "restart the node, so that both are of one version: `stoker restart`"
_BY_NAME = {
    "already_running": Exit.ALREADY_RUNNING,
    "directory_unusable": Exit.DIRECTORY_UNUSABLE,
    "ledger_damaged": Exit.LEDGER_DAMAGED,
    "bad_config": Exit.BAD_CONFIG,
}


def _code_of(status: int, code: str) -> Exit:
    if code in _BY_NAME:
        return _BY_NAME[code]
    return Exit.NOT_NOW if status == 429 or status >= 500 else Exit.REFUSED


def _close_stdout() -> None:
    """Nothing more can be written: keep the interpreter from trying it again at its end."""
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123  a device, not a file of ours
        os.dup2(nowhere.fileno(), 1)
