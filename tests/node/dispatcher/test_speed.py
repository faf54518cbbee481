"""Speeds are measured on the jobs themselves, and nothing is said before something was measured."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.dispatcher.speed import Speeds, Throughput, hopeless
from node.jobs import GenerationRequest, Job, Usage


def test_nothing_is_known_before_the_first_job() -> None:
    assert Speeds().seconds("m", 100, 100) is None


def test_a_job_teaches_the_speed_of_reading_and_of_writing() -> None:
    speeds = Speeds()
    speeds.note("m", Usage(prompt_tokens=100, completion_tokens=41), reading=2.0, writing=4.0)
    assert speeds.seconds("m", 50, 20) == pytest.approx(50 / 50 + 20 / 10)


def test_models_do_not_teach_each_other() -> None:
    speeds = Speeds()
    speeds.note("m", Usage(100, 41), 2.0, 4.0)
    assert speeds.seconds("other", 50, 20) is None


@pytest.mark.parametrize(
    ("usage", "reading", "writing"), [(Usage(100, 7), 1.0, 1.0), (Usage(100, 50), 1.0, 0.0), (Usage(7, 0), 1.0, 0.0)]
)
def test_answers_too_short_to_measure_teach_nothing(usage: Usage, reading: float, writing: float) -> None:
    speeds = Speeds()
    speeds.note("m", usage, reading, writing)
    assert speeds.seconds("m", 10, 10) is None


def test_a_short_prompt_leaves_reading_out_of_the_estimate() -> None:
    speeds = Speeds()
    speeds.note("m", Usage(1, 11), reading=1.0, writing=1.0)
    assert speeds.seconds("m", 1000, 10) == pytest.approx(1.0)


@given(st.lists(st.floats(0.1, 1000), min_size=1, max_size=50))
def test_the_estimate_stays_between_the_slowest_and_the_fastest_job(rates: list[float]) -> None:
    speeds = Speeds()
    for rate in rates:
        speeds.note("m", Usage(0, 101), 0.0, 100 / rate)
    estimate = speeds.seconds("m", 0, 1)
    assert estimate is not None
    assert 1 / max(rates) * 0.999 <= estimate <= 1 / min(rates) * 1.001


def test_recent_jobs_weigh_more_than_old_ones() -> None:
    speeds = Speeds()
    for rate in (10.0, *[20.0] * 20):
        speeds.note("m", Usage(0, 101), 0.0, 100 / rate)
    assert speeds.seconds("m", 0, 20) == pytest.approx(1.0, rel=0.02)


def test_throughput_counts_all_streams_over_the_last_seconds() -> None:
    throughput = Throughput()
    for tenth in range(100):
        throughput.note(tenth / 10, 3)
        throughput.note(tenth / 10, 2)
    assert throughput.rate(9.9) == pytest.approx(50, rel=0.05)


def test_throughput_falls_to_nothing_when_nothing_comes() -> None:
    throughput = Throughput()
    throughput.note(100.0, 500)
    assert throughput.rate(100.0) == 500.0
    assert throughput.rate(104.0) == 125.0
    assert throughput.rate(106.0) == 0.0


@given(st.lists(st.tuples(st.floats(0, 3), st.integers(1, 50)), max_size=60))
def test_throughput_is_never_negative_nor_more_than_all_that_came(steps: list[tuple[float, int]]) -> None:
    throughput, now, total = Throughput(), 0.0, 0
    for wait, tokens in steps:
        now += wait
        throughput.note(now, tokens)
        total += tokens
        assert 0 < throughput.rate(now) <= total
    assert throughput.rate(now + 6) == 0.0


def job(*, seconds: float | None, tokens: int | None, least: int | None = None) -> Job:
    return Job("j", "n", GenerationRequest("m", prompt="p", max_tokens=tokens), deadline=seconds, least_tokens=least)


@pytest.mark.parametrize(
    ("seconds", "tokens", "least", "late"),
    [
        (9.9, 100, None, True),
        (10.1, 100, None, False),
        (2.1, 100, 20, False),
        (1.9, 100, 20, True),
        (None, 100, None, False),
        (0.1, None, None, False),
    ],
)
def test_a_job_is_hopeless_once_the_shortest_answer_that_will_do_takes_longer_than_is_left(
    seconds: float | None, tokens: int | None, least: int | None, late: bool
) -> None:
    speeds = Speeds()
    speeds.note("m", Usage(0, 101), reading=0.0, writing=10.0)
    assert hopeless(job(seconds=seconds, tokens=tokens, least=least), speeds, now=0.0) is late


def test_who_asks_for_far_more_than_answers_need_is_taken_to_get_twice_the_usual_answer() -> None:
    speeds = Speeds()
    speeds.note("m", Usage(0, 101), reading=0.0, writing=10.0)
    assert not hopeless(job(seconds=20.3, tokens=32768), speeds, now=0.0)
    assert hopeless(job(seconds=20.1, tokens=32768), speeds, now=0.0)


def test_nothing_is_hopeless_before_the_speed_is_known() -> None:
    assert not hopeless(job(seconds=0.1, tokens=4096), Speeds(), now=0.0)
