"""Where to dial, from the address of a network's HTTP API. Pure."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def socket_address(base: str, path: str, *, example: str) -> str:
    """The WebSocket under this address: ``https`` becomes ``wss``; ``http`` is for this machine only.

    Raises:
        ValueError: it is no such address, or one where secrets would travel in the clear.
    """
    parts = urlsplit(base)
    host = parts.hostname or ""
    if parts.scheme not in ("https", "http") or not host or parts.username or parts.query:
        raise ValueError(f"url {base[:80]!r}: expected an address such as {example}")
    if parts.scheme == "http" and not _is_loopback(host):
        raise ValueError(f"url {base[:80]!r}: what is said there would travel unencrypted; expected https://")
    return f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}{parts.path.rstrip('/')}{path}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
