from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from node.alerts import Changes, Notice
from node.alerts.changes import REPEAT_S
from node.hardware.health import Alarm, Severity

FAN = Alarm("fan GPU-0", Severity.WARNING, "GPU 0", "fan stands still", "the fan is at 0 % at 70 °C", "look", 1e9)
LINK = Alarm("link GPU-0", Severity.WARNING, "GPU 0", "link has lost lanes", "4 lanes", "seat it", 1e9)
SETTLE = 20.0


def told(changes: Changes, start: float, seconds: float, *alarms: Alarm) -> list[Notice]:
    """What is said while exactly these stand, looked at once a second."""
    return [
        notice
        for second in range(int(seconds))
        for notice in changes.update(alarms, start + second, 1e9 + start + second)
    ]


def test_an_alarm_that_lasts_is_told_once_and_its_end_once() -> None:
    changes = Changes("rig", SETTLE)
    begun = told(changes, 0, 1000, FAN)
    over = told(changes, 1000, 1000)
    assert [(notice.begun, notice.alarm.key) for notice in (*begun, *over)] == [(True, FAN.key), (False, FAN.key)]


def test_an_alarm_that_does_not_last_is_not_told() -> None:
    changes = Changes("rig", SETTLE)
    assert told(changes, 0, SETTLE - 1, FAN) + told(changes, SETTLE, 100) == []


def test_a_short_gap_is_not_an_end() -> None:
    changes = Changes("rig", SETTLE)
    notices = told(changes, 0, 60, FAN) + told(changes, 60, SETTLE - 2) + told(changes, 80, 60, FAN)
    assert len(notices) == 1


def test_two_alarms_are_two_messages() -> None:
    notices = told(Changes("rig", SETTLE), 0, 60, FAN, LINK)
    assert {notice.alarm.key for notice in notices} == {FAN.key, LINK.key}


def test_without_settling_it_is_told_at_once() -> None:
    changes = Changes("rig", 0)
    assert len(changes.update([FAN], 0, 1e9)) == 1
    assert len(changes.update([], 1, 1e9)) == 1


def test_the_message_names_node_device_evidence_and_what_to_do() -> None:
    (begun,) = Changes("rig", 0).update([FAN], 0, 1e9)
    assert begun.headline == "rig: GPU 0 fan stands still"
    assert begun.text == "The fan is at 0 % at 70 °C. What to do: look."


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 120)), max_size=60))
def test_messages_begin_and_end_by_turns_and_never_in_a_flood(course: list[tuple[bool, int]]) -> None:
    changes, now, notices = Changes("rig", SETTLE), 0.0, []
    for present, seconds in course:
        for _ in range(seconds):
            notices += [(now, notice.begun) for notice in changes.update([FAN] if present else [], now, 1e9)]
            now += 1
    assert [begun for _, begun in notices] == [turn % 2 == 0 for turn in range(len(notices))]
    beginnings = [at for at, begun in notices if begun]
    assert all(after - before >= REPEAT_S for before, after in pairwise(beginnings))
