"""From what the node knows to metrics. Pure. Nothing of a prompt, an answer, a key or a client's name is among them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal

from node.control.wire import EngineView, QueueView, Severity, Snapshot, StateWord
from node.energy.account import Consumption
from node.engines.base import EngineStatus
from node.ledger.sums import Earned, Takings
from node.metrics.books import Booked
from node.metrics.devices import gpu_families, host_families
from node.metrics.exposition import Family, Sample, Value


def families(snapshot: Snapshot, books: Booked, used: Consumption, currency: str) -> Iterator[Family]:
    """Every metric of a node.

    Args:
        used: what the machine has taken since the node began. currency: of the costs.
    """
    yield from _node(snapshot)
    yield from _work(snapshot)
    yield from _booked(books)
    yield from _power(snapshot, used, currency)
    if snapshot.hardware is not None:
        yield from gpu_families(snapshot.hardware.gpus)
        yield from host_families(snapshot.hardware.host)


def _node(snapshot: Snapshot) -> Iterator[Family]:
    node, state = snapshot.node, snapshot.state
    named = {"name": node.name, "version": node.version, "identity": node.identity}
    yield Family("stoker_info", "gauge", "Which node this is; always 1.", (Sample(1, named),))
    yield _gauge("stoker_start_time_seconds", "When the node began, Unix seconds.", node.started_at)
    words = tuple(Sample(int(word is state.word), {"word": word.value}) for word in StateWord)
    yield Family("stoker_state", "gauge", "1 for the state word that the node is in, 0 for the others.", words)
    yield _gauge("stoker_state_since_seconds", "Since when it is in it, Unix seconds.", state.since_at or None)
    lag = None if node.loop_lag_p99_ms is None else node.loop_lag_p99_ms / 1000
    yield _gauge("stoker_event_loop_lag_p99_seconds", "By how much timers of the node come late.", lag)
    count = Counter(alarm.severity for alarm in snapshot.alarms)
    alarms = tuple(Sample(count[severity], {"severity": severity.value}) for severity in Severity)
    yield Family("stoker_alarms", "gauge", "What is wrong with the machine now.", alarms)


def _work(snapshot: Snapshot) -> Iterator[Family]:
    yield _gauge("stoker_slots", "Jobs that can compute at once.", snapshot.slots)
    yield _gauge("stoker_slots_busy", "Jobs that compute now.", snapshot.busy)
    yield _gauge("stoker_slots_busy_ratio", "Share of slot time in use, last five minutes.", snapshot.busy_pct / 100)
    yield _gauge("stoker_tokens_per_second", "All streams together, last seconds.", snapshot.tokens_per_second)
    yield from _queues(snapshot.queues)
    yield from _engines(snapshot.engines)


def _queues(queues: Iterable[QueueView]) -> Iterator[Family]:
    held = [
        Sample(count, {"network": queue.network, "state": state})
        for queue in queues
        for state, count in (("running", queue.running), ("waiting", queue.waiting))
    ]
    yield Family("stoker_jobs_in_hand", "gauge", "Jobs that were taken and have not ended.", tuple(held))
    connected = tuple(Sample(int(queue.connected), {"network": queue.network}) for queue in queues)
    yield Family("stoker_network_connected", "gauge", "1 while the network can be reached.", connected)
    depths = tuple(Sample(queue.depth, {"network": queue.network}) for queue in queues if queue.depth is not None)
    yield Family("stoker_network_queue_jobs", "gauge", "Jobs that wait at the network, if it says.", depths)


def _engines(engines: Iterable[EngineView]) -> Iterator[Family]:
    ready = tuple(Sample(int(each.status == EngineStatus.READY), {"engine": each.name}) for each in engines)
    yield Family("stoker_engine_ready", "gauge", "1 while the engine can compute.", ready)
    restarts = tuple(Sample(each.restarts, {"engine": each.name}) for each in engines)
    yield Family("stoker_engine_restarts_total", "counter", "How often it had to be started again.", restarts)


def _booked(books: Booked) -> Iterator[Family]:
    """What was done and earned since the books began."""
    yield _gauge("stoker_ledger_entries", "Entries in the ledger; the number of its head.", books.entries)
    states = ("done", "failed", "cancelled", "expired", "returned")
    yield Family(
        "stoker_jobs_total",
        "counter",
        "Jobs that ended, by how.",
        tuple(_each(books.networks, "state", lambda one: {state: getattr(one.totals, state) for state in states})),
    )
    yield Family(
        "stoker_tokens_total",
        "counter",
        "Tokens read (prompt) and written (completion).",
        tuple(
            _each(
                books.networks,
                "kind",
                lambda one: {"prompt": one.totals.prompt_tokens, "completion": one.totals.completion_tokens},
            )
        ),
    )
    seconds = tuple(Sample(one.totals.compute_us / 1e6, {"network": one.key}) for one in books.networks)
    yield Family("stoker_compute_seconds_total", "counter", "Slot time that jobs took.", seconds)
    joules = tuple(
        Sample(one.totals.energy_mj / 1000, {"network": one.key})
        for one in books.networks
        if one.totals.energy_mj is not None
    )
    yield Family("stoker_job_energy_joules_total", "counter", "Energy of jobs, where it was measured.", joules)
    earned = tuple(
        Sample(amount, {"network": one.key, "asset": taken.asset.code, "claim": claim})
        for one in books.networks
        for taken in one.totals.takings
        for claim, amount in _claims(taken).items()
    )
    yield Family("stoker_earnings", "gauge", "Whole units of the asset. Never add claims or assets up.", earned)


def _power(snapshot: Snapshot, used: Consumption, currency: str) -> Iterator[Family]:
    joules = (Sample(used.idle_mj / 1000, {"state": "idle"}), Sample(used.working_mj / 1000, {"state": "working"}))
    measured = used.energy_mj > 0
    yield Family(
        "stoker_energy_joules_total",
        "counter",
        "What the machine took since the node began, without jobs and with.",
        joules if measured else (),
    )
    cost = used.cost_micro
    costs = () if cost is None else (Sample(Decimal(cost).scaleb(-6), {"currency": currency}),)
    yield Family("stoker_energy_cost", "gauge", "What that cost. It falls where prices are negative.", costs)
    electricity = snapshot.electricity
    if electricity is None:
        return
    yield _gauge("stoker_power_watts", "Draw of all that is measured, last seconds.", electricity.watts)
    if electricity.price_micro is not None:
        price = Sample(Decimal(electricity.price_micro).scaleb(-6), {"currency": electricity.currency})
        yield Family("stoker_electricity_price", "gauge", "Of a kilowatt-hour, now.", (price,))


def _gauge(name: str, text: str, value: Value | None) -> Family:
    return Family(name, "gauge", text, () if value is None else (Sample(value),))


def _each(networks: Iterable[Earned], label: str, parts: Callable[[Earned], Mapping[str, int]]) -> Iterator[Sample]:
    for one in networks:
        for part, value in parts(one).items():
            yield Sample(value, {"network": one.key, label: part})


def _claims(taken: Takings) -> Mapping[str, Decimal]:
    units = {"claimed": taken.claimed, "credited": taken.credited, "paid": taken.paid}
    return {claim: Decimal(count).scaleb(-taken.asset.decimals) for claim, count in units.items()}
