"""Slots and tickets: the arithmetic that everything else stands on."""

from __future__ import annotations

import math
from collections import deque
from heapq import heappop, heappush

import pytest
from hypothesis import given, settings
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


@pytest.mark.parametrize(("round_trip", "look_ahead"), [(0.0, 0), (0.009, 0), (0.1, 1), (0.5, 2), (2.0, 6), (60.0, 11)])
def test_the_look_ahead_is_what_ends_within_a_round_trip_and_its_square_root_unless_that_is_next_to_nothing(
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


def test_a_network_that_answers_at_once_is_not_starved_by_one_whose_way_is_long_enough_for_a_look_ahead() -> None:
    allocation = Allocation()
    for network, round_trip in (("far", 0.7), ("near", 0.001)):
        allocation.join(network)
        allocation.note_round_trip(network, round_trip)
    allocation.set_slots("m", 3)
    jobs: list[str] = []
    running: deque[int] = deque()
    while len(jobs) < 100:
        while (job := allocation.start_next()) is not None:
            running.append(job)
        wanting = allocation.in_turn(["far", "near"] if len(jobs) > 10 else ["far"])  # one comes later than the other
        ticket, network = next(
            ((ticket, network) for network in wanting if (ticket := allocation.take(network, "m")) is not None), (0, "")
        )
        if ticket:
            allocation.use(network, ticket, len(jobs))
            jobs.append(network)
        else:
            allocation.finish(running.popleft(), seconds=8.0)
    assert 40 <= jobs[20:].count("near") <= 42


def test_a_polled_network_gets_no_ticket_for_a_model_that_nobody_serves() -> None:
    allocation = Allocation()
    allocation.join("horde")
    assert allocation.take("horde", "m") is None


def test_a_ticket_that_stands_by_keeps_nobody_else_from_work_but_counts_for_its_own_network() -> None:
    allocation = Allocation()
    allocation.join("pushed")
    allocation.join("polled")
    allocation.set_slots("m", 2)
    tickets = [allocation.take("pushed", "m") for _ in range(3)]
    assert allocation.granted("polled", "m") == 0
    for ticket in tickets:
        assert ticket is not None
        allocation.stand_by("pushed", ticket)
    assert allocation.granted("polled", "m") == 2, "as many as there are slots count for nothing, the third one does"
    assert allocation.granted("pushed", "m") == 0


def test_a_confined_network_gets_no_ticket_beyond_its_limit_and_keeps_what_it_has() -> None:
    allocation = Allocation()
    allocation.join("rude")
    allocation.set_slots("m", 4)
    fill(allocation, "rude", range(1, 4))
    allocation.confine("rude", 1)
    assert allocation.granted("rude", "m") == 0
    for job in (1, 2, 3):
        assert allocation.start_next() == job
        allocation.finish(job, 1.0)
    assert allocation.granted("rude", "m") == 1
    allocation.confine("rude", 0)
    assert allocation.granted("rude", "m") == 0
    allocation.confine("rude", None)
    assert allocation.granted("rude", "m") > 1


def test_a_network_that_leaves_gets_no_ticket_and_finishes_what_it_has_and_what_still_comes() -> None:
    allocation = queueing("leaving", "staying", slots=1)
    fill(allocation, "leaving", range(1, 2))
    tickets = [allocation.take("leaving", "m") for _ in range(2)]
    assert tickets[0] is not None
    assert tickets[1] is not None
    assert allocation.start_next() == 1
    allocation.leave("leaving")
    assert allocation.granted("leaving", "m") == 0
    allocation.use("leaving", tickets[0], 2)
    allocation.finish(1, 1.0)
    assert allocation.start_next() == 2
    allocation.finish(2, 1.0)
    assert allocation.tickets() == 1
    assert allocation.release("leaving", tickets[1])
    with pytest.raises(KeyError):
        allocation.use("leaving", tickets[1], 3)
    assert (allocation.counts("leaving"), allocation.tickets()) == ((0, 0), 0)


@pytest.mark.parametrize("in_hand", [False, True])
def test_a_network_that_left_may_join_again_and_only_once(in_hand: bool) -> None:
    allocation = queueing("n")
    if in_hand:
        fill(allocation, "n", range(1, 2))
    allocation.leave("n")
    allocation.join("n", queue=3)
    assert allocation.granted("n", "m") == 5 - in_hand
    with pytest.raises(ValueError, match="takes part already"):
        allocation.join("n")


def test_the_next_ticket_goes_to_the_network_whose_work_in_hand_lasts_least() -> None:
    allocation = queueing("full", "empty", slots=1)
    fill(allocation, "full", range(1, 3))
    assert allocation.in_turn(["full", "empty"]) == ["empty", "full"]
    for _ in range(3):
        allocation.take("empty", "m")
    assert allocation.in_turn(["full", "empty"]) == ["full", "empty"]


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


class DeepQueues:
    """Polled networks with more jobs than can be done, each always in line for tickets; time is counted, not waited.

    Attributes:
        used: engine seconds by network. most_in_hand: jobs and tickets at once.
    """

    def __init__(
        self, networks: dict[str, tuple[float, float]], slots: int, own: float | None = None, **round_trips: float
    ) -> None:
        """Args:
        networks: weight and seconds of each job, by name. round_trips: where they are not 0.1 s.
        own: the weight of the owner's own use, with a queue of its own that is as deep; None for none.
        """
        self.allocation = Allocation()
        self.allocation.set_slots("m", slots)
        for name, (weight, _) in networks.items():
            self.allocation.join(name, weight=weight)
            self.allocation.note_round_trip(name, round_trips.get(name, 0.1))
        if own is not None:
            self.allocation.join("own", weight=own, queue=16)
            networks = networks | {"own": (own, 1.0)}
        self.seconds = {name: each for name, (_, each) in networks.items()}
        self.used = dict.fromkeys(networks, 0.0)
        self._round_trips = round_trips
        self._asked = dict.fromkeys(networks, 0.0)
        self._events: list[tuple[float, int, str, int]] = []  # when, which, whose, a ticket or the job that ends
        self._owners: dict[int, str] = {}
        self._numbers = iter(range(1, 1_000_000))
        self._turn(0.0)

    def work(self, until: float) -> None:
        while self._events[0][0] < until:
            now, number, network, ticket = heappop(self._events)
            if ticket:
                self.allocation.use(network, ticket, number)
                self._owners[number] = network
            else:
                self.allocation.finish(number, self.seconds[network])
                self.used[network] += self.seconds[network]
            self._turn(now)

    def _turn(self, now: float) -> None:
        while (job := self.allocation.start_next()) is not None:
            network = self._owners[job]
            heappush(self._events, (now + self.seconds[network], job, network, 0))
        while True:
            for network in self.allocation.in_turn(self.seconds):
                ticket = self.allocation.take(network, "m", self._asked[network])
                if ticket is not None:
                    self._asked[network] = self.allocation.present
                    heappush(
                        self._events, (now + self._round_trips.get(network, 0.1), next(self._numbers), network, ticket)
                    )
                    break
            else:
                return


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


def test_a_network_that_only_stood_by_has_saved_up_no_right_to_the_engine() -> None:
    allocation = queueing("busy", "idle", slots=1)
    ticket = allocation.take("idle", "m")
    assert ticket is not None
    allocation.stand_by("idle", ticket)
    for job in range(1, 101):
        fill(allocation, "busy", range(job, job + 1))
        allocation.start_next()
        allocation.finish(job, 1.0)
    fill(allocation, "busy", range(1000, 1010))
    allocation.use("idle", ticket, 2000)
    fill(allocation, "idle", range(2001, 2010))
    order = []
    for _ in range(10):
        job = allocation.start_next()
        assert job is not None
        order.append(job // 1000)
        allocation.finish(job, 1.0)
    assert 4 <= order.count(1) <= 6


def test_a_new_weight_counts_from_now_on() -> None:
    floor = DeepQueues({"a": (1.0, 1.0), "b": (1.0, 1.0)}, slots=1)
    floor.work(until=500)
    before = dict(floor.used)
    floor.allocation.weigh("a", 4.0)
    floor.work(until=1000)
    assert before["a"] == pytest.approx(before["b"], abs=2)
    assert floor.used["a"] - before["a"] == pytest.approx(400, abs=10)


@given(
    terms=st.lists(st.tuples(st.floats(0.1, 0.9), st.floats(0.5, 4.0)), min_size=2, max_size=4),
    slots=st.integers(1, 4),
)
@settings(max_examples=10)
def test_under_deep_queues_the_shares_of_engine_time_are_those_of_the_weights(
    terms: list[tuple[float, float]], slots: int
) -> None:
    floor = DeepQueues({f"n{place}": term for place, term in enumerate(terms)}, slots)
    floor.work(until=3000 / slots)
    for place, (weight, _) in enumerate(terms):
        wanted = weight / sum(weight for weight, _ in terms)
        assert floor.used[f"n{place}"] / sum(floor.used.values()) == pytest.approx(wanted, rel=0.05, abs=0.01)


@pytest.mark.parametrize("slots", [1, 4])
def test_a_network_far_away_does_not_take_all_places_from_one_that_is_near(slots: int) -> None:
    floor = DeepQueues({"near": (1.0, 1.0), "far": (1.0, 1.0)}, slots, near=0.01, far=0.8)
    floor.work(until=1000 / slots)
    assert floor.used["near"] / sum(floor.used.values()) == pytest.approx(0.5, abs=0.02)


@given(
    terms=st.lists(st.tuples(st.floats(0.5, 2.0), st.floats(0.5, 4.0)), min_size=1, max_size=3),
    slots=st.integers(1, 4),
)
@settings(max_examples=8)
def test_no_network_starves_beside_the_owners_own_use_however_deep_its_queue(
    terms: list[tuple[float, float]], slots: int
) -> None:
    floor = DeepQueues({f"n{place}": term for place, term in enumerate(terms)}, slots, own=8.0)
    floor.work(until=1500 / slots)
    whole = 8.0 + sum(weight for weight, _ in terms)
    for place, (weight, _) in enumerate(terms):
        assert floor.used[f"n{place}"] / sum(floor.used.values()) == pytest.approx(weight / whole, rel=0.1, abs=0.01)


@given(st.one_of(st.floats(max_value=0), st.just(float("inf")), st.just(float("nan"))))
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
        self.owner_of: dict[int, str] = {}
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
        if ticket is None:
            return
        self.tickets.append((network, ticket, model))
        if network != "owner":
            assert self.allocation.running(model) + self.in_hand_for_networks(model) <= self.most_in_hand(model)

    def in_hand_for_networks(self, model: str) -> int:
        tickets = sum(other == model and network != "owner" for network, _, other in self.tickets)
        waiting = sum(self.model_of[job] == model and self.owner_of[job] != "owner" for job in self.waiting)
        return tickets + waiting

    def most_in_hand(self, model: str) -> int:
        """Slots and look-ahead, and tickets that stand by, up to one for each slot."""
        slots = self.slots[model]
        standing = sum(
            other == model and self.allocation.stands_by(network, ticket) for network, ticket, other in self.tickets
        )
        return slots + max(math.ceil(slots / 2), math.ceil(2 * slots + math.sqrt(2 * slots))) + min(slots, standing)

    @precondition(lambda self: self.tickets)
    @rule(which=st.integers(0, 1000))
    def nothing_comes_for_a_ticket(self, which: int) -> None:
        network, ticket, _ = self.tickets[which % len(self.tickets)]
        self.allocation.stand_by(network, ticket)
        assert self.allocation.stands_by(network, ticket)

    @rule(network=st.sampled_from(("a", "b", "owner")), weight=st.floats(0.01, 100))
    def the_owner_or_the_pay_changes_a_weight(self, network: str, weight: float) -> None:
        self.allocation.weigh(network, weight)

    @rule(network=st.sampled_from(("a", "b")), most=st.one_of(st.none(), st.integers(0, 2)))
    def a_network_is_confined(self, network: str, most: int | None) -> None:
        self.allocation.confine(network, most)

    @rule(network=st.sampled_from(("a", "b")))
    def a_network_leaves_and_comes_back(self, network: str) -> None:
        self.allocation.leave(network)
        assert self.allocation.counts(network)[1] == sum(self.owner_of[job] == network for job in self.waiting)
        self.allocation.join(network)

    @precondition(lambda self: self.tickets)
    @rule(which=st.integers(0, 1000), use=st.booleans())
    def end_a_ticket(self, which: int, use: bool) -> None:
        network, ticket, model = self.tickets.pop(which % len(self.tickets))
        if use:
            job = next(self.numbers)
            self.allocation.use(network, ticket, job)
            self.waiting.add(job)
            self.model_of[job] = model
            self.owner_of[job] = network
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
