"""Slots and tickets: the arithmetic that everything else stands on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from node.dispatcher.allocation import Allocation


def fill(allocation: Allocation, network: str, jobs: range, model: str = "m") -> None:
    for job in jobs:
        ticket = allocation.take(network, model)
        assert ticket is not None
        allocation.use(network, ticket, job)


def queueing(*networks: str, slots: int = 2) -> Allocation:
    allocation = Allocation()
    for network in networks:
        allocation.join(network, queue=100)
    allocation.set_slots("m", slots)
    return allocation


def test_a_network_gets_tickets_for_the_slots_and_half_as_many_again_before_its_round_trip_is_known() -> None:
    allocation = Allocation()
    allocation.join("horde")
    allocation.set_slots("m", 4)
    assert allocation.granted("horde", "m") == 6


@pytest.mark.parametrize(("round_trip", "look_ahead"), [(0.0, 0), (0.5, 2), (2.0, 6), (60.0, 11)])
def test_the_look_ahead_is_what_ends_within_a_round_trip_and_its_square_root(
    round_trip: float, look_ahead: int
) -> None:
    allocation = Allocation()
    allocation.join("horde")
    allocation.set_slots("m", 4)
    fill(allocation, "horde", range(1, 2))
    allocation.start_next()
    allocation.finish(1, seconds=2.0)
    allocation.note_round_trip("horde", round_trip)
    assert allocation.granted("horde", "m") == 4 + look_ahead


def test_polled_networks_share_one_ceiling() -> None:
    allocation = Allocation()
    allocation.join("horde")
    allocation.join("aipg")
    allocation.set_slots("m", 4)
    for _ in range(6):
        assert allocation.take("horde", "m") is not None
    assert allocation.take("aipg", "m") is None


def test_a_polled_network_gets_no_ticket_for_a_model_that_nobody_serves() -> None:
    allocation = Allocation()
    allocation.join("horde")
    assert allocation.take("horde", "m") is None


def test_a_released_ticket_can_be_had_again_and_releases_once() -> None:
    allocation = Allocation()
    allocation.join("horde")
    allocation.set_slots("m", 1)
    tickets = [allocation.take("horde", "m") for _ in range(2)]
    assert allocation.take("horde", "m") is None
    assert tickets[0] is not None
    assert allocation.release("horde", tickets[0])
    assert not allocation.release("horde", tickets[0])
    assert allocation.take("horde", "m") is not None


def test_a_ticket_that_has_ended_cannot_be_used() -> None:
    allocation = queueing("local")
    ticket = allocation.take("local", "m")
    assert ticket is not None
    allocation.release("local", ticket)
    with pytest.raises(KeyError):
        allocation.use("local", ticket, 1)


def test_jobs_of_one_network_start_in_order() -> None:
    allocation = queueing("local", slots=3)
    fill(allocation, "local", range(1, 6))
    assert [allocation.start_next() for _ in range(4)] == [1, 2, 3, None]


def test_a_withdrawn_job_is_passed_over() -> None:
    allocation = queueing("local", slots=1)
    fill(allocation, "local", range(1, 3))
    assert allocation.withdraw(1)
    assert allocation.start_next() == 2
    assert not allocation.withdraw(2)


def test_a_model_without_slots_does_not_hold_up_another() -> None:
    allocation = queueing("local", slots=1)
    fill(allocation, "local", range(1, 2), model="absent")
    fill(allocation, "local", range(2, 3))
    assert allocation.start_next() == 2


def serve(allocation: Allocation, seconds: dict[str, float], turns: int) -> dict[str, float]:
    """Run one slot for so many jobs, both networks always having work; engine seconds by network."""
    used = dict.fromkeys(seconds, 0.0)
    numbers = iter(range(1, 10_000))
    owner: dict[int, str] = {}
    for _ in range(turns):
        for network in seconds:
            while allocation.counts(network)[1] < 2:
                job = next(numbers)
                fill(allocation, network, range(job, job + 1))
                owner[job] = network
        started = allocation.start_next()
        assert started is not None
        allocation.finish(started, seconds[owner[started]])
        used[owner[started]] += seconds[owner[started]]
    return used


def test_networks_of_equal_weight_get_equal_engine_time_though_their_jobs_differ_in_length() -> None:
    used = serve(queueing("short", "long", slots=1), {"short": 0.5, "long": 4.0}, turns=400)
    assert used["short"] == pytest.approx(used["long"], rel=0.1)


def test_weights_share_engine_time_and_nobody_starves() -> None:
    allocation = Allocation()
    allocation.join("dear", weight=3, queue=10)
    allocation.join("cheap", weight=1, queue=10)
    allocation.set_slots("m", 1)
    used = serve(allocation, {"dear": 1.0, "cheap": 1.0}, turns=400)
    assert used["dear"] / used["cheap"] == pytest.approx(3, rel=0.1)


def test_a_network_that_was_away_does_not_take_the_engine_for_itself_when_it_returns() -> None:
    allocation = queueing("busy", "away", slots=1)
    for job in range(1, 101):
        fill(allocation, "busy", range(job, job + 1))
        allocation.start_next()
        allocation.finish(job, 1.0)
    fill(allocation, "busy", range(1000, 1010))
    fill(allocation, "away", range(2000, 2010))
    order = []
    for _ in range(10):
        job = allocation.start_next()
        assert job is not None
        order.append(job // 1000)
        allocation.finish(job, 1.0)
    assert 4 <= order.count(1) <= 6


@given(st.floats(max_value=0, allow_nan=False))
def test_a_weight_is_above_zero(weight: float) -> None:
    with pytest.raises(ValueError, match="weight of"):
        Allocation().join("n", weight=weight)


class AllocationMachine(RuleBasedStateMachine):
    """Random arrivals, ends, withdrawals and engine changes; the invariants hold after each step."""

    def __init__(self) -> None:
        super().__init__()
        self.allocation = Allocation()
        for name in ("a", "b"):
            self.allocation.join(name)
        self.allocation.join("owner", queue=3)
        self.models = ("m", "n")
        self.slots = dict.fromkeys(self.models, 0)
        self.tickets: list[tuple[str, int, str]] = []
        self.waiting: set[int] = set()
        self.running: dict[int, str] = {}
        self.model_of: dict[int, str] = {}
        self.numbers = iter(range(1, 100_000))

    @rule(model=st.sampled_from(("m", "n")), slots=st.integers(0, 5))
    def engine_changes(self, model: str, slots: int) -> None:
        self.slots[model] = slots
        self.allocation.set_slots(model, slots)

    @rule(network=st.sampled_from(("a", "b", "owner")), model=st.sampled_from(("m", "n")))
    def ask_for_a_ticket(self, network: str, model: str) -> None:
        granted = self.allocation.granted(network, model)
        ticket = self.allocation.take(network, model)
        assert (ticket is not None) == (granted > 0)
        if ticket is not None:
            self.tickets.append((network, ticket, model))

    @precondition(lambda self: self.tickets)
    @rule(which=st.integers(0, 1000), use=st.booleans())
    def end_a_ticket(self, which: int, use: bool) -> None:
        network, ticket, model = self.tickets.pop(which % len(self.tickets))
        if use:
            job = next(self.numbers)
            self.allocation.use(network, ticket, job)
            self.waiting.add(job)
            self.model_of[job] = model
        else:
            assert self.allocation.release(network, ticket)

    @rule()
    def start(self) -> None:
        job = self.allocation.start_next()
        if job is None:
            free = {model for model in self.models if self.allocation.running(model) < self.slots[model]}
            assert not any(self.model_of[waiting] in free for waiting in self.waiting)
        else:
            self.waiting.remove(job)
            self.running[job] = self.model_of[job]
            assert self.allocation.running(self.running[job]) <= self.slots[self.running[job]]

    @precondition(lambda self: self.running)
    @rule(which=st.integers(0, 1000), seconds=st.floats(0, 1000))
    def finish(self, which: int, seconds: float) -> None:
        job = sorted(self.running)[which % len(self.running)]
        del self.running[job]
        self.allocation.finish(job, seconds)

    @precondition(lambda self: self.waiting)
    @rule(which=st.integers(0, 1000))
    def withdraw(self, which: int) -> None:
        job = sorted(self.waiting)[which % len(self.waiting)]
        self.waiting.remove(job)
        assert self.allocation.withdraw(job)

    @invariant()
    def counts_agree(self) -> None:
        assert self.allocation.running() == len(self.running)
        sums = [self.allocation.counts(name) for name in ("a", "b", "owner")]
        assert sum(running for running, _ in sums) == len(self.running)
        assert sum(waiting for _, waiting in sums) == len(self.waiting)

    @invariant()
    def tickets_never_exceed_what_may_be_in_hand(self) -> None:
        for network in ("a", "b", "owner"):
            for model in self.models:
                assert self.allocation.granted(network, model) >= 0


TestAllocationMachine = AllocationMachine.TestCase
