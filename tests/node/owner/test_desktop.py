"""How long the owner has been quiet, asked over a real D-Bus daemon from services that answer as desktops do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from session_bus import service, session_bus

from node.owner.desktop import LogindIdle, MutterIdle, ScreenSaverIdle


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[str]:
    with session_bus(tmp_path) as address:
        yield address


def test_gnome_tells_milliseconds(bus: str) -> None:
    source = MutterIdle(bus)
    with service(bus, "org.gnome.Mutter.IdleMonitor", lambda method, _: ("t", (61_500,))):
        assert source.idle_seconds() == 61.5
    source.close()


@pytest.mark.parametrize(("desktop", "idle"), [("X-Cinnamon", 90), ("KDE", 0.09)])
def test_the_screen_saver_tells_seconds_and_on_kde_milliseconds(bus: str, desktop: str, idle: float) -> None:
    source = ScreenSaverIdle(bus, desktop)
    with service(bus, "org.freedesktop.ScreenSaver", lambda method, _: ("u", (90,))):
        assert source.idle_seconds() == idle
    source.close()


def test_logind_is_believed_once_it_has_been_seen_idle(bus: str) -> None:
    idle = False

    def answer(method: str, arguments: tuple[str, str]) -> tuple[str, tuple[object, ...]]:
        since = round((time.time() - 300) * 1e6)
        return "v", (("b", idle) if arguments[1] == "IdleHint" else ("t", since),)

    source = LogindIdle(bus)
    with service(bus, "org.freedesktop.login1", answer):
        assert source.idle_seconds() is None  # a desktop that never sets the hint looks the same
        idle = True
        assert source.idle_seconds() == pytest.approx(300, abs=2)
        idle = False
        assert source.idle_seconds() == 0
    source.close()


def test_a_service_that_is_not_there_or_refuses_cannot_tell(bus: str) -> None:
    source = MutterIdle(bus)
    assert source.idle_seconds() is None
    with service(bus, "org.gnome.Mutter.IdleMonitor", lambda method, _: None):
        assert source.idle_seconds() is None
    source.close()


def test_a_bus_that_is_not_there_cannot_tell(tmp_path: Path) -> None:
    assert MutterIdle(f"unix:path={tmp_path}/none").idle_seconds() is None


def test_a_bus_that_comes_back_is_found_again(tmp_path: Path) -> None:
    first, second = tmp_path / "one", tmp_path / "two"
    first.mkdir()
    second.mkdir()
    link = tmp_path / "bus"
    source = MutterIdle(f"unix:path={link}")
    for folder in (first, second):
        with session_bus(folder) as address:
            link.unlink(missing_ok=True)
            link.symlink_to(folder / "bus")
            with service(address, "org.gnome.Mutter.IdleMonitor", lambda method, _: ("t", (1000,))):
                assert 1.0 in (source.idle_seconds(), source.idle_seconds())  # the first may notice the loss
    source.close()
