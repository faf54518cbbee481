"""The ledger's file: connections, versions and backups."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import apsw

from node.ledger.errors import LedgerForeign, MigrationFailed, remedy_for
from node.ledger.migrations import MIGRATIONS, Migration

__all__ = ["connect_reader", "connect_writer", "migrate"]

log = logging.getLogger(__name__)

APPLICATION_ID = 0x53544F4B  # "STOK", in the file's header
SYNCHRONOUS = "FULL"  # NORMAL loses acknowledged entries when the power fails
WAL_PAGES = 4000  # 16 MB; SQLite copies the write-ahead log into the file when it is that long


def connect_writer(path: Path) -> apsw.Connection:
    """The one connection that writes. Makes the file (0600) and its folder (0700) if need be.

    Raises:
        LedgerForeign: it is some other program's database; it was not touched.
        apsw.Error, OSError: the file cannot be opened, or is no database.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        connection.set_busy_timeout(5000)
        _check_ours(connection, path)
        connection.pragma("journal_mode", "wal")
        connection.pragma("synchronous", SYNCHRONOUS)
        connection.pragma("foreign_keys", True)
        connection.pragma("trusted_schema", False)
        connection.pragma("wal_autocheckpoint", WAL_PAGES)
        connection.pragma("journal_size_limit", 64 * 1024 * 1024)
    except BaseException:
        connection.close()
        raise
    return connection


def connect_reader(path: Path) -> apsw.Connection:
    """A connection that cannot write. Also good for a file that no node has open.

    Raises:
        apsw.Error: the file cannot be opened.
    """
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    connection.set_busy_timeout(5000)
    connection.pragma("trusted_schema", False)
    return connection


def version_of(connection: apsw.Connection, path: Path, known: int = len(MIGRATIONS)) -> int:
    """Which version this ledger file is; 0 for an empty one.

    Raises:
        LedgerForeign: it is some other program's database, or a newer Stoker's.
    """
    _check_ours(connection, path)
    version = int(connection.pragma("user_version"))
    if version > known:
        raise LedgerForeign(
            f"{path}: the ledger has version {version}, and this Stoker knows up to {known}; install a newer Stoker"
        )
    return version


def _check_ours(connection: apsw.Connection, path: Path) -> None:
    empty = connection.execute("SELECT count(*) FROM sqlite_schema").get == 0
    if not empty and connection.pragma("application_id") != APPLICATION_ID:
        raise LedgerForeign(f"{path}: this database is no Stoker ledger; {remedy_for(path)}")


def migrate(
    connection: apsw.Connection,
    path: Path,
    migrations: Sequence[Migration] = MIGRATIONS,
    *,
    prove: Callable[[apsw.Connection], object] = lambda _: None,
) -> Path | None:
    """Bring the file to the latest version, all or nothing, after a backup beside it (``NAME.v1.backup``).

    Args:
        prove: looks at the migrated books before they are kept; what it raises goes on, and nothing was changed.

    Returns:
        The backup; None if the file was new or needed nothing.

    Raises:
        LedgerForeign: the file is not for this Stoker.
        MigrationFailed: a step failed. apsw.FullError, apsw.IOError: the disk did not take it.
    """
    version = version_of(connection, path, len(migrations))
    if version == len(migrations):
        return None
    backup = _back_up(connection, path, version) if version else None
    if backup is not None:
        log.info("the ledger goes from version %d to %d; as it was it stays in %s", version, len(migrations), backup)
    connection.execute("BEGIN IMMEDIATE")
    try:
        for step in migrations[version:]:
            _take(step, connection, path, version, len(migrations))
        connection.pragma("application_id", APPLICATION_ID)
        connection.pragma("user_version", len(migrations))
        if backup is not None:
            prove(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return backup


def _take(step: Migration, connection: apsw.Connection, path: Path, old: int, new: int) -> None:
    try:
        step(connection)
    except (apsw.FullError, apsw.IOError):
        raise
    except Exception as error:
        raise MigrationFailed(
            f"{path}: the books could not be brought from version {old} to {new} ({type(error).__name__}: {error}); "
            f"they were not changed, and {path.name}.v{old}.backup is a copy of them"
        ) from error


def _back_up(connection: apsw.Connection, path: Path, version: int) -> Path:
    backup = path.with_name(f"{path.name}.v{version}.backup")
    backup.unlink(missing_ok=True)
    descriptor = os.open(backup, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        connection.execute("VACUUM INTO ?", (str(backup),))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return backup
