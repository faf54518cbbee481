"""The books: open, append, read, close."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Concatenate, ParamSpec, Self, TypeVar, cast

import apsw

from node.clock import Clock
from node.identity import Identity, PublicIdentity
from node.jobs import JobState, Receipt
from node.ledger import queries
from node.ledger.chain import Entry
from node.ledger.checkpoint import Checkpoint, NoteInvalid
from node.ledger.errors import LedgerDamaged, LedgerUnavailable, MigrationFailed, in_words, remedy_for
from node.ledger.merkle import Frontier
from node.ledger.projections import Projections
from node.ledger.records import JobFinished, NodeStopped, Record
from node.ledger.schema import connect_reader, connect_writer, migrate
from node.ledger.verify import Broken, Walk, check, verify, walk
from node.ledger.writer import Head, Outcome, Writer

__all__ = ["Entry", "Ledger"]

log = logging.getLogger(__name__)

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")

RECHECK = 50_000
"""How many of the newest entries are checked whenever the ledger is opened (about a third of a second)."""

LEFT_BEHIND = "the node stopped while the job was in hand"


class Ledger:
    """An append-only, chained and signed store of records, in one SQLite file.

    ``append``, ``subscribe``, ``query``, ``recover`` and ``close`` belong to one event loop.
    """

    def __init__(self, path: Path, reader: apsw.Connection, writer: Writer, opened_at: int) -> None:
        """Use ``open``."""
        self.path = path
        self._reader = reader
        self._reading = ThreadPoolExecutor(1, thread_name_prefix="ledger-reader")
        self._writer = writer
        self._subscribers: list[Callable[[Entry], None]] = []
        self._opened_at = opened_at
        self._closed = False
        writer.start(self._deliver)

    @classmethod
    def open(
        cls,
        path: Path,
        identity: Identity,
        clock: Clock,
        *,
        checkpoint_entries: int = 1000,
        checkpoint_seconds: float = 600.0,
        recheck: int = RECHECK,
    ) -> Self:
        """Open the books, or begin them. Blocking: call it in a thread.

        Migrates an older file after a backup, and verifies it whole before that is final. Then, and in every other
        case, checks the newest entries, at least ``recheck`` of them, from a signed checkpoint to the end; a ledger
        with fewer is checked whole.

        Raises:
            LedgerDamaged: the books are not what was written; names the first bad entry after a whole verification.
            LedgerForeign: the file is no ledger, or a newer Stoker's.
            MigrationFailed: an older Stoker's books could not be brought to this version; they are as they were.
            LedgerUnavailable: the file cannot be opened or written now.
        """
        try:
            connection = connect_writer(path)
        except OSError as error:
            raise LedgerUnavailable(
                f"{path}: the ledger cannot be opened ({error.strerror}); check the folder's owner and space"
            ) from None
        except apsw.Error as error:
            raise in_words(error, path) from None
        try:
            backup = migrate(connection, path, prove=lambda books: _prove(books, path, identity.public))
            if backup is not None:
                log.info("an older Stoker's books were brought to this version and verified; a copy is in %s", backup)
            head, projections = _take_up(connection, path, identity.public, recheck)
            reader = connect_reader(path)
        except apsw.Error as error:
            connection.close()
            raise in_words(error, path) from None
        except BaseException:
            connection.close()
            raise
        writer = Writer(
            connection,
            path,
            identity,
            clock,
            head,
            projections,
            checkpoint_entries=checkpoint_entries,
            checkpoint_seconds=checkpoint_seconds,
        )
        return cls(path, reader, writer, head.seq)

    async def append(self, record: Record) -> Entry:
        """Write a record into the books; returns once it is safe on the disk.

        A caller that is cancelled meanwhile does not take its record back.

        Raises:
            EntryRefused: it contradicts the books; nothing was written.
            LedgerUnavailable: the disk does not take it, or the ledger is closed; nothing was written.
            LedgerDamaged: SQLite finds the file damaged.
            ValueError: a value does not fit the books; names the field.
        """
        future: asyncio.Future[Entry] = asyncio.get_running_loop().create_future()
        self._writer.submit(record, future)
        return await future

    def subscribe(self, callback: Callable[[Entry], None]) -> Callable[[], None]:
        """Hear of every entry, in order, after it is safe; called on the event loop, so be quick.

        Returns:
            What ends the subscription.
        """
        self._subscribers.append(callback)

        def unsubscribe() -> None:
            if callback in self._subscribers:
                self._subscribers.remove(callback)

        return unsubscribe

    async def query(
        self,
        function: Callable[Concatenate[apsw.Connection, Arguments], Answer],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Answer:
        """Run a read in a thread, on one moment of the books: ``await ledger.query(queries.job, 12)``.

        Raises:
            LedgerUnavailable, LedgerDamaged: the file cannot be read.
        """
        if self._closed:
            raise LedgerUnavailable(f"{self.path}: the ledger is closed")

        def read() -> Answer:
            try:
                self._reader.execute("BEGIN")
                try:
                    return function(self._reader, *args, **kwargs)
                finally:
                    self._reader.execute("ROLLBACK")
            except apsw.Error as error:
                raise in_words(error, self.path) from None

        return await asyncio.get_running_loop().run_in_executor(self._reading, read)

    async def recover(self) -> list[int]:
        """End each job that an earlier run accepted and never ended, as FAILED, once.

        Returns:
            The numbers of these jobs.
        """
        left = await self.query(queries.unfinished, self._opened_at)
        await asyncio.gather(*(self.append(JobFinished(_left_behind(job))) for job in left))
        return [job.number for job in left]

    async def close(self, reason: str = "closed") -> None:
        """Write that the node stopped and why, sign a last checkpoint, and close. Harmless a second time."""
        if self._closed:
            return
        try:
            await self.append(NodeStopped(reason))
        except (LedgerUnavailable, LedgerDamaged) as error:
            log.warning("the books end without the node's last word: %s", error)
        self._closed = True
        await asyncio.to_thread(self._shut)

    def _shut(self) -> None:
        self._reading.shutdown()
        self._reader.close()
        self._writer.stop()

    def _deliver(self, outcomes: Sequence[Outcome]) -> None:
        for future, outcome in outcomes:
            if not isinstance(outcome, Entry):
                if not future.done():
                    future.set_exception(outcome)
                continue
            if not future.done():
                future.set_result(outcome)
            for subscriber in tuple(self._subscribers):
                try:
                    subscriber(outcome)
                except Exception:
                    log.exception("a subscriber failed on entry %d", outcome.seq)


def _left_behind(job: queries.JobRow) -> Receipt:
    return Receipt(job.number, job.job_id, job.network, job.model, JobState.FAILED, reason=LEFT_BEHIND)


def _take_up(connection: apsw.Connection, path: Path, public: PublicIdentity, recheck: int) -> tuple[Head, Projections]:
    """Follow the newest part of the chain to where the writer goes on."""
    try:
        place = _foothold(connection, public, recheck)
        for _ in walk(connection, place, public):
            pass
        projections = Projections(connection)
    except (Broken, NoteInvalid, ValueError, apsw.CorruptError):
        found = verify(path, public.key).problem
        if found is None:
            raise
        raise LedgerDamaged(found.seq, found.what, remedy_for(path)) from None
    return Head(place.seq, place.hash, place.frontier, place.signed), projections


def _prove(connection: apsw.Connection, path: Path, public: PublicIdentity) -> None:
    """Verify migrated books before they are kept."""
    try:
        check(connection, Walk.from_the_start(), public)
    except Broken as broken:
        where = "the ledger" if broken.problem.seq is None else f"ledger entry {broken.problem.seq}"
        raise MigrationFailed(
            f"{path}: the books were not brought to this version, since they would not verify: "
            f"{where}: {broken.problem.what}; they were not changed"
        ) from None


def _foothold(connection: apsw.Connection, public: PublicIdentity, recheck: int) -> Walk:
    """The newest checkpoint with enough entries behind it, its signature and tree checked; else the beginning."""
    row = connection.execute(
        "SELECT size, note, frontier, hash FROM checkpoints JOIN entries ON seq = size "
        "WHERE size <= (SELECT max(seq) FROM entries) - ? ORDER BY size DESC LIMIT 1",
        (recheck,),
    ).get
    if row is None:
        return Walk.from_the_start()
    size, note, packed, digest = cast("tuple[int, str, bytes, bytes]", row)
    checkpoint = Checkpoint.open(note, public)
    frontier = Frontier.from_bytes(size, packed)
    if (checkpoint.size, checkpoint.root) != (size, frontier.root()):
        raise NoteInvalid(f"the tree kept with the checkpoint over {size} entries does not fit")
    return Walk(size, digest, frontier, size)
