"""Mixed demand in simulated time: the dispatcher earns more, idles less and misses less than simple rules do."""

from __future__ import annotations

import pytest
from demand_simple import only, round_robin
from demand_stoker import stoker
from demand_town import OWN, Outcome, lived

BUSY_HOURS = (14.25, 15.75)  # in the middle of which one network takes no answers for half an hour


@pytest.fixture(scope="module")
def ours() -> Outcome:
    return lived(stoker, *BUSY_HOURS)


@pytest.mark.parametrize("rule", [only("horde"), only("aipg"), round_robin], ids=["horde", "aipg", "round robin"])
def test_the_dispatcher_does_better_than_a_simple_rule(ours: Outcome, rule: object) -> None:
    simple = lived(rule, *BUSY_HOURS)  # type: ignore[arg-type]
    assert ours.income > simple.income
    assert ours.busy > simple.busy


def test_it_misses_fewer_deadlines_than_both_networks_in_turn(ours: Outcome) -> None:
    assert ours.missed < lived(round_robin, *BUSY_HOURS).missed


def test_little_is_computed_for_a_network_that_takes_no_answers(ours: Outcome) -> None:
    assert ours.wasted < 0.25 * lived(round_robin, *BUSY_HOURS).wasted


def test_the_owners_own_clients_are_served(ours: Outcome) -> None:
    own = ours.tallies[OWN]
    assert own.done > 20
    assert own.late <= 0.02 * own.done
