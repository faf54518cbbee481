"""The protocol of sd_notify(3): lines of ``NAME=value`` in a datagram to the socket that ``$NOTIFY_SOCKET`` names."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import MutableMapping
from dataclasses import dataclass

log = logging.getLogger(__name__)

LONGEST_ADDRESS = 107
"""Bytes that fit into sockaddr_un.sun_path with its closing zero."""

LONGEST_VALUE = 300


@dataclass(frozen=True, slots=True)
class ServiceManager:
    """Who started this process and wants to hear from it.

    Attributes:
        address: of its socket; an abstract one begins with a zero byte.
        watchdog_seconds: it kills this process after so long without a ping; None if it does not watch.
    """

    address: bytes
    watchdog_seconds: float | None = None

    def tell(self, **values: str | int) -> bool:
        """Send some values, such as ``READY=1``. Never blocks and never raises: a deaf manager harms no job.

        Returns:
            Whether the datagram was taken.
        """
        text = "\n".join(f"{name}={_one_line(value)}" for name, value in values.items())
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK) as ours:
                ours.sendto(text.encode(), self.address)
        except OSError as error:
            log.debug("the service manager took no word: %s", error.strerror)
            return False
        return True


def from_environment(environment: MutableMapping[str, str] = os.environ) -> ServiceManager | None:
    """The manager of this process; None if there is none.

    Its variables are taken out of the environment, so that no child speaks for us.
    """
    address = _address(environment.pop("NOTIFY_SOCKET", ""))
    interval = environment.pop("WATCHDOG_USEC", "")
    watched = environment.pop("WATCHDOG_PID", "") in ("", str(os.getpid()))
    if address is None:
        return None
    seconds = int(interval) / 1e6 if watched and interval.isascii() and interval.isdigit() else 0.0
    return ServiceManager(address, seconds or None)


def _address(text: str) -> bytes | None:
    if not text or not hasattr(socket, "AF_UNIX"):
        return None
    name = os.fsencode(text)
    if name[:1] not in (b"/", b"@") or not 1 < len(name) <= LONGEST_ADDRESS:
        log.warning("NOTIFY_SOCKET: got %.120r; expected a path or an abstract socket, such as @manager", text)
        return None
    return b"\0" + name[1:] if name.startswith(b"@") else name


def _one_line(value: str | int) -> str:
    """A line break would begin another value: what a network or a client wrote must not become one."""
    return " ".join(str(value).split())[:LONGEST_VALUE]
