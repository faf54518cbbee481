"""The desktop's own answer, over D-Bus: GNOME's Mutter, the freedesktop screen saver, and logind's hint.

Interfaces: ``org.gnome.Mutter.IdleMonitor.GetIdletime`` (milliseconds), ``org.freedesktop.ScreenSaver.
GetSessionIdleTime`` (seconds on Cinnamon, MATE and Xfce; milliseconds on KDE), and the properties ``IdleHint`` and
``IdleSinceHint`` (microseconds since 1970) of ``org.freedesktop.login1``.
"""

from __future__ import annotations

import logging
import os
import time
from typing import Any

from jeepney import (  # type: ignore[import-untyped]
    DBusAddress,
    MessageType,
    Properties,
    new_method_call,
)
from jeepney.io.blocking import DBusConnection, open_dbus_connection  # type: ignore[import-untyped]

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 1.0
KDE = "KDE"

MUTTER = DBusAddress(
    "/org/gnome/Mutter/IdleMonitor/Core", "org.gnome.Mutter.IdleMonitor", "org.gnome.Mutter.IdleMonitor"
)
SCREEN_SAVER = DBusAddress("/org/freedesktop/ScreenSaver", "org.freedesktop.ScreenSaver", "org.freedesktop.ScreenSaver")
LOGIND = DBusAddress("/org/freedesktop/login1", "org.freedesktop.login1", "org.freedesktop.login1.Manager")


class _OnBus:
    """Keeps a connection to one bus, and opens it again after a failure.

    Args:
        bus: ``SESSION``, ``SYSTEM``, or an address.
    """

    def __init__(self, bus: str) -> None:
        self._bus = bus
        self._connection: DBusConnection | None = None

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _ask(self, message: Any) -> tuple[Any, ...] | None:
        """The body of the answer; None if there is no bus, no such service, or no answer in time."""
        try:
            if self._connection is None:
                self._connection = open_dbus_connection(self._bus)
            answer = self._connection.send_and_get_reply(message, timeout=PATIENCE_SECONDS)
        except (OSError, KeyError, ValueError, TimeoutError, EOFError) as error:  # KeyError: no bus in the environment
            log.debug("%s: %s", self._bus, error)
            self.close()
            return None
        if answer.header.message_type is not MessageType.method_return:
            return None
        body: tuple[Any, ...] = answer.body
        return body


class MutterIdle(_OnBus):
    """GNOME."""

    name = "GNOME"

    def __init__(self, bus: str = "SESSION") -> None:
        super().__init__(bus)

    def idle_seconds(self) -> float | None:
        said = self._ask(new_method_call(MUTTER, "GetIdletime"))
        return None if said is None else said[0] / 1000


class ScreenSaverIdle(_OnBus):
    """Every desktop that has the freedesktop screen saver interface.

    Args:
        desktop: as in ``XDG_CURRENT_DESKTOP``; KDE counts in milliseconds.
    """

    name = "the screen saver"

    def __init__(self, bus: str = "SESSION", desktop: str | None = None) -> None:
        super().__init__(bus)
        self._divisor = 1000 if KDE in (desktop or os.environ.get("XDG_CURRENT_DESKTOP", "")).split(":") else 1

    def idle_seconds(self) -> float | None:
        said = self._ask(new_method_call(SCREEN_SAVER, "GetSessionIdleTime"))
        return None if said is None else said[0] / self._divisor


class LogindIdle(_OnBus):
    """The login manager's hint, which also a system service can see. It knows no more than idle or not, and since when;
    desktops that never set it look busy for ever, so it tells only once it has been seen to be idle."""

    name = "logind"

    def __init__(self, bus: str = "SYSTEM") -> None:
        super().__init__(bus)
        self._believed = False

    def idle_seconds(self) -> float | None:
        hint = self._ask(Properties(LOGIND).get("IdleHint"))
        since = self._ask(Properties(LOGIND).get("IdleSinceHint"))
        if hint is None or since is None:
            return None
        if hint[0][1]:
            self._believed = True
            return max(0.0, time.time() - int(since[0][1]) / 1e6)
        return 0.0 if self._believed else None


def desktop_sources() -> tuple[MutterIdle, ScreenSaverIdle, LogindIdle]:
    """The ways of this desktop, the most exact first."""
    return MutterIdle(), ScreenSaverIdle(), LogindIdle()
