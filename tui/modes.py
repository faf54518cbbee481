"""The main screens by name. Each is imported when it is first opened."""

from __future__ import annotations

from collections.abc import Callable

from textual.screen import Screen


def _dashboard() -> Screen[None]:
    from tui.screens.dashboard.screen import Dashboard

    return Dashboard()


def _jobs() -> Screen[None]:
    from tui.screens.jobs import Jobs

    return Jobs()


def _earnings() -> Screen[None]:
    from tui.screens.earnings.screen import Earnings

    return Earnings()


def _hardware() -> Screen[None]:
    from tui.screens.hardware import Hardware

    return Hardware()


def _wallet() -> Screen[None]:
    from tui.screens.wallet.screen import Wallet

    return Wallet()


def _networks() -> Screen[None]:
    from tui.screens.networks.screen import Networks

    return Networks()


def _settings() -> Screen[None]:
    from tui.screens.settings import Settings

    return Settings()


def _setup() -> Screen[None]:
    from tui.screens.setup.screen import Setup

    return Setup()


def _logs() -> Screen[None]:
    from tui.screens.logs import Logs

    return Logs()


MODES: dict[str, str | Callable[[], Screen[None]]] = {
    "dashboard": _dashboard,
    "jobs": _jobs,
    "earnings": _earnings,
    "hardware": _hardware,
    "wallet": _wallet,
    "networks": _networks,
    "settings": _settings,
    "logs": _logs,
    "setup": _setup,
}
