"""A network that wastes the engine's time is slowed, then parked with a reason, and heals by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.dispatcher.probation import (
    FIRST_REST,
    LONGEST_REST,
    PARKED_AT,
    QUIET_SECONDS,
    SLOWED_AT,
    End,
    Fault,
    Probation,
    Verdict,
    fault_of,
)
from node.engines.base import EngineFault
from node.jobs import FINAL_STATES, JobState

DONE = End(JobState.DONE, whole=True)
BAD = End(JobState.EXPIRED)


def noted(*endings: End, probation: Probation | None = None, now: float = 0.0) -> Probation:
    probation = probation or Probation()
    for ending in endings:
        probation.note("n", replace(ending, accepted_at=now), now)
    return probation


@pytest.mark.parametrize(
    ("ending", "fault"),
    [
        (DONE, None),
        (End(JobState.EXPIRED), Fault.LATE),
        (End(JobState.EXPIRED, whole=True), Fault.UNDELIVERED),
        (End(JobState.FAILED, whole=True), Fault.UNDELIVERED),
        (End(JobState.CANCELLED), Fault.DROPPED),
        (End(JobState.RETURNED), Fault.DROPPED),
        (End(JobState.FAILED), Fault.DROPPED),
        (End(JobState.FAILED, fault=EngineFault.BAD_REQUEST), Fault.NONSENSE),
        (End(JobState.RETURNED, recalled=True, hopeless=True), Fault.LATE),
    ],
)
def test_how_a_job_ended_says_what_its_network_did_wrong(ending: End, fault: Fault | None) -> None:
    assert fault_of(ending) is fault


@pytest.mark.parametrize("fault", [EngineFault.CRASHED, EngineFault.UNAVAILABLE, EngineFault.UNKNOWN_MODEL])
def test_what_the_engine_did_wrong_is_no_fault_of_the_network(fault: EngineFault) -> None:
    assert fault_of(End(JobState.FAILED, fault=fault)) is None


@pytest.mark.parametrize("state", sorted(FINAL_STATES))
def test_what_the_node_ended_by_itself_is_no_fault_of_the_network(state: JobState) -> None:
    assert fault_of(End(state, recalled=True)) is None


def test_a_network_is_good_until_there_is_reason_to_think_otherwise() -> None:
    assert Probation().conduct("n", 0.0).verdict is Verdict.GOOD
    assert noted(*[BAD] * (SLOWED_AT - 1)).conduct("n", 0.0).verdict is Verdict.GOOD


def test_faults_slow_a_network_and_more_of_them_park_it_and_the_reason_says_why() -> None:
    probation = noted(*[BAD] * SLOWED_AT)
    assert probation.conduct("n", 0.0).verdict is Verdict.SLOWED
    noted(*[End(JobState.CANCELLED)] * (PARKED_AT - SLOWED_AT), probation=probation)
    conduct = probation.conduct("n", 0.0)
    assert (conduct.verdict, conduct.until) == (Verdict.PARKED, FIRST_REST)
    assert conduct.reason == "it set deadlines that cannot be met here (4) and dropped jobs that were in hand (4)"


def test_a_network_with_more_good_jobs_than_bad_ones_stays_good() -> None:
    probation = Probation()
    for _ in range(100):
        noted(DONE, BAD, DONE, probation=probation)
        assert probation.conduct("n", 0.0).verdict is Verdict.GOOD


def test_of_jobs_that_were_in_hand_together_and_failed_together_only_a_few_count() -> None:
    probation = Probation()
    for place in range(50):
        probation.note("n", End(JobState.RETURNED, accepted_at=0.0), 10.0 + place / 100)
    assert probation.conduct("n", 10.5).verdict is Verdict.GOOD
    noted(BAD, probation=probation, now=11.0)
    assert probation.conduct("n", 11.0).verdict is Verdict.SLOWED


def test_a_network_that_never_takes_an_answer_is_parked_after_a_few_rounds() -> None:
    probation, now = Probation(), 0.0
    while probation.conduct("n", now).verdict is not Verdict.PARKED:
        for place in range(6):
            probation.note("n", End(JobState.EXPIRED, whole=True, accepted_at=now), now + 150 + place)
        now += 160
    assert now < 900
    assert "did not take finished answers" in probation.conduct("n", now).reason


def test_one_network_is_judged_without_the_others() -> None:
    probation = noted(*[BAD] * PARKED_AT)
    assert probation.conduct("other", 0.0).verdict is Verdict.GOOD


def test_after_its_rest_a_network_is_on_probation_and_good_work_clears_it() -> None:
    probation = noted(*[BAD] * PARKED_AT)
    assert probation.conduct("n", FIRST_REST - 0.1).verdict is Verdict.PARKED
    assert probation.conduct("n", FIRST_REST).verdict is Verdict.SLOWED
    noted(DONE, probation=probation, now=FIRST_REST)
    assert probation.conduct("n", FIRST_REST).verdict is Verdict.GOOD


def test_quiet_heals_as_well() -> None:
    probation = noted(*[BAD] * SLOWED_AT)
    assert probation.conduct("n", QUIET_SECONDS * 0.9).verdict is Verdict.SLOWED
    assert probation.conduct("n", QUIET_SECONDS).verdict is Verdict.GOOD
    assert probation.conduct("n", QUIET_SECONDS * SLOWED_AT).reason == ""


def test_each_rest_is_twice_as_long_up_to_an_hour_and_an_hour_without_one_forgets_them() -> None:
    probation, now, rests = Probation(), 0.0, []
    for _ in range(8):
        noted(*[BAD] * PARKED_AT, probation=probation, now=now)
        until = probation.conduct("n", now).until
        assert until is not None
        rests.append(until - now)
        now = until
    assert rests == [60, 120, 240, 480, 960, 1920, LONGEST_REST, LONGEST_REST]
    later = now + 2 * LONGEST_REST
    noted(*[BAD] * PARKED_AT, probation=probation, now=later)
    assert probation.conduct("n", later).until == later + FIRST_REST


def test_jobs_that_end_during_a_rest_do_not_prolong_it() -> None:
    probation = noted(*[BAD] * PARKED_AT)
    noted(*[BAD] * 5, probation=probation, now=FIRST_REST / 2)
    assert probation.conduct("n", FIRST_REST / 2).until == FIRST_REST


@given(st.lists(st.tuples(st.sampled_from([DONE, BAD]), st.floats(0, 600)), max_size=80))
def test_whatever_happened_a_network_left_alone_is_good_again(story: list[tuple[End, float]]) -> None:
    probation, now = Probation(), 0.0
    for ending, wait in story:
        now += wait
        noted(ending, probation=probation, now=now)
        conduct = probation.conduct("n", now)
        assert bool(conduct.reason) == (conduct.verdict is not Verdict.GOOD)
        assert conduct.until is None or now < conduct.until <= now + LONGEST_REST
    assert probation.conduct("n", now + LONGEST_REST + SLOWED_AT * QUIET_SECONDS).verdict is Verdict.GOOD
