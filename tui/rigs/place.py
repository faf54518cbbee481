"""Where a node is, as a person writes it. Pure, but for a look at what a path is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from node.control.client import SOCKET_NAME, default_directory

HERE = "here"
EXPECTED = "a data directory, its control.sock, `here`, or ssh://[user@]host[:port][/data/dir]"
HOST = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}|[0-9A-Fa-f:.]{2,45}(%[A-Za-z0-9_.-]{1,15})?")
USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}")
PATH = re.compile(r"/[\w@+=,.~ /-]{1,1000}")
"""Without the letters that would mean something to ssh in a forwarding."""


class PlaceError(ValueError):
    """What was written names no place: the text, what was expected, what to do."""


@dataclass(frozen=True, slots=True)
class LocalPlace:
    """A data directory, or the directory of a control socket, on this machine."""

    directory: Path
    here: bool = False  # this machine's own

    def __str__(self) -> str:
        return str(self.directory)

    @property
    def name(self) -> str:
        """What the place is called while its node has not said its own name."""
        return HERE if self.here else self.directory.name


@dataclass(frozen=True, slots=True)
class SshPlace:
    """A node on a machine that the person's own ssh reaches.

    Attributes:
        user: empty for what ssh itself would take. port: the same, None.
        path: the data directory there, or its control socket; empty for the default one of that user.
    """

    host: str
    user: str = ""
    port: int | None = None
    path: str = ""

    def __str__(self) -> str:
        user = f"{self.user}@" if self.user else ""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = f":{self.port}" if self.port is not None else ""
        return f"ssh://{user}{host}{port}{self.path}"

    @property
    def name(self) -> str:
        return self.host


Place = LocalPlace | SshPlace


def parse_place(text: str) -> Place:
    """A place as it is written after ``--node``.

    Raises:
        PlaceError: it is none. Nothing that could be an option of ssh, or mean anything to a shell, comes through.
    """
    if text == HERE:
        return LocalPlace(default_directory(), here=True)
    if "://" in text:
        return _ssh(text)
    if not text:
        raise PlaceError(f"got nothing; expected {EXPECTED}")
    path = Path(text).expanduser().absolute()
    if path.name == SOCKET_NAME:
        return LocalPlace(path.parent)
    if not path.is_dir():
        raise PlaceError(f"{text}: there is no such directory; expected {EXPECTED}")
    return LocalPlace(path)


def _ssh(text: str) -> SshPlace:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise PlaceError(f"{text}: {error}; expected {EXPECTED}") from None
    if parts.scheme != "ssh" or parts.query or parts.fragment or parts.password is not None:
        raise PlaceError(f"{text}: expected {EXPECTED}")
    # urlsplit's own hostname is in small letters, and the names in ~/.ssh/config are not.
    user, _, rest = parts.netloc.rpartition("@")
    host = rest[1:].partition("]")[0] if rest.startswith("[") else rest.partition(":")[0]
    if not HOST.fullmatch(host):
        raise PlaceError(f"{text}: {host!r} is no name of a host; expected {EXPECTED}")
    if user and not USER.fullmatch(user):
        raise PlaceError(f"{text}: {user!r} is no name of a user; expected {EXPECTED}")
    path = unquote(parts.path).rstrip("/")
    if path and not PATH.fullmatch(path):
        raise PlaceError(f"{text}: {path[:80]!r} is no path; expected {EXPECTED}")
    return SshPlace(host, user, port, path)
