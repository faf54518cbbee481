"""The composition root: builds every room of the node, ties them together, keeps them alive, and ends them in order."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import signal
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from node import __version__, logs
from node.clock import SystemClock
from node.config import ConfigError, Settings
from node.control.address import Address
from node.control.app import Live, build_app, ledger_event
from node.control.books import Books
from node.control.hub import Hub
from node.control.server import ControlServer
from node.control.upkeep import Upkeep
from node.control.wire import LedgerEvent, NodeView, SettingView
from node.dispatcher import Dispatcher
from node.doctor import Check, examine
from node.engines.base import Engine, EngineError
from node.engines.llamacpp import LlamaCpp
from node.engines.openai import OpenAIServer
from node.hardware.discover import gpus_present, sampler_for
from node.identity import Identity
from node.ledger import queries
from node.ledger.chain import Entry
from node.ledger.records import NodeStarted
from node.ledger.store import Ledger
from node.models.catalogue import load_catalogue
from node.models.store import InstalledModel, ModelStore
from node.models.transfers import Transfers
from node.networks.local.access import AccessKeys
from node.networks.local.app import build_app as build_endpoint
from node.networks.local.limits import Limits
from node.networks.local.network import LocalNetwork
from node.observer import Observer
from node.observer.observer import Subject
from node.observer.views import event_of
from node.orders import Orders
from node.paths import Paths
from node.serving import Patience
from node.watch import Watch
from wallet.secret import Secret

log = logging.getLogger(__name__)

LAG_SECONDS = 0.1
RESTART_SECONDS = (1.0, 30.0)


class Service:
    """One node, from the first look at its data directory to the last entry in its books.

    Args:
        latest: the log's newest lines, for the control API.
    """

    def __init__(self, paths: Paths, settings: Settings, latest: logs.LatestLines) -> None:
        self._paths = paths
        self._settings = settings
        self._latest = latest
        self._clock = SystemClock()
        self._finished = asyncio.Event()
        self._ending: asyncio.Task[None] | None = None
        self._begin_drain: Callable[[], None]
        self._begin_stop: Callable[[], None]

    async def run(self) -> None:
        """Build, serve, and return once the node has been told to end and has ended.

        Raises:
            LedgerError: the books cannot be opened; see `node.ledger.errors`.
            OSError: the control socket cannot be made.
        """
        settings, clock = self._settings, self._clock
        identity = await asyncio.to_thread(Identity.load_or_create, self._paths.directory)
        ledger = await asyncio.to_thread(Ledger.open, self._paths.ledger, identity, clock)
        try:
            await self._serve(settings, identity, ledger)
        finally:
            await ledger.close("the node ended in order" if self._finished.is_set() else "the node ended by a fault")

    async def _serve(self, settings: Settings, identity: Identity, ledger: Ledger) -> None:
        clock = self._clock
        lost = await ledger.recover()
        if lost:
            log.warning("%d jobs were in hand when the node died; they are in the books as failed", len(lost))
        await ledger.append(NodeStarted(__version__, identity.public.fingerprint))

        store = ModelStore(self._paths.models, load_catalogue())
        engine = self._engine(store)
        sampler = sampler_for(self._paths.directory, clock, settings.hardware.interval)
        dispatcher = Dispatcher(
            [engine], ledger, clock, meter=sampler.energy_mj, last_number=await ledger.query(queries.last_number)
        )
        transfers = Transfers(store, clock, lambda model: self._load_if_wanted(engine, dispatcher, model))
        access = AccessKeys(self._paths.access, clock)
        limits = Limits(
            body_bytes=settings.local.max_request_bytes,
            in_hand=settings.local.queue,
            patience=Patience(stalled_seconds=settings.local.stall_seconds),
        )
        local = LocalNetwork(
            host=settings.local.host,
            port=settings.local.port,
            access=access,
            limits=limits,
            allow_remote=settings.local.allow_remote,
        )
        desk = dispatcher.desk(local.name, queue=settings.local.queue)
        hub = Hub()
        node = NodeView(
            name=settings.node.name,
            version=__version__,
            pid=os.getpid(),
            started_at=time.time(),
            data_dir=str(self._paths.directory),
            identity=identity.public.fingerprint,
        )
        observer = Observer(
            Subject(node, dispatcher, [engine], [local], sampler, ledger, clock, lambda: local.endpoint, transfers.now)
        )
        cards = await asyncio.to_thread(gpus_present)
        watch = Watch(
            dispatcher,
            [engine],
            observer,
            ledger,
            hub,
            clock,
            self._paths.pause,
            cards,
            transfers.now,
            lambda: self._missing(store),
        )
        self._begin_drain = lambda: self._end(self._drain(watch, dispatcher))
        self._begin_stop = lambda: self._end(self._stop(watch, dispatcher))
        orders = Orders(
            ledger, dispatcher, watch, engine, store, transfers, access, self._paths.settings,
            self._begin_drain, self._begin_stop,
        )  # fmt: skip

        async def past(after: int, limit: int) -> list[LedgerEvent]:
            return [event_of(entry) for entry in await ledger.query(queries.entries, after, limit)]

        async def examined() -> list[Check]:
            return await asyncio.to_thread(examine, self._paths, settings, store, sampler.latest, sampler.absences)

        live = Live(watch.snapshot, observer.history, past, hub, orders.table())
        books = Books(self._paths.ledger, identity.public, ledger.query, observer.jobs_in_hand)
        upkeep = Upkeep(
            settings_path=self._paths.settings,
            settings=settings,
            store=store,
            transfers=transfers,
            access=access,
            log=self._latest,
            available=lambda: psutil.virtual_memory().available,
            served=lambda: {model.name for model in dispatcher.models()},
            examine=examined,
            changed=_apply,
        )
        owner = build_endpoint(desk, access, limits, trusted=True)
        server = ControlServer(
            build_app([*live.routes(), *books.routes(), *upkeep.routes()], owner), Address(self._paths.directory)
        )
        await asyncio.to_thread(server.bind)

        def publish(entry: Entry) -> None:
            if hub.watched:
                event = ledger_event(event_of(entry))
                hub.tell_ledger(entry.seq, event.data)

        ledger.subscribe(publish)
        sampler.start()
        self._catch_signals()
        tasks = [
            self._keep(f"network {local.name}", lambda: local.run(desk)) if settings.local.enabled else None,
            self._keep("dispatcher", dispatcher.run),
            self._keep("watch", watch.run),
            self._keep("loop lag", lambda: _measure_lag(observer)),
        ]
        rooms = [asyncio.create_task(task) for task in tasks if task is not None]
        engine_task = asyncio.create_task(self._keep(f"engine {engine.name}", engine.run))
        control_task = asyncio.create_task(self._keep("control API", server.run))
        loading = asyncio.create_task(self._load_first(engine, store))
        log.info("the node is up in %s", self._paths.directory)
        try:
            await self._finished.wait()
        finally:
            hub.close()
            owner.stop("the node is stopping")
            await dispatcher.stop("the node is stopping")
            await transfers.stop()
            await _cancel(loading, *rooms)
            await _cancel(engine_task)
            await asyncio.to_thread(sampler.stop)
            await _cancel(control_task)

    def _engine(self, store: ModelStore) -> Engine:
        settings, clock = self._settings.engine, self._clock
        if settings.kind == "openai":
            if not settings.url:
                raise ConfigError("engine.url: is empty; expected the address of your server, for engine.kind openai")
            key = _read_key(Path(settings.key_file)) if settings.key_file else None
            return OpenAIServer("openai", settings.url, key, slots=settings.slots, clock=clock)
        return LlamaCpp(
            directory=self._paths.directory / "engine",
            models=store.path,
            slots=settings.slots,
            context=settings.context,
            threads=settings.threads or None,
            clock=clock,
        )

    def _missing(self, store: ModelStore) -> str:
        """The model of the settings, if the embedded engine wants it and it is not here."""
        engine = self._settings.engine
        return engine.model if engine.kind == "llamacpp" and store.path(engine.model) is None else ""

    async def _load_first(self, engine: Engine, store: ModelStore) -> None:
        """Load the model of the settings, if it is here; if not, the state line says how to get it."""
        if self._missing(store):
            return
        try:
            await engine.load(self._settings.engine.model)
        except EngineError as error:
            log.warning("%s", error.message)

    async def _load_if_wanted(self, engine: Engine, dispatcher: Dispatcher, model: InstalledModel) -> None:
        """A model has come: if nothing is served yet, it is the one that was waited for."""
        if model.name == self._settings.engine.model or not await engine.models():
            try:
                await engine.load(model.name)
            except EngineError as error:
                log.warning("%s", error.message)
            await dispatcher.refresh()

    async def _keep(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Run something for as long as the node lives; its failure touches nothing else."""
        pause = RESTART_SECONDS[0]
        while True:
            began = self._clock.monotonic()
            try:
                await work()
                log.error("%s ended by itself", name)
            except Exception:
                log.exception("%s failed", name)
            if self._clock.monotonic() - began > 60:
                pause = RESTART_SECONDS[0]
            await asyncio.sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311
            pause = min(pause * 2, RESTART_SECONDS[1])

    def _catch_signals(self) -> None:
        """The first SIGINT or SIGTERM drains, the second stops; a lost terminal changes nothing."""
        loop = asyncio.get_running_loop()

        def asked() -> None:
            if self._ending is None:
                log.info("asked to end: finishing what is in hand; ask again to stop at once")
                self._begin_drain()
            else:
                log.info("asked again: stopping")
                self._begin_stop()

        with suppress(NotImplementedError):  # Windows
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, asked)
            loop.add_signal_handler(signal.SIGHUP, lambda: log.info("the terminal is gone; the node goes on"))

    def _end(self, way: Coroutine[Any, Any, None]) -> None:
        if self._ending is not None:
            self._ending.cancel()
        self._ending = asyncio.create_task(way)

    async def _drain(self, watch: Watch, dispatcher: Dispatcher) -> None:
        watch.draining = True
        cancelled = await dispatcher.drain(self._settings.node.drain_seconds)
        if cancelled:
            log.warning("%d jobs did not end in time and were cancelled", cancelled)
        self._finished.set()

    async def _stop(self, watch: Watch, dispatcher: Dispatcher) -> None:
        watch.draining = True
        await dispatcher.stop("stopped by you")
        self._finished.set()


def _read_key(path: Path) -> Secret:
    try:
        return Secret(path.read_text("utf-8").strip())
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"engine.key_file: {path} cannot be read: {error}") from None


async def _measure_lag(observer: Observer) -> None:
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + LAG_SECONDS
        await asyncio.sleep(LAG_SECONDS)
        observer.lag.note(loop.time() - due)


async def _cancel(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _apply(view: SettingView) -> None:
    if view.key == "node.log_level":
        logs.set_level(view.value)
