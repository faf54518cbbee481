"""The meter's energy is split evenly among the jobs that run; where the meter is silent, nothing is claimed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from node.dispatcher.energy import EnergyShares


def test_a_job_alone_gets_what_the_meter_counted_while_it_ran() -> None:
    shares = EnergyShares()
    shares.begin(1, 1000)
    assert shares.end(1, 1700) == 700


def test_jobs_that_run_together_share_evenly() -> None:
    shares = EnergyShares()
    shares.begin(1, 0)
    shares.begin(2, 100)
    assert shares.end(1, 300) == 100 + 100
    assert shares.end(2, 350) == 100 + 50


def test_what_the_machine_used_between_jobs_belongs_to_nobody() -> None:
    shares = EnergyShares()
    shares.begin(1, 0)
    assert shares.end(1, 10) == 10
    shares.begin(2, 5000)
    assert shares.end(2, 5010) == 10


def test_without_a_meter_no_share_is_claimed() -> None:
    shares = EnergyShares()
    shares.begin(1, None)
    assert shares.end(1, None) is None


def test_a_meter_that_was_silent_for_a_moment_leaves_the_jobs_of_that_moment_unknown() -> None:
    shares = EnergyShares()
    shares.begin(1, 0)
    shares.begin(2, None)
    shares.begin(3, 100)
    assert shares.end(1, 130) is None
    assert shares.end(2, 150) is None
    assert shares.end(3, 160) == 10 + 10 + 10


def test_a_meter_that_starts_again_takes_nothing_away() -> None:
    shares = EnergyShares()
    shares.begin(1, 1000)
    shares.begin(2, 1100)
    assert shares.end(1, 50) == 100
    assert shares.end(2, 60) == 10


def test_a_job_that_is_not_known_has_no_share() -> None:
    assert EnergyShares().end(7, 100) is None


def test_a_running_job_knows_its_share_as_of_the_last_change() -> None:
    shares = EnergyShares()
    shares.begin(1, 0)
    shares.begin(2, 80)
    assert shares.so_far(1) == 80
    assert shares.so_far(2) == 0


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 10_000)), max_size=60))
def test_no_energy_is_invented_and_none_is_counted_twice(steps: list[tuple[int, int]]) -> None:
    shares, running, meter, claimed, used = EnergyShares(), set[int](), 0, 0, 0
    for job, spent in steps:
        meter += spent
        used += spent if running else 0
        if job in running:
            running.discard(job)
            claimed += shares.end(job, meter) or 0
        else:
            running.add(job)
            shares.begin(job, meter)
    claimed += sum(shares.end(job, meter) or 0 for job in running)
    assert abs(claimed - used) <= len(steps)
