"""Jobs of the network that are not settled yet, one small file each, so that a crash forgets none of them."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from node.networks.horde.answers import JobId
from wallet.errors import WalletError
from wallet.files import make_private_directory, read_private, remove, write_private

log = logging.getLogger(__name__)

LARGEST = 4 * 1024 * 1024
MOST = 10_000


class Errand(BaseModel):
    """One job, from its pop until the network's books show its reward.

    The prompt is never kept; the answer only until it is delivered.

    Attributes:
        number: the node's own. model: the network's name of it.
        prompt, max_length: what its worth depends on: characters, tokens.
        popped: seconds since 1970. ttl: seconds from then.
        answer: the finished text; None while it is being computed and again once it is delivered.
        delivered: seconds since 1970; None while it is not.
        units: the reward in hundredths of kudos. stated: whether the network said so; else it is computed by its rules.
        trusted: whether the account was trusted then.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: JobId
    number: Annotated[int, Field(ge=1)]
    model: Annotated[str, Field(max_length=255)]
    prompt: Annotated[int, Field(ge=0)]
    max_length: Annotated[int, Field(ge=1)]
    popped: float
    ttl: Annotated[float, Field(ge=0)]
    answer: str | None = None
    delivered: float | None = None
    units: Annotated[int, Field(ge=0)] = 0
    stated: bool = False
    trusted: bool = False


class Errands:
    """The directory that holds them. Files are written in threads; the newest state is also in memory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._errands: dict[str, Errand] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def load(self) -> None:
        """Read what an earlier run left. A damaged file is removed: nothing can be done with it."""
        self._errands = await asyncio.to_thread(self._load)

    def all(self) -> tuple[Errand, ...]:
        """In the order of their pops."""
        return tuple(sorted(self._errands.values(), key=lambda errand: errand.popped))

    def delivered(self) -> tuple[Errand, ...]:
        """Those that wait for their credit, in the order of their deliveries."""
        waiting = [errand for errand in self._errands.values() if errand.delivered is not None]
        return tuple(sorted(waiting, key=lambda errand: errand.delivered or 0.0))

    async def keep(self, errand: Errand) -> None:
        """Remember this state of it: on the disk first, so that nothing is booked of what a crash would forget.

        A full disk is told and survived. A caller that is cancelled meanwhile does not take it back.
        """
        await asyncio.shield(asyncio.ensure_future(self._keep(errand)))

    async def _keep(self, errand: Errand) -> None:
        async with self._locks.setdefault(errand.id, asyncio.Lock()):
            try:
                await asyncio.to_thread(self._write, errand)
            except WalletError as error:
                log.warning("job %s would be lost in a crash: %s", errand.id, error)
            self._errands[errand.id] = errand

    async def drop(self, job_id: str) -> None:
        """It is settled, or was given back."""
        async with self._locks.setdefault(job_id, asyncio.Lock()):
            self._errands.pop(job_id, None)
            try:
                await asyncio.to_thread(remove, self._path(job_id))
            except WalletError as error:
                log.warning("%s", error)
        self._locks.pop(job_id, None)

    def _write(self, errand: Errand) -> None:
        make_private_directory(self._directory)
        write_private(self._path(errand.id), errand.model_dump_json().encode(), overwrite=True)

    def _load(self) -> dict[str, Errand]:
        found: dict[str, Errand] = {}
        if not self._directory.is_dir():
            return found
        for path in sorted(self._directory.glob("*.json"))[:MOST]:
            try:
                errand = Errand.model_validate_json(read_private(path, LARGEST))
            except (ValidationError, WalletError) as error:
                log.warning("%s cannot be used and is removed: %s", path, type(error).__name__)
                path.unlink(missing_ok=True)
                continue
            if self._path(errand.id) == path:
                found[errand.id] = errand
        return found

    def _path(self, job_id: str) -> Path:
        return self._directory / f"{job_id}.json"
