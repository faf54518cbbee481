"""The composition root: builds every room of the node, ties them together, keeps them alive, and ends them in order."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Sequence

import psutil

from node import __version__, config, logs
from node.clock import SystemClock
from node.conduct.care import Care
from node.conduct.standby import Standby
from node.conduct.surroundings import Surroundings
from node.conduct.traffic import Traffic
from node.conduct.watch import Watch
from node.conduct.wishes import Wishes
from node.config import Settings
from node.control.address import Address
from node.control.app import Live, build_app, ledger_event
from node.control.books import Books
from node.control.earnings import Earnings
from node.control.engines import engine_routes
from node.control.hub import Hub
from node.control.machine import Machine, Seen
from node.control.server import ControlServer
from node.control.upkeep import Upkeep
from node.control.views import event_of
from node.control.wallets import WalletRoutes
from node.control.wire import LedgerEvent, NodeView, SettingView
from node.dispatcher import Dispatcher
from node.doctor import Check, examine
from node.ending import Ending
from node.energy.accounts import Accounts
from node.energy.worth import worth_micro
from node.engines.base import EngineStatus
from node.engines.builds.store import BuildStore
from node.engines.choice import chosen_engine
from node.guard import policy_of
from node.hardware.discover import sampler_for
from node.identity import PublicIdentity
from node.ledger import queries
from node.ledger.chain import Entry
from node.ledger.store import Ledger
from node.membership import room
from node.metrics.figures import Figures
from node.metrics.server import MetricsServer
from node.models.catalogue import load_catalogue
from node.models.loading import Loader
from node.models.store import ModelStore
from node.models.transfers import Transfers
from node.networks.base import Standing
from node.networks.local.room import LocalRoom
from node.observer import Observer
from node.observer.observer import Subject
from node.orders import Orders
from node.owner.presence import IdleSource, Presence
from node.paths import Paths
from node.power.room import PowerRoom
from node.purse.chains import Chains
from node.purse.operating import ENGINE, Operating
from node.purse.purse import Purse
from node.purse.valuation import Valuation
from node.settings_form import GUARDED
from node.supervision import end, keep
from node.systemd import Life

log = logging.getLogger(__name__)


class Service:
    """All rooms of one node over its open books.

    Args:
        last_number: of the last job in the books. cards: the GPUs of this machine, whether they can be used or not.
        operating: the secrets that it works with.
        before: the version that ran here last, as long as this one has finished no job.
    """

    def __init__(
        self,
        paths: Paths,
        settings: Settings,
        latest: logs.LatestLines,
        ledger: Ledger,
        public: PublicIdentity,
        last_number: int,
        cards: Sequence[str],
        operating: Operating,
        before: str = "",
    ) -> None:
        self._operating, self._before = operating, before
        self._paths, self._settings, self._latest = paths, settings, latest
        self._ledger, self._public = ledger, public
        self._clock = clock = SystemClock()
        self._store = ModelStore(paths.models, load_catalogue())
        self._engine = chosen_engine(
            settings.engine,
            directory=paths.engine,
            builds=BuildStore(paths.builds),
            gpus=settings.hardware.gpus,
            models=self._store.path,
            key=self._operating.secrets.get(ENGINE),
            clock=clock,
        )
        self._sampler = sampler_for(paths.directory, clock, settings.hardware.interval, gpus=settings.hardware.gpus)
        self._accounts = accounts = Accounts(
            settings, self._sampler, ledger, clock, paths.prices, lambda: self._dispatcher.allocation.running() > 0
        )
        self._dispatcher = Dispatcher(
            [self._engine],
            ledger,
            clock,
            meter=accounts.meter,
            cost=accounts.till.product,
            currency=accounts.currency,
            worth=lambda reward: worth_micro(reward, accounts.currency),
            last_number=last_number,
        )
        wanted = settings.engine.model if settings.engine.kind == "llamacpp" else ""
        self._loader = Loader(self._store, self._engine, wanted, self._dispatcher.refresh)
        self._transfers = Transfers(self._store, clock, self._loader.arrived)
        self._local = LocalRoom(settings.local, paths.access, self._dispatcher, clock)
        self._purse = Purse(paths.directory, settings.wallet.auto_lock_minutes * 60.0 or None)
        self._chains = Chains(settings.wallet)
        self._valuation = Valuation(accounts.currency, clock, ask=settings.wallet.price_source)
        self._memberships = room.live(
            paths,
            settings,
            self._dispatcher,
            self._engine,
            ledger,
            clock,
            self._store.licence,
            self._local.desk,
            self._valuation.worth,
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._hub = Hub()
        self._observer = Observer(self._subject())
        self._wishes = Wishes(paths.pause, paths.override, clock)
        self._standby = Standby(self._dispatcher, self._engine)
        self._presence = Presence(self._idle_sources(), clock, self._owner_came)
        self._traffic = Traffic(paths.traffic, clock)
        self._power = PowerRoom(paths.power, self._dispatcher, settings.engine.slots, self._sampler, accounts, clock)
        self._watch = Watch(
            self._surroundings(),
            policy_of(settings),
            self._dispatcher,
            self._observer,
            ledger,
            self._hub,
            clock,
            cards,
        )
        self._care = Care(settings, paths.telemetry, self._sampler, self._dispatcher, lambda: self._watch.line, clock)
        self._ending = Ending(self._dispatcher, settings.node.drain_seconds)
        figures = Figures(self._watch.snapshot, ledger, accounts.till, accounts.currency, clock)
        self._metrics = MetricsServer(settings.metrics.port, figures.text)
        self._control = self._build_control()

    async def run(self) -> None:
        """Serve until the node has been told to end and nothing is in hand any more."""
        self._loop = asyncio.get_running_loop()
        await asyncio.to_thread(self._control.bind)
        self._ledger.subscribe(self._publish)
        self._sampler.start()
        self._presence.start()
        await self._power.restore()
        self._ending.catch_signals()
        works = {
            "dispatcher": self._dispatcher.run,
            "watch": self._watch.run,
            "wallets": self._purse.run,
            "standby": self._standby.run,
            "accounts of energy": self._accounts.run,
            "care for the machine": self._care.run,
            "joined networks": self._memberships.members.run,
            "event loop's pulse": self._observer.lag.measure,
        }
        if self._settings.local.enabled:
            works[f"network {self._local.network.name}"] = self._local.run
        if self._settings.metrics.enabled:
            works["metrics"] = self._metrics.run
        working = [asyncio.create_task(keep(name, work)) for name, work in works.items()]
        working.append(asyncio.create_task(self._loader.load_first()))
        computing = asyncio.create_task(keep(f"engine {self._engine.name}", self._engine.run))
        answering = asyncio.create_task(keep("control API", self._control.run))
        log.info("the node is up in %s", self._paths.directory)
        try:
            await self._ending.finished.wait()
        finally:
            self._hub.close()
            self._local.owner_endpoint.stop("the node is stopping")
            await self._dispatcher.stop("the node is stopping")
            await self._transfers.stop()
            await end(*working)
            await end(computing)
            await self._accounts.close()
            await self._power.restore()
            await self._care.close()
            await asyncio.to_thread(self._presence.stop)
            await asyncio.to_thread(self._sampler.stop)
            await asyncio.to_thread(self._traffic.save)
            await end(answering)
            await self._purse.lock(None)
            await self._chains.aclose()
            await self._valuation.aclose()

    def life(self) -> Life:
        """How one sees that this node lives."""
        return Life(
            line=lambda: self._watch.line,
            answering=lambda: self._control.answering,
            signs={"watch": lambda: self._watch.ticked_at, "dispatcher": lambda: self._dispatcher.refreshed_at},
            ending=lambda: self._ending.begun,
            patience=self._settings.node.drain_seconds,
        )

    # Building

    def _subject(self) -> Subject:
        node = NodeView(
            name=self._settings.node.name,
            version=__version__,
            pid=os.getpid(),
            started_at=time.time(),
            data_dir=str(self._paths.directory),
            identity=self._public.fingerprint,
        )
        return Subject(
            node=node,
            dispatcher=self._dispatcher,
            engines=[self._engine],
            standings=self._standings,
            sampler=self._sampler,
            ledger=self._ledger,
            clock=self._clock,
            endpoint=lambda: self._local.network.endpoint,
            transfers=self._transfers.now,
            wallet=lambda: self._purse.mark,
            journal=self._accounts.journal,
            till=self._accounts.till,
            alarms=lambda: self._care.alarms,
        )

    def _surroundings(self) -> Surroundings:
        return Surroundings(
            dispatcher=self._dispatcher,
            engines=[self._engine],
            sampler=self._sampler,
            wishes=self._wishes,
            standby=self._standby,
            presence=self._presence,
            traffic=self._traffic,
            journal=self._accounts.journal,
            clock=self._clock,
            transfers=self._transfers.now,
            missing=self._loader.missing,
            loading=lambda: self._loader.loading,
            weight=self._loader.weight,
            notes=self._notes,
        )

    def _idle_sources(self) -> tuple[IdleSource, ...]:
        if self._settings.owner.on_input == "ignore":
            return ()
        from node.owner.desktop import desktop_sources

        return desktop_sources()

    def _build_control(self) -> ControlServer:
        orders = Orders(
            ledger=self._ledger,
            dispatcher=self._dispatcher,
            watch=self._watch,
            wishes=self._wishes,
            presence=self._presence,
            engine=self._engine,
            store=self._store,
            transfers=self._transfers,
            access=self._local.access,
            purse=self._purse,
            memberships=self._memberships.orders,
            settings_path=self._paths.settings,
            drain=self._ending.drain,
            stop=self._ending.stop,
        )
        engines, commands = engine_routes(self._paths, self._settings, self._clock), orders.table()
        engines.add_to(commands)
        live = Live(self._watch.snapshot, self._observer.history, self._past, self._hub, commands)
        books = Books(self._paths.ledger, self._public, self._ledger.query, self._observer.jobs_in_hand)
        upkeep = Upkeep(
            settings_path=self._paths.settings,
            settings=self._settings,
            store=self._store,
            transfers=self._transfers,
            access=self._local.access,
            log=self._latest,
            available=lambda: psutil.virtual_memory().available,
            served=lambda: {model.name for model in self._dispatcher.models()},
            examine=self._examine,
            changed=self._apply,
        )
        rooms = (
            live,
            books,
            Earnings(self._ledger.query, self._accounts.currency, self._clock, self._memberships.members.held),
            upkeep,
            engines,
            Machine(self._look, self._paths.telemetry, time.time),
            self._power,
            WalletRoutes(self._purse, self._chains),
            self._memberships.routes,
        )
        routes = [route for room in rooms for route in room.routes()]
        return ControlServer(build_app(routes, self._local.owner_endpoint), Address(self._paths.directory))

    # What the rooms ask of each other

    def _apply(self, view: SettingView) -> None:
        """A setting was changed; some take effect at once."""
        if view.key == "node.log_level":
            logs.set_level(view.value)
        elif view.key in GUARDED:
            self._watch.policy = policy_of(config.load(self._paths.settings))

    async def _look(self) -> Seen:
        return Seen(self._sampler.latest, self._sampler.absences, self._care.alarms)

    def _standings(self) -> dict[str, Standing]:
        """How each network stands, the owner's own use first."""
        local = self._local.network
        return {local.name: local.standing, **self._memberships.members.standings()}

    def _notes(self) -> tuple[str, ...]:
        """What is true beside the state."""
        networks = self._memberships.members.notes()
        return (*self._accounts.notes(), *self._purse.notes(), *networks, *self._metrics.notes(), *self._doubts())

    def _doubts(self) -> tuple[str, ...]:
        """About an update after which the engine fails."""
        if not self._before or self._engine.health().status is not EngineStatus.DOWN:
            return ()
        back = f"stoker update --to {self._before} goes back"
        return (f"no job was done since the update from Stoker {self._before}, and the engine is down: {back}",)

    def _owner_came(self) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._watch.wake)

    async def _past(self, after: int, limit: int) -> list[LedgerEvent]:
        return [event_of(entry) for entry in await self._ledger.query(queries.entries, after, limit)]

    async def _examine(self) -> list[Check]:
        sampler = self._sampler
        return await asyncio.to_thread(
            examine, self._paths, self._settings, self._store, sampler.latest, sampler.absences, self._operating
        )

    def _publish(self, entry: Entry) -> None:
        if self._hub.watched:
            self._hub.tell_ledger(entry.seq, ledger_event(event_of(entry)).data)
