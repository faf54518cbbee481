"""When an adapter that crashed may try again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from node.membership.parking import CRASHES, FIRST_PARKING, FORGIVEN_AFTER, LONGEST_PARKING, WITHIN, Parking


def crashes(parking: Parking, times: int, at: float) -> tuple[float, bool]:
    for _ in range(times - 1):
        parking.crashed(at)
    return parking.crashed(at)


def test_single_crashes_cost_a_short_pause_that_grows() -> None:
    parking = Parking()
    assert [parking.crashed(float(second)) for second in range(4)] == [
        (1.0, False), (2.0, False), (4.0, False), (8.0, False),
    ]  # fmt: skip


def test_five_crashes_in_ten_minutes_park_for_ten() -> None:
    assert crashes(Parking(), CRASHES, 100.0) == (FIRST_PARKING, True)


def test_crashes_that_are_far_apart_never_park() -> None:
    parking = Parking()
    assert not any(parking.crashed(number * WITHIN)[1] for number in range(1, 20))


def test_each_parking_is_twice_as_long_up_to_two_hours() -> None:
    parking, now, lasted = Parking(), 0.0, []
    for _ in range(7):
        seconds, parked = crashes(parking, CRASHES, now) if not lasted else crashes(parking, CRASHES - 1, now)
        assert parked
        lasted.append(seconds)
        now += 1.0
    assert lasted == [600.0, 1200.0, 2400.0, 4800.0, 7200.0, 7200.0, 7200.0]


def test_a_quiet_hour_makes_the_next_parking_a_short_one() -> None:
    parking = Parking()
    crashes(parking, CRASHES, 0.0)
    crashes(parking, CRASHES, 1.0)
    assert crashes(parking, CRASHES, 2.0 + FORGIVEN_AFTER) == (FIRST_PARKING, True)


@given(st.lists(st.floats(0, 1e5), min_size=1, max_size=60))
def test_a_pause_is_never_nothing_and_never_endless(gaps: list[float]) -> None:
    parking, now = Parking(), 0.0
    for gap in gaps:
        now += gap
        seconds, parked = parking.crashed(now)
        assert 1.0 <= seconds <= LONGEST_PARKING
        assert parked == (seconds >= FIRST_PARKING)
