"""The terminal under the app: signals that end it well, and noticing that it has gone."""

from __future__ import annotations

import asyncio
import select
import signal
import sys
from collections.abc import Callable, Mapping

from rich.console import Console

SIGNALLED = 128
"""Exit codes of a program that a signal ended start here."""

LOST = SIGNALLED + 1
"""The exit code of SIGHUP, also where the terminal went without one."""


def on_end_signals(leave: Callable[[int], None]) -> None:
    """Call ``leave`` with an exit code on SIGTERM and SIGHUP, from the running event loop.

    Textual itself lets both kill the process and leaves the terminal in raw mode on the alternate screen.
    """
    if sys.platform == "win32":
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, leave, SIGNALLED + number)


def has_few_colours(environment: Mapping[str, str]) -> bool:
    """Whether the terminal says of itself that it shows sixteen colours only, as a Linux console does."""
    return Console(force_terminal=True, _environ=environment).color_system == "standard"


def is_lost(descriptor: int) -> bool:
    """Whether the terminal behind a descriptor has hung up.

    Without this look an app that was started with SIGHUP ignored would read its end of file for ever.
    """
    if sys.platform == "win32":
        return False
    poll = select.poll()
    poll.register(descriptor, 0)
    return any(flags & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, flags in poll.poll(0))
