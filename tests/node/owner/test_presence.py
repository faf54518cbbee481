"""Whoever can tell how long the owner has been quiet is believed, in order; reports of attached programs count too."""

from __future__ import annotations

import threading

from hand_clock import HandClock
from patience import PATIENCE

from node.owner.presence import REPORT_SECONDS, Presence


class Said:
    """A source that says what the test wants."""

    def __init__(self, name: str, idle: float | None) -> None:
        self.name = name
        self.idle = idle
        self.closed = threading.Event()

    def idle_seconds(self) -> float | None:
        return self.idle

    def close(self) -> None:
        self.closed.set()


def test_nobody_to_ask_cannot_tell() -> None:
    presence = Presence([], HandClock())
    presence.start()
    assert presence.quiet() is None
    presence.stop()


def test_the_first_source_that_answers_is_believed_and_the_time_goes_on() -> None:
    clock = HandClock(1000)
    presence = Presence([Said("GNOME", None), Said("logind", 5.0)], clock)
    presence._ask()
    clock.now = 1010
    assert (presence.source, presence.quiet()) == ("logind", 15.0)


def test_a_source_that_falls_silent_is_no_longer_believed() -> None:
    source = Said("GNOME", 5.0)
    presence = Presence([source], HandClock())
    presence._ask()
    source.idle = None
    presence._ask()
    assert presence.quiet() is None


def test_the_return_of_the_owner_wakes_whoever_waits_once() -> None:
    clock, woken = HandClock(1000), []
    source = Said("GNOME", 500.0)
    presence = Presence([source], clock, lambda: woken.append(clock.now))
    for now, idle in ((1000, 500), (1001, 501), (1002, 0.1), (1002.25, 0.1), (1002.5, 0.3)):
        clock.now, source.idle = now, idle
        presence._ask()
    assert woken == [1000, 1002]


def test_a_report_counts_and_the_latest_touch_wins() -> None:
    clock = HandClock(1000)
    presence = Presence([Said("GNOME", 300.0)], clock)
    presence._ask()
    presence.report(20)
    clock.now = 1005
    assert presence.quiet() == 25


def test_an_old_report_is_forgotten() -> None:
    clock = HandClock(1000)
    presence = Presence([], clock)
    presence.report(0)
    clock.now = 1000 + REPORT_SECONDS
    assert presence.quiet() is None


def test_the_thread_asks_by_itself_and_lets_go_at_the_end() -> None:
    woken = threading.Event()
    source = Said("GNOME", 0.0)
    presence = Presence([source], HandClock(), woken.set)
    presence.start()
    assert woken.wait(PATIENCE)
    presence.stop()
    assert source.closed.wait(PATIENCE)
