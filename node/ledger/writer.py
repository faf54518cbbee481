"""The one thread that writes the books: many callers, one synced commit.

Whatever waits in the queue goes into one transaction; while that is on its way to the disk, the next callers queue up.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import apsw

from node.clock import Clock
from node.identity import Identity
from node.ledger.chain import Entry, canonical, entry_hash
from node.ledger.checkpoint import Checkpoint
from node.ledger.errors import EntryRefused, LedgerError, LedgerUnavailable, in_words
from node.ledger.merkle import Frontier
from node.ledger.projections import Projections
from node.ledger.records import Record

__all__ = ["Head", "Writer"]

log = logging.getLogger(__name__)

MAX_BATCH = 512


@dataclass(frozen=True, slots=True)
class Head:
    """Where the books end.

    Attributes:
        seq, hash: of the last entry. frontier: the tree over all of them. signed: entries under the last checkpoint.
    """

    seq: int
    hash: bytes
    frontier: Frontier
    signed: int


@dataclass(slots=True)
class _Wish:
    kind: str
    body: dict[str, int | str]
    text: str
    future: asyncio.Future[Entry]


Outcome = tuple["asyncio.Future[Entry]", Entry | LedgerError]


class Writer:
    """Owns the writing connection from ``start`` to ``stop``.

    Args:
        checkpoint_entries, checkpoint_seconds: a checkpoint is due after so many entries, or so long after
            the last one if there are new entries.
    """

    def __init__(
        self,
        connection: apsw.Connection,
        path: Path,
        identity: Identity,
        clock: Clock,
        head: Head,
        projections: Projections,
        *,
        checkpoint_entries: int,
        checkpoint_seconds: float,
    ) -> None:
        self._connection = connection
        self._path = path
        self._identity = identity
        self._clock = clock
        self._head = head
        self._projections = projections
        self._checkpoint_entries = checkpoint_entries
        self._checkpoint_seconds = checkpoint_seconds
        self._checkpointed_at = clock.monotonic()
        self._wishes: queue.SimpleQueue[_Wish | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="ledger-writer", daemon=True)

    def start(self, deliver: Callable[[Sequence[Outcome]], None]) -> None:
        """Begin to write; ``deliver`` gets the outcomes of each commit, in order, on the callers' event loop."""
        self._deliver = deliver
        self._thread.start()

    def submit(self, record: Record, future: asyncio.Future[Entry]) -> None:
        """Queue a record; its outcome is delivered with this future.

        Raises:
            ValueError: the record does not fit the books.
            LedgerUnavailable: the ledger was closed.
        """
        body = record.to_body()
        wish = _Wish(record.kind, body, canonical(body), future)
        with self._gate:
            if self._closed:
                raise LedgerUnavailable(f"{self._path}: the ledger is closed")
            self._wishes.put(wish)

    def stop(self) -> None:
        """Write what is queued and a last checkpoint, and close. Blocking; harmless a second time."""
        with self._gate:
            if not self._closed:
                self._closed = True
                self._wishes.put(None)
        self._thread.join()

    def _run(self) -> None:
        stopping = False
        while not stopping:
            batch, stopping = self._gather()
            if batch:
                self._write(batch)
            self._checkpoint_if_due(now=stopping)
        try:
            self._connection.close()
        except apsw.Error as error:
            log.warning("%s", in_words(error, self._path))

    def _gather(self) -> tuple[list[_Wish], bool]:
        """What is queued, after waiting for the first or for the time of a checkpoint; and whether that is the end."""
        batch: list[_Wish] = []
        try:
            wish = self._wishes.get(timeout=self._patience())
            while wish is not None:
                batch.append(wish)
                if len(batch) == MAX_BATCH:
                    return batch, False
                wish = self._wishes.get_nowait()
        except queue.Empty:
            return batch, False
        return batch, True

    def _patience(self) -> float | None:
        if self._head.signed == self._head.seq:
            return None
        return max(0.1, self._checkpointed_at + self._checkpoint_seconds - self._clock.monotonic())

    def _write(self, batch: Sequence[_Wish]) -> None:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            head, outcomes = self._insert(batch)
            self._connection.execute("COMMIT")
            self._head = head
            self._projections.settle()
        except BaseException as error:
            self._roll_back()
            outcomes = [(wish.future, self._failure(error)) for wish in batch]
        try:
            batch[0].future.get_loop().call_soon_threadsafe(self._deliver, outcomes)
        except RuntimeError:
            log.warning("the event loop has gone; %d callers do not hear of their entries", len(batch))

    def _insert(self, batch: Sequence[_Wish]) -> tuple[Head, list[Outcome]]:
        seq, prev, frontier = self._head.seq, self._head.hash, self._head.frontier.copy()
        outcomes: list[Outcome] = []
        rows: list[tuple[int, int, str, str, bytes, bytes]] = []
        for wish in batch:
            at_ns = self._clock.wall_ns()
            digest = entry_hash(seq + 1, at_ns, wish.kind.encode(), prev, wish.text.encode())
            entry = Entry(seq + 1, at_ns, wish.kind, wish.body, prev, digest)
            try:
                self._projections.stage(entry)
            except EntryRefused as refusal:
                outcomes.append((wish.future, refusal))
                continue
            rows.append((entry.seq, at_ns, wish.kind, wish.text, prev, digest))
            outcomes.append((wish.future, entry))
            frontier.push(digest)
            seq, prev = entry.seq, digest
        self._connection.executemany("INSERT INTO entries VALUES (?,?,?,?,?,?)", rows)
        self._projections.write()
        return Head(seq, prev, frontier, self._head.signed), outcomes

    def _checkpoint_if_due(self, now: bool) -> None:
        head = self._head
        unsigned = head.seq - head.signed
        late = self._clock.monotonic() - self._checkpointed_at >= self._checkpoint_seconds
        if not unsigned or not (now or late or unsigned >= self._checkpoint_entries):
            return
        note = Checkpoint(self._identity.name, head.seq, head.frontier.root()).sign(self._identity)
        self._checkpointed_at = self._clock.monotonic()
        try:
            self._connection.execute(
                "INSERT INTO checkpoints VALUES (?,?,?)", (head.seq, note, head.frontier.to_bytes())
            )
            self._head = Head(head.seq, head.hash, head.frontier, head.seq)
        except apsw.Error as error:
            log.warning("no checkpoint over %d entries: %s", head.seq, in_words(error, self._path))

    def _roll_back(self) -> None:
        self._projections.forget()
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except apsw.Error as error:
            log.warning("%s", in_words(error, self._path))

    def _failure(self, error: BaseException) -> LedgerError:
        if isinstance(error, apsw.Error):
            return in_words(error, self._path)
        log.error("the ledger's writer failed", exc_info=error)
        return LedgerUnavailable(f"{self._path}: the writer failed ({type(error).__name__}: {error})")
