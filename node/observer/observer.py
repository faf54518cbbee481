"""Puts the snapshot together."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from node.clock import Clock
from node.control.views import view_of_row, view_of_run
from node.control.wire import (
    Alarm,
    Counts,
    Earning,
    Electricity,
    EngineView,
    HeatCeiling,
    History,
    JobView,
    NodeView,
    PowerToday,
    QueueView,
    Snapshot,
    StateLine,
    Today,
    Transfer,
    WalletMark,
)
from node.dispatcher import Dispatcher
from node.energy.account import Till
from node.energy.journal import Journal
from node.energy.worth import earned_micro
from node.engines.base import Engine
from node.hardware.sampler import Sampler
from node.jobs import JobState
from node.ledger import queries
from node.ledger.errors import LedgerError
from node.ledger.store import Ledger
from node.ledger.sums import Totals, totals
from node.networks.base import Standing
from node.observer.pulse import LoopLag, Pulse

RECENT = 12


@dataclass(frozen=True, slots=True)
class Subject:
    """Everything that is looked at.

    Attributes:
        standings: how each network stood when it was last asked, by name.
    """

    node: NodeView
    dispatcher: Dispatcher
    engines: Sequence[Engine]
    standings: Callable[[], Mapping[str, Standing]]
    sampler: Sampler
    ledger: Ledger
    clock: Clock
    endpoint: Callable[[], str]
    transfers: Callable[[], tuple[Transfer, ...]]
    wallet: Callable[[], WalletMark | None]
    journal: Journal
    till: Till
    alarms: Callable[[], tuple[Alarm, ...]]


class Observer:
    """Looks at the node and says what it sees. Never blocks, but for `refresh`, which reads the books in a thread."""

    def __init__(self, subject: Subject) -> None:
        self.pulse = Pulse()
        self.lag = LoopLag()
        self._subject = subject
        self._tick = 0
        self._today = Today(_midnight())
        self._recent: tuple[JobView, ...] = ()
        self._earned_micro: int | None = None
        self._stale = True
        subject.ledger.subscribe(self._heard)

    def beat(self) -> None:
        """Once a second: note how busy the node is."""
        dispatcher = self._subject.dispatcher
        rate = dispatcher.throughput.rate(self._subject.clock.monotonic())
        self.pulse.beat(rate, dispatcher.allocation.running(), dispatcher.allocation.slots())

    async def refresh(self) -> None:
        """Read from the books what has changed since the last time."""
        midnight = _midnight()
        if not self._stale and midnight == self._today.since_at:
            return
        self._stale = False  # what is heard from here on is for the next time
        try:
            await self._read_books(midnight)
        except LedgerError:
            self._stale = True
            raise

    async def _read_books(self, midnight: float) -> None:
        ledger = self._subject.ledger
        sums = await ledger.query(totals, round(midnight * 1e9), self._subject.clock.wall_ns() + 1)
        self._today = _today(midnight, sums)
        self._earned_micro = earned_micro(sums.takings, self._subject.journal.currency)
        rows = await ledger.query(queries.jobs, limit=RECENT + len(self._subject.dispatcher.runs))
        self._recent = tuple(view_of_row(row) for row in rows if row.state is not None)[:RECENT]

    def snapshot(self, state: StateLine, ceilings: tuple[HeatCeiling, ...] = ()) -> Snapshot:
        """The node at this moment."""
        subject = self._subject
        dispatcher = subject.dispatcher
        self._tick += 1
        return Snapshot(
            at=subject.clock.wall_ns() / 1e9,
            tick=self._tick,
            node=_node(subject.node, subject.endpoint(), self.lag.p99_ms),
            state=state,
            engines=tuple(self._engine(engine) for engine in subject.engines),
            slots=dispatcher.allocation.slots(),
            busy=dispatcher.allocation.running(),
            tokens_per_second=round(dispatcher.throughput.rate(subject.clock.monotonic()), 1),
            busy_pct=round(self.pulse.busy_pct, 1),
            jobs=self.jobs_in_hand(),
            recent=self._recent,
            queues=tuple(self._queue(name, standing) for name, standing in subject.standings().items()),
            today=replace(self._today, power=self._power()),
            hardware=subject.sampler.latest,
            transfers=subject.transfers(),
            wallet=subject.wallet(),
            alarms=subject.alarms(),
            ceilings=ceilings,
            electricity=self._electricity(),
        )

    def jobs_in_hand(self) -> tuple[JobView, ...]:
        """Running jobs first, then those that are delivered, then those that wait."""
        order = {JobState.RUNNING: 0, JobState.DELIVERING: 1, JobState.WAITING: 2}
        views = [view_of_run(run, self._subject.clock) for run in self._subject.dispatcher.runs.values()]
        return tuple(sorted(views, key=lambda view: (order.get(view.state, 3), view.number))[:500])

    def history(self) -> History:
        """The last five minutes, for charts."""
        series = self._subject.sampler.history
        return History(
            ends_at=self._subject.clock.wall_ns() / 1e9,
            tokens_per_second=self.pulse.tokens_per_second,
            busy_slots=self.pulse.busy_slots,
            temperature_c=series.temperature_c,
            power_w=series.power_w,
            cpu_pct=series.cpu_pct,
            trails=series.trails,
        )

    def _engine(self, engine: Engine) -> EngineView:
        health = engine.health()
        dispatcher = self._subject.dispatcher
        models = dispatcher.models_of(engine)
        return EngineView(
            name=engine.name,
            status=health.status.value,
            detail=health.detail,
            remedy=health.remedy,
            device=health.device,
            models=tuple(model.name for model in models),
            slots=sum(model.slots for model in models),
            busy=sum(dispatcher.allocation.running(model.name) for model in models),
            tokens_per_second=round(dispatcher.throughput.rate(self._subject.clock.monotonic()), 1),
            restarts=health.restarts,
        )

    def _power(self) -> PowerToday | None:
        journal = self._subject.journal
        day = journal.today()
        if not journal.source:
            return None
        return PowerToday(
            idle_joules=day.idle_mj / 1000,
            working_joules=day.working_mj / 1000,
            idle_watts=day.idle_watts,
            working_watts=day.working_watts,
            cost_micro=day.cost_micro,
            currency=journal.currency,
            unpriced_joules=day.unpriced_mj / 1000,
            earned_micro=self._earned_micro,
            carbon_g=None if day.carbon_ug is None else day.carbon_ug / 1e6,
        )

    def _electricity(self) -> Electricity:
        journal, watts = self._subject.journal, self._subject.till.watts
        price = journal.price
        hourly = None if price is None or watts is None else round(price.micro * watts / 1000)
        return Electricity(
            currency=journal.currency,
            price_micro=None if price is None else price.micro,
            price_source="" if price is None else price.source,
            source=journal.source,
            watts=None if watts is None else round(watts, 1),
            hour_micro=hourly,
            worth_micro=journal.worth,
            carbon=None if price is None else price.carbon,
        )

    def _queue(self, network: str, standing: Standing) -> QueueView:
        running, waiting = self._subject.dispatcher.allocation.counts(network)
        told = "; ".join(part for part in (standing.problem, standing.remedy, standing.detail) if part)
        return QueueView(network, running, waiting, standing.depth, standing.connected, told)

    def _heard(self, _: object) -> None:
        self._stale = True


def _node(view: NodeView, endpoint: str, lag: float | None) -> NodeView:
    return replace(view, endpoint=endpoint, loop_lag_p99_ms=lag)


def _today(midnight: float, sums: Totals) -> Today:
    return Today(
        since_at=midnight,
        counts=Counts(sums.done, sums.failed, sums.cancelled, sums.expired, sums.returned),
        prompt_tokens=sums.prompt_tokens,
        completion_tokens=sums.completion_tokens,
        compute=sums.compute_us / 1e6,
        joules=None if sums.energy_mj is None else sums.energy_mj / 1000,
        earnings=tuple(
            Earning(taken.asset.code, taken.asset.decimals, taken.claimed, taken.credited, taken.paid)
            for taken in sums.takings
        ),
    )


def _midnight() -> float:
    now = time.localtime()
    return time.mktime((now.tm_year, now.tm_mon, now.tm_mday, 0, 0, 0, 0, 0, -1))
