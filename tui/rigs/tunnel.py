"""A node on another machine, reached through the person's own ssh: its control socket, forwarded to one of ours.

One ssh is the master of a connection of its own. It runs a few lines of shell there that say where the socket is and
then wait for the end of their input, which is a pipe of ours: however this program ends, ssh ends with it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import IO, Self

from node.control.client import SOCKET_NAME, socket_path
from tui.rigs.place import PATH, SshPlace
from tui.rigs.ssh_command import MARK, by_hand, forward, master, told

LONGEST_TALK = 1 << 16  # bytes that a shell may print before it says where the node is
FORWARD_PATIENCE = 15.0  # seconds
LAST_PATIENCE = 5.0  # from the end of ssh's output to its own
FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0
LAST_WORDS = 3  # lines


class TunnelError(Exception):
    """The way there could not be opened: in ssh's own words, with what to do."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


class Tunnel:
    """The way to one node.

    Attributes:
        directory: ours alone; holds a control socket while the tunnel is open.
        there: the control socket on the other machine, once that has said so.
        trouble: why it is closed at the moment; empty while it is open.
    """

    def __init__(self, place: SshPlace) -> None:
        self.place = place
        runtime = os.environ.get("XDG_RUNTIME_DIR", "")
        usable = os.access(runtime, os.W_OK | os.X_OK)  # it is not there for everybody who has inherited its name
        self.directory = Path(tempfile.mkdtemp(prefix="stoker-", dir=runtime if usable else None))
        self.there = ""
        self.trouble = ""
        self._ssh: subprocess.Popen[bytes] | None = None
        self._closed = threading.Event()
        self._lock = threading.Lock()  # between a new ssh and the end of it all

    def open(self, *, ask: bool) -> None:
        """Connect; returns when the socket is there.

        Args:
            ask: ssh may ask the person on the terminal, for a passphrase or about a new host.

        Raises:
            TunnelError: ssh, or the machine there, says no.
        """
        program = shutil.which("ssh")
        if program is None:
            raise TunnelError("ssh is not installed here", "install OpenSSH's client")
        with self._lock:
            if self._closed.is_set():
                return
            self._hang_up()
            self._ssh = ssh = self._start(program, ask)
        try:
            self.there = self._socket_there(ssh)
            self._forward(program)
        except BaseException:
            self._hang_up()
            raise
        self.trouble = ""

    def keep(self) -> None:
        """Connect again, without questions, whenever the line is lost, until `close`."""
        threading.Thread(target=self._keep, name=f"ssh to {self.place.host}", daemon=True).start()

    def close(self) -> None:
        """Disconnect and leave nothing behind."""
        self._closed.set()
        with self._lock:
            self._hang_up()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _start(self, program: str, ask: bool) -> subprocess.Popen[bytes]:
        self._master.unlink(missing_ok=True)  # one that was killed leaves it
        with (self.directory / "said").open("wb") as said:
            return subprocess.Popen(  # noqa: S603  no shell here, and the place was checked letter by letter
                [program, *master(self.place, self._master, ask=ask)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                start_new_session=not ask,  # no terminal, no questions
            )

    @property
    def _master(self) -> Path:
        return self.directory / "ssh"

    def _socket_there(self, ssh: subprocess.Popen[bytes]) -> str:
        assert ssh.stdout is not None
        for line in _lines(ssh.stdout):
            if found := told(line):
                uid, runtime, home = found
                return self._checked(uid, runtime, self.place.path or home)
        with contextlib.suppress(subprocess.TimeoutExpired):
            ssh.wait(LAST_PATIENCE)
        raise TunnelError(f"{self.place}: {self._last_words() or 'ssh ended without a word'}", by_hand(self.place))

    def _checked(self, uid: int, runtime: str, path: str) -> str:
        there = Path(path)
        socket = there if there.name == SOCKET_NAME else socket_path(there, uid, runtime)
        if not PATH.fullmatch(str(socket)):
            raise TunnelError(
                f"{self.place}: the node's socket there is {str(socket)[:200]!r}, which ssh cannot forward",
                "give the node a data directory of letters, digits and - _ . / only",
            )
        return str(socket)

    def _forward(self, program: str) -> None:
        here = self.directory / SOCKET_NAME
        here.unlink(missing_ok=True)
        try:
            done = subprocess.run(  # noqa: S603  as above
                [program, *forward(self.place, self._master, here, self.there)],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=FORWARD_PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise TunnelError(f"{self.place}: ssh does not forward the socket", by_hand(self.place)) from None
        if done.returncode != 0:
            raise TunnelError(
                f"{self.place}: {done.stderr.strip() or 'the socket was not forwarded'}", by_hand(self.place)
            )

    def _last_words(self) -> str:
        try:
            lines = (self.directory / "said").read_bytes()[-4000:].decode(errors="replace").splitlines()
        except OSError:
            return ""
        words = [line.strip() for line in lines if line.strip()]
        return "; ".join(words[-LAST_WORDS:])

    def _hang_up(self) -> None:
        ssh = self._ssh
        if ssh is None:
            return
        ssh.terminate()
        try:
            ssh.wait(LAST_PATIENCE)
        except subprocess.TimeoutExpired:
            ssh.kill()
            ssh.wait()
        for stream in (ssh.stdin, ssh.stdout):  # only now: another thread may be reading
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def _keep(self) -> None:
        wait = FIRST_WAIT
        while not self._closed.is_set():
            if self._ssh is not None:
                self._ssh.wait()
            if self._closed.is_set():
                return
            try:
                self.open(ask=False)
                wait = FIRST_WAIT
            except (TunnelError, OSError) as error:
                self.trouble = str(error)
                self._closed.wait(wait)
                wait = min(wait * 2, LONGEST_WAIT)


def may_ask() -> bool:
    """Whether there is a person at a terminal whom ssh may ask."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _lines(stream: IO[bytes]) -> list[str]:
    """Lines up to the one with the mark."""
    lines: list[str] = []
    read = 0
    while read < LONGEST_TALK and (line := stream.readline(4096)):
        read += len(line)
        lines.append(line.decode(errors="replace").rstrip("\r\n"))
        if lines[-1].startswith(MARK):
            break
    return lines
