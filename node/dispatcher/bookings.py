"""What the dispatcher writes into the books, and what it still owes them."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from typing import Protocol

from node.ledger.errors import EntryRefused, LedgerUnavailable
from node.ledger.records import JobAccepted, JobFinished


class Books(Protocol):
    """Where jobs are written down."""

    async def append(self, record: JobAccepted | JobFinished) -> BookEntry:
        """Write; returns once the entry is safe on the disk."""


class BookEntry(Protocol):
    """An entry that is safe on the disk."""

    @property
    def seq(self) -> int: ...


class Bookings:
    """Keeps the ends of jobs that the books do not take when they come.

    Attributes:
        trouble: why the books could not be written the last time; empty if they could.
    """

    def __init__(self, books: Books) -> None:
        self.trouble = ""
        self._books = books
        self._owed: deque[JobFinished] = deque()

    async def book(self, record: JobAccepted | JobFinished) -> int:
        """Write it; the entry's number once it is safe on the disk.

        Raises:
            LedgerUnavailable: it is not; the end of a job is kept for later.
        """
        try:
            entry = await self._books.append(record)
        except LedgerUnavailable as error:
            self.trouble = str(error)
            if isinstance(record, JobFinished):
                self._owed.append(record)
            raise
        if not self._owed:
            self.trouble = ""
        return entry.seq

    async def write_what_is_owed(self) -> None:
        """Write the ends of jobs that the books did not take when they came.

        Raises:
            LedgerUnavailable: they still do not; nothing is forgotten.
        """
        while self._owed:
            with suppress(EntryRefused):  # they have an end of it already
                await self._books.append(self._owed[0])
            self._owed.popleft()
