"""Messages through programs of this machine: the desktop's own notifications, and a command of the owner's."""

from __future__ import annotations

import asyncio
import html
import os
import shutil
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress

from node.alerts.notice import Notice
from node.alerts.post import Undelivered
from node.hardware.health import Severity

DESKTOP_S, COMMAND_S = 5.0, 30.0
_URGENCY = {Severity.NOTICE: "low", Severity.WARNING: "normal", Severity.GRAVE: "critical"}
_SESSION = ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS")
_PASSED_ON = frozenset({"PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "XDG_RUNTIME_DIR", *_SESSION})


class Desktop:
    """The desktop's notifications, through ``notify-send``."""

    name = "desktop"

    def __init__(self, program: str) -> None:
        self._program = program

    @classmethod
    def here(cls, environment: Mapping[str, str] = os.environ) -> Desktop | None:
        """The desktop of this session; None if there is none, or it has no such program."""
        program = shutil.which("notify-send", path=environment.get("PATH"))
        return cls(program) if program and any(environment.get(name) for name in _SESSION) else None

    async def deliver(self, notice: Notice) -> None:
        urgency = _URGENCY[notice.alarm.severity] if notice.begun else "low"
        options = ["--app-name=Stoker", f"--urgency={urgency}"]
        await _run(
            [self._program, *options, "--", notice.headline, html.escape(notice.text, quote=False)], "", DESKTOP_S
        )


class Command:
    """A program of the owner's, with the message as a JSON document on its standard input.

    It runs without a shell, knows nothing of the node's environment but path, home, language and desktop, and is
    ended with all its children after ``limit`` seconds.
    """

    name = "command"

    def __init__(self, arguments: Sequence[str], limit: float = COMMAND_S) -> None:
        self._arguments = tuple(arguments)
        self._limit = limit

    async def deliver(self, notice: Notice) -> None:
        await _run(self._arguments, notice.document(), self._limit)


async def _run(arguments: Sequence[str], stdin: str, limit: float) -> None:
    try:
        process = await asyncio.create_subprocess_exec(
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env={name: value for name, value in os.environ.items() if name in _PASSED_ON},
            start_new_session=True,
        )
    except OSError as error:
        raise Undelivered(f"{arguments[0]} cannot be started: {error.strerror}") from None
    try:
        async with asyncio.timeout(limit):
            await process.communicate(stdin.encode())
    except TimeoutError:
        raise Undelivered(f"{arguments[0]} did not end within {limit:.0f} s") from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    if process.returncode != 0:
        raise Undelivered(f"{arguments[0]} ended with {process.returncode}")
