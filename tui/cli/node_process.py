"""The node as a process of its own: in the foreground, in the background, or borrowed for one command."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

from node.control.client import ControlClient, NodeAbsent, Refused
from tui.cli.exits import Exit
from tui.cli.failures import Failure
from tui.cli.sentences import many
from tui.cli.session import Session
from tui.cli.terminal.output import narrate, printable
from tui.cli.terminal.progress import Waiting

START_PATIENCE = 60.0  # seconds
END_PATIENCE = 30.0
LAST_PATIENCE = 5.0  # from the last answer to the end of the process
OUTPUT_NAME = "node.out"
LARGEST_OUTPUT = 1 << 20
LAST_LINES = 8


def command_line(directory: Path) -> list[str]:
    """How the node of a data directory is run; ``-P``, or a folder named node where the person stands would be run."""
    return [sys.executable, "-P", "-m", "node", "--data-dir", str(directory)]


def run_in_foreground(directory: Path) -> NoReturn:
    """Become the node: signals, output and exit code are its own."""
    command = command_line(directory)
    os.execv(command[0], command)  # noqa: S606  our own program, no shell


def answers(directory: Path) -> bool:
    """Whether a node answers here; one that says no answers, too."""
    try:
        ControlClient(directory).state()
    except NodeAbsent:
        return False
    except Refused:
        return True
    return True


def ensure(directory: Path) -> subprocess.Popen[bytes] | None:
    """Start the node in the background unless one answers, and wait until it does.

    Returns:
        The process if it was started here, else None.

    Raises:
        Failure: it ended instead; with its last words and its exit code.
    """
    if answers(directory):
        return None
    output = directory / "logs" / OUTPUT_NAME
    process, begins_at = _launch(directory, output)
    with Waiting("starting the node"):
        deadline = time.monotonic() + START_PATIENCE
        while not answers(directory):
            code = process.poll()
            if code is not None and code != Exit.ALREADY_RUNNING:
                raise _ended(code, _written(output, begins_at))
            if time.monotonic() > deadline:
                raise Failure(
                    f"the node (process {process.pid}) does not answer after {START_PATIENCE:.0f} s",
                    f"see what it says: {output}",
                    Exit.NOT_NOW,
                )
            time.sleep(0.02)
    return process if process.poll() is None else None


def wait_for_end(client: ControlClient, pid: int) -> None:
    """Wait until a node that was told to end answers no more and its process, if it was one of ours, is gone."""
    with Waiting("the node ends") as waiting:
        while True:
            try:
                waiting.now(f"{many(len(client.state().jobs), 'job')} in hand")
            except (NodeAbsent, ConnectionError):
                break
            time.sleep(0.05)
        if not client.place:
            _wait_for_process(pid)


@contextmanager
def borrowed(session: Session) -> Iterator[ControlClient]:
    """A running node for the length of one command: the one that was named or runs here, else one for this alone.

    That one drains at an ordinary end, and stops at once when the command is interrupted or its terminal goes away.
    """
    client = session.node
    with signals_as_exits():
        process = ensure(session.directory) if session.named is None else None
        if process is None:
            yield client
            return
        narrate("No node ran; one was started for this command, and ends with it.")
        order = "stop"
        try:
            yield client
            order = "drain"
        finally:
            _end(client, process, order)


def _launch(directory: Path, output: Path) -> tuple[subprocess.Popen[bytes], int]:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        output.parent.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError as error:
        raise Failure(
            f"the data directory {directory} cannot be used: {error.filename}: {error.strerror}",
            "choose another with --data-dir or STOKER_HOME",
            Exit.DIRECTORY_UNUSABLE,
        ) from None
    with os.fdopen(descriptor, "ab") as file:
        if file.tell() > LARGEST_OUTPUT:
            file.truncate(0)
        begins_at = output.stat().st_size
        process = subprocess.Popen(  # noqa: S603  our own program, no shell
            command_line(directory),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    return process, begins_at


def _written(output: Path, begins_at: int) -> list[str]:
    with output.open("rb") as file:
        file.seek(begins_at)
        return file.read(LARGEST_OUTPUT).decode(errors="replace").splitlines()[-LAST_LINES:]


def _ended(code: int, lines: list[str]) -> Failure:
    for line in lines:
        narrate(printable(line))
    known = code if code in tuple(Exit) and code != Exit.OK else Exit.FAILED
    how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
    remedy = "`stoker doctor` checks what it needs" if known == Exit.FAILED else "mend what it says above"
    return Failure(f"the node did not start: it {how}", remedy, known)


def _end(client: ControlClient, process: subprocess.Popen[bytes], order: str) -> None:
    with suppress(NodeAbsent, Refused, OSError):
        client.command(order)
    with Waiting("the node finishes"):
        for last_resort in (process.terminate, process.kill):
            try:
                process.wait(END_PATIENCE)
            except subprocess.TimeoutExpired:
                last_resort()
    process.wait()


def _wait_for_process(pid: int) -> None:
    if hasattr(os, "pidfd_open"):
        with suppress(OSError):
            descriptor = os.pidfd_open(pid)
            with os.fdopen(descriptor):
                select.select([descriptor], [], [], LAST_PATIENCE)
        return
    deadline = time.monotonic() + LAST_PATIENCE
    with suppress(OSError):
        while time.monotonic() < deadline:
            os.kill(pid, 0)
            time.sleep(0.02)


@contextmanager
def signals_as_exits() -> Iterator[None]:
    """SIGTERM and a lost terminal unwind the command, so that what it started is ended with it."""

    def unwind(number: int, frame: FrameType | None) -> NoReturn:
        sys.exit(128 + number)

    names = [signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    before = {number: signal.signal(number, unwind) for number in names}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
