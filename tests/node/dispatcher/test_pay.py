"""What networks pay, and the weights that follow: proportional, with a floor, and calm."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.dispatcher.pay import DWELL, EVIDENCE, FLOOR, Pay, shares


def earned(pay: Pay, network: str, rate: int, jobs: int = EVIDENCE, seconds: float = 10.0) -> None:
    for _ in range(jobs):
        pay.note(network, seconds, round(rate * seconds))


def test_pay_is_what_jobs_brought_for_each_second_of_the_engine() -> None:
    pay = Pay()
    for seconds, micro in [(2.0, 100), (8.0, 400), (1.0, 50), (4.0, 200), (5.0, 250)]:
        pay.note("n", seconds, micro)
    assert pay.measured("n") == pytest.approx(50, rel=0.01)


def test_nothing_is_said_about_a_network_before_a_few_of_its_jobs_were_rewarded() -> None:
    pay = Pay()
    earned(pay, "n", 50, jobs=EVIDENCE - 1)
    pay.note("n", 10.0, None)
    assert pay.measured("n") is None
    earned(pay, "n", 50, jobs=1)
    assert pay.measured("n") is not None


def test_jobs_that_came_to_nothing_cost_their_network_part_of_its_pay() -> None:
    pay = Pay()
    for _ in range(EVIDENCE):
        pay.note("n", 1.0, 100)
        pay.note("n", 1.0, None)
    assert pay.measured("n") == pytest.approx(50, rel=0.01)


def test_old_jobs_count_less_and_less() -> None:
    pay = Pay()
    earned(pay, "n", 10, jobs=100)
    earned(pay, "n", 90, jobs=300)
    assert pay.measured("n") == pytest.approx(90, rel=0.02)


def test_weights_are_in_proportion_to_pay() -> None:
    pay = Pay()
    earned(pay, "dear", 300)
    earned(pay, "cheap", 100)
    weights = pay.weights({"dear": 1.0, "cheap": 1.0}, now=0.0)
    assert weights["dear"] / weights["cheap"] == pytest.approx(3)


def test_a_network_without_a_price_counts_as_one_that_pays_the_mean() -> None:
    pay = Pay()
    earned(pay, "dear", 300)
    earned(pay, "cheap", 100)
    weights = pay.weights({"dear": 1.0, "cheap": 1.0, "kudos": 1.0, "favourite": 3.0}, now=0.0)
    assert weights == pytest.approx({"dear": 1.5, "cheap": 0.5, "kudos": 1.0, "favourite": 3.0})


def test_the_owners_weight_is_multiplied_on_top() -> None:
    pay = Pay()
    earned(pay, "a", 100)
    earned(pay, "b", 100)
    assert pay.weights({"a": 2.0, "b": 1.0}, now=0.0) == pytest.approx({"a": 2.0, "b": 1.0})


def test_a_network_that_pays_nothing_keeps_a_weight() -> None:
    pay = Pay()
    earned(pay, "a", 100)
    earned(pay, "b", 0)
    assert pay.weights({"a": 1.0, "b": 1.0}, now=0.0) == pytest.approx({"a": 2.0, "b": 0.1})


@pytest.mark.parametrize("rate", [0, None])
def test_where_nobody_pays_the_owners_weights_decide(rate: int | None) -> None:
    pay = Pay()
    if rate is not None:
        earned(pay, "a", rate)
    assert pay.weights({"a": 2.0, "b": 1.0}, now=0.0) == {"a": 2.0, "b": 1.0}


def ratio(pay: Pay, now: float) -> float:
    weights = pay.weights({"a": 1.0, "b": 1.0}, now)
    return weights["a"] / weights["b"]


def settled(a: int = 100, b: int = 100) -> Pay:
    pay = Pay()
    earned(pay, "a", a)
    earned(pay, "b", b)
    assert ratio(pay, 0.0) == pytest.approx(a / b)
    return pay


def test_a_much_better_pay_moves_the_weights_once_the_dwell_is_over() -> None:
    pay = settled()
    earned(pay, "a", 200, jobs=500)
    assert ratio(pay, DWELL - 1) == pytest.approx(1.0)
    assert ratio(pay, DWELL) == pytest.approx(2.0, rel=0.01)


def test_a_little_better_pay_moves_the_weights_a_quarter_of_the_way() -> None:
    pay = settled()
    earned(pay, "a", 110, jobs=500)
    assert ratio(pay, DWELL) == pytest.approx(1.025, rel=0.001)
    assert ratio(pay, 2 * DWELL) == pytest.approx(1.044, rel=0.001)


def test_a_network_that_is_new_gets_its_weight_at_once_and_moves_no_other() -> None:
    pay = settled()
    earned(pay, "a", 500, jobs=500)
    earned(pay, "new", 100)
    weights = pay.weights({"a": 1.0, "b": 1.0, "new": 1.0}, now=10.0)
    assert weights == pytest.approx({"a": 1.0, "b": 1.0, "new": 1.0})


@given(st.lists(st.floats(0.8, 1.2), min_size=20, max_size=60))
def test_chance_does_not_drive_the_weights_to_and_fro(noise: list[float]) -> None:
    """However pay swings within the threshold, a weight never leaves the band in which pay itself swings, and moves at
    most a quarter of the way in five minutes."""
    pay = settled(a=500)
    before = ratio(pay, 0.0)
    for turn, factor in enumerate(noise, start=1):
        for _ in range(3):
            pay.note("a", 10.0, round(5000 * factor))
        now = ratio(pay, turn * DWELL)
        assert 0.75 * 5 < now < 1.25 * 5
        assert abs(now - before) <= 0.2 * before
        before = now


def test_forgetting_a_network_forgets_its_pay() -> None:
    pay = settled(a=300)
    pay.forget("a")
    assert pay.measured("a") is None
    assert pay.weights({"a": 1.0, "b": 1.0}, now=DWELL) == pytest.approx({"a": 1.0, "b": 1.0})


def test_shares_are_in_proportion_where_nobody_is_below_the_floor() -> None:
    assert shares({"a": 3.0, "b": 1.0}) == pytest.approx({"a": 0.75, "b": 0.25})


def test_nobody_starves_beside_one_that_pays_far_better() -> None:
    assert shares({"a": 1000.0, "b": 1.0, "c": 0.0}) == pytest.approx({"a": 0.8, "b": 0.1, "c": 0.1})


def test_among_very_many_the_floor_takes_half_at_most() -> None:
    many = shares({"a": 1000.0} | {f"n{place}": 0.01 for place in range(19)})
    assert many["a"] == pytest.approx(0.525, rel=0.01)
    assert many["n0"] == pytest.approx(0.025)


WEIGHTS = st.dictionaries(st.text(max_size=3), st.floats(0, 1e9), min_size=1, max_size=12).filter(
    lambda weights: sum(weights.values()) > 1e-6
)


@given(WEIGHTS)
def test_shares_add_up_to_the_whole_keep_the_floor_and_the_order(weights: dict[str, float]) -> None:
    parts = shares(weights)
    assert sum(parts.values()) == pytest.approx(1.0)
    assert min(parts.values()) >= min(FLOOR, 0.5 / len(weights)) * 0.999
    by_weight = sorted(weights, key=lambda name: weights[name])
    assert [parts[name] for name in by_weight] == pytest.approx(sorted(parts.values()))
