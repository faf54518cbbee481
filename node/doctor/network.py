"""Whether the hosts that the settings name can be reached. No other host is asked."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from node.config import Settings
from node.doctor.check import Check

LIMIT_S = 3.0
PRICES: Mapping[str, str] = MappingProxyType(
    {
        "energy-charts": "https://api.energy-charts.info",
        "awattar": "https://api.awattar.{zone}",
        "octopus": "https://api.octopus.energy",
    }
)


def checks(settings: Settings) -> Iterator[Check]:
    """Blocking, for `LIMIT_S` seconds at most."""
    wanted = configured(settings)
    if not wanted:
        yield Check("network", "ok", "no setting names a host")
        return
    outcomes: dict[str, Check] = {}

    def call(key: str, url: str) -> None:
        outcomes[key] = reached(key, url)

    callers = [threading.Thread(target=call, args=asked, daemon=True) for asked in wanted.items()]
    end = time.monotonic() + LIMIT_S
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(max(0.0, end - time.monotonic()))
    for key, url in wanted.items():
        yield outcomes.get(key) or _unreachable(key, url, f"no answer within {LIMIT_S:g} s")


def configured(settings: Settings) -> dict[str, str]:
    """The addresses that the settings name, by their keys."""
    alerts, electricity = settings.alerts, settings.electricity
    named = {
        "engine.url": settings.engine.url if settings.engine.kind == "openai" else "",
        "alerts.webhook": alerts.webhook,
        "alerts.ntfy": alerts.ntfy,
        "alerts.heartbeat": alerts.heartbeat,
        "electricity.source": PRICES.get(electricity.source, "").format(zone=electricity.zone or "de"),
    }
    return {key: url for key, url in named.items() if url}


def reached(key: str, url: str) -> Check:
    """Whether something takes a connection there. Blocking."""
    parts = urlsplit(url)
    began = time.monotonic()
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        socket.create_connection((parts.hostname or "", port), timeout=LIMIT_S).close()
    except (OSError, ValueError) as error:
        return _unreachable(key, url, getattr(error, "strerror", None) or str(error))
    return Check(_name(key), "ok", f"{parts.hostname} answers after {(time.monotonic() - began) * 1000:.0f} ms")


def _unreachable(key: str, url: str, why: str) -> Check:
    told = f"{urlsplit(url).hostname} cannot be reached: {why}"
    return Check(_name(key), "fail" if key == "engine.url" else "warn", told, f"correct {key}, or wait for the network")


def _name(key: str) -> str:
    return f"network, {key}"
