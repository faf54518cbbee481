"""From a data directory to a node at work over its open books, and back."""

from __future__ import annotations

import asyncio
import logging

from node import __version__, logs
from node.clock import Clock, SystemClock
from node.config import Settings
from node.hardware.discover import gpus_present
from node.identity import Identity
from node.ledger import queries
from node.ledger.records import NodeStarted
from node.ledger.store import Ledger
from node.lineage import unproven_after
from node.paths import Paths
from node.purse.operating import open_all
from node.service import Service
from node.systemd import Herald, from_environment, heralding

log = logging.getLogger(__name__)


async def serve(paths: Paths, settings: Settings, latest: logs.LatestLines) -> None:
    """Open the books, run a node over them until it has been told to end, and close them.

    Args:
        latest: the log's newest lines, for the control API.

    Raises:
        LedgerError: the books cannot be opened; see `node.ledger.errors`.
        ConfigError: a setting cannot be used.
        OSError: the control socket cannot be made.
    """
    clock = SystemClock()
    async with heralding(from_environment(), clock) as herald:
        await _serve(paths, settings, latest, clock, herald)


async def _serve(
    paths: Paths, settings: Settings, latest: logs.LatestLines, clock: Clock, herald: Herald | None
) -> None:
    identity = await asyncio.to_thread(Identity.load_or_create, paths.directory)
    ledger = await asyncio.to_thread(Ledger.open, paths.ledger, identity, clock)
    last_words = "the node ended by a fault"
    try:
        lost = await ledger.recover()
        if lost:
            log.warning("%d jobs were in hand when the node died; they are in the books as failed", len(lost))
        await ledger.append(NodeStarted(__version__, identity.public.fingerprint))
        before = await ledger.query(unproven_after, __version__)
        if before:
            log.info("Stoker %s ran here before; %s has finished no job yet", before, __version__)
        last_number = await ledger.query(queries.last_number)
        cards = await asyncio.to_thread(gpus_present)
        operating = await asyncio.to_thread(open_all, paths.directory)
        service = Service(paths, settings, latest, ledger, identity.public, last_number, cards, operating, before)
        if herald is not None:
            herald.follow(service.life())
        await service.run()
        last_words = "the node ended in order"
    finally:
        await ledger.close(last_words)
