"""Taking a TCP port."""

from __future__ import annotations

import socket


def listening(address: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes any free one.

    It is named as TCP's, since asyncio turns off Nagle's algorithm (which holds the second half of an answer back
    until the first has been acknowledged, 40 ms on Linux) only for such.

    Args:
        address: an IP address, version 4 or 6.

    Raises:
        OSError: the port cannot be had.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows, where SO_REUSEADDR would share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(128)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener
