"""What can go wrong with the books, in words for the owner."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

import apsw

__all__ = [
    "EntryRefused",
    "LedgerDamaged",
    "LedgerError",
    "LedgerForeign",
    "LedgerUnavailable",
    "MigrationFailed",
    "in_words",
]

NO_ROOM = 1 << 20  # bytes


class LedgerError(Exception):
    """Something about the ledger; the message says what and what to do."""


class EntryRefused(LedgerError):
    """The record contradicts the books, such as the end of a job that has ended already. Nothing was written."""


class LedgerUnavailable(LedgerError):
    """The disk does not take or give the data now; nothing was half-written, and a later try may succeed."""


class LedgerForeign(LedgerError):
    """The file is no ledger, or one of a newer Stoker. It was not touched."""


class MigrationFailed(LedgerError):
    """An older Stoker's books could not be brought to this version. They are as they were."""


class LedgerDamaged(LedgerError):
    """The books are not what was written.

    Attributes:
        seq: the first bad entry; None where the damage is not in one entry.
        what: what is wrong with it. remedy: what the owner can do.
    """

    def __init__(self, seq: int | None, what: str, remedy: str) -> None:
        where = "the ledger" if seq is None else f"ledger entry {seq}"
        super().__init__(f"{where}: {what}; {remedy}")
        self.seq = seq
        self.what = what
        self.remedy = remedy


def remedy_for(path: Path) -> str:
    """What to do about a damaged ledger file."""
    return f"restore {path} from a backup, or move it away (with its -wal file) to begin new books"


def in_words(error: apsw.Error, path: Path) -> LedgerError:
    """Turn an error of SQLite into one of ours."""
    if isinstance(error, apsw.NotADBError):
        return LedgerForeign(f"{path}: not a ledger file ({error}); {remedy_for(path)}")
    if isinstance(error, apsw.CorruptError):
        return LedgerDamaged(None, f"SQLite finds the file damaged ({error})", remedy_for(path))
    if isinstance(error, apsw.FullError) or (isinstance(error, apsw.IOError) and _is_full(path)):
        return LedgerUnavailable(f"{path}: no space is left for the ledger; free some on this disk")
    if isinstance(error, apsw.IOError):
        return LedgerUnavailable(f"{path}: the disk did not take or give the ledger's data ({error}); check the disk")
    return LedgerUnavailable(f"{path}: {error}; check that the file and its folder can be written by this user")


def _is_full(path: Path) -> bool:
    """SQLite cannot tell a full disk from a broken one where it shares memory through a file."""
    with suppress(OSError):
        return shutil.disk_usage(path.parent).free < NO_ROOM
    return False
