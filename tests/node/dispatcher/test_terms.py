"""Pay and conduct become weights and limits; the owner's own use stands above both."""

from __future__ import annotations

import pytest

from node.dispatcher.allocation import Allocation
from node.dispatcher.probation import PARKED_AT, SLOWED_AT, End, Verdict
from node.dispatcher.terms import Terms
from node.jobs import JobState
from wallet.money import Amount, Asset

USD = Asset("USDC", 6)
KUDOS = Asset("kudos", 2)
DONE = End(JobState.DONE, whole=True)


class Floor:
    """One slot and three parties that each have a job waiting."""

    def __init__(self) -> None:
        self.allocation = Allocation()
        self.allocation.set_slots("m", 1)
        self.terms = Terms(self.allocation, lambda amount: amount.units if amount.asset == USD else None)
        for place, network in enumerate(("local", "dear", "cheap")):
            self.allocation.join(network, queue=10)
            self.terms.join(network, 1.0, own=network == "local")
            ticket = self.allocation.take(network, "m")
            assert ticket is not None
            self.allocation.use(network, ticket, place)

    def done(self, network: str, micro: int, asset: Asset = USD, jobs: int = 5) -> None:
        for _ in range(jobs):
            self.terms.ended(network, DONE, 1.0, Amount(micro, asset), 0.0)

    def shares(self, now: float = 0.0) -> dict[str, float]:
        self.terms.review(now, {})
        weights = {name: party.weight for name, party in self.allocation._parties.items()}
        return {name: weight / sum(weights.values()) for name, weight in weights.items()}


def test_the_owners_own_use_is_served_ahead_and_starves_nobody() -> None:
    assert Floor().shares() == pytest.approx({"local": 0.8, "dear": 0.1, "cheap": 0.1})


def test_networks_share_what_the_owner_leaves_by_what_they_pay() -> None:
    floor = Floor()
    floor.done("dear", 3000)
    floor.done("cheap", 1000)
    floor.allocation.leave("local")
    floor.allocation.withdraw(0)
    floor.terms.leave("local")
    assert floor.shares() == pytest.approx({"dear": 0.75, "cheap": 0.25})


def test_a_network_that_pays_nothing_is_not_starved() -> None:
    floor = Floor()
    floor.done("dear", 3000)
    floor.done("cheap", 0)
    for job in range(3):
        floor.allocation.withdraw(job)
    alone = floor.shares(now=1000.0)
    assert alone["cheap"] == pytest.approx(0.1 / 10.1), "beside the owner's 8 and the other's 2"


def test_an_asset_without_a_price_brings_no_pay() -> None:
    floor = Floor()
    floor.done("dear", 3000, KUDOS, jobs=50)
    assert floor.terms.pay("dear") is None


def test_pay_is_told_as_it_was_measured() -> None:
    floor = Floor()
    floor.done("dear", 3000)
    assert floor.terms.pay("dear") == pytest.approx(3000, rel=0.01)


def test_a_network_without_work_takes_nothing_from_those_that_have_some() -> None:
    floor = Floor()
    floor.done("dear", 3000)
    floor.done("cheap", 1000)
    floor.allocation.withdraw(0)
    floor.shares(now=0.0)
    late = floor.shares(now=1000.0)
    assert late["dear"] / late["cheap"] == pytest.approx(3)


def test_the_owner_may_weigh_a_network_and_their_own_use() -> None:
    floor = Floor()
    floor.terms.weigh("dear", 3.0)
    floor.terms.weigh("local", 0.5)
    assert floor.shares() == pytest.approx({"local": 0.5, "dear": 0.375, "cheap": 0.125})


def bad(floor: Floor, network: str, times: int) -> None:
    for _ in range(times):
        floor.terms.ended(network, End(JobState.CANCELLED), 0.1, None, 0.0)
    floor.terms.review(0.0, {})


def test_a_network_that_misbehaves_gets_one_job_at_a_time_and_then_none_and_no_other_notices() -> None:
    floor = Floor()
    before = floor.allocation.granted("cheap", "m")
    bad(floor, "dear", SLOWED_AT)
    assert floor.allocation.granted("dear", "m") == 0, "it has one in hand"
    floor.allocation.withdraw(1)
    assert floor.allocation.granted("dear", "m") == 1
    bad(floor, "dear", PARKED_AT - SLOWED_AT)
    assert floor.allocation.granted("dear", "m") == 0
    assert floor.terms.conduct("dear", 0.0).verdict is Verdict.PARKED
    assert floor.allocation.granted("cheap", "m") == before
    floor.terms.review(3600.0, {})
    assert floor.allocation.granted("dear", "m") > 1


def test_clients_of_the_owners_own_that_hang_up_are_never_held_against_them() -> None:
    floor = Floor()
    before = floor.allocation.granted("local", "m")
    bad(floor, "local", 100)
    assert floor.terms.conduct("local", 0.0).verdict is Verdict.GOOD
    assert floor.allocation.granted("local", "m") == before


def test_a_network_that_takes_no_delivery_gets_nothing_more_to_compute() -> None:
    floor = Floor()
    floor.terms.review(0.0, {"dear": 32})
    assert floor.allocation.granted("dear", "m") == 0
    conduct = floor.terms.conduct("dear", 0.0)
    assert (conduct.verdict, conduct.reason) == (Verdict.SLOWED, "it has 32 finished answers yet to take")
    floor.terms.review(0.0, {"dear": 3})
    assert floor.allocation.granted("dear", "m") > 0


def test_a_network_that_comes_back_has_a_clean_record() -> None:
    floor = Floor()
    floor.done("dear", 3000)
    bad(floor, "dear", PARKED_AT)
    floor.terms.leave("dear")
    floor.terms.join("dear", 1.0, own=False)
    assert floor.terms.conduct("dear", 0.0).verdict is Verdict.GOOD
    assert floor.terms.pay("dear") is None
