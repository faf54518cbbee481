"""The ledger's file: tables, the triggers that keep it append-only, connections and migrations."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import apsw

from node.ledger.errors import LedgerForeign, MigrationFailed, remedy_for

__all__ = ["MIGRATIONS", "Migration", "connect_reader", "connect_writer", "migrate"]

APPLICATION_ID = 0x53544F4B  # "STOK", in the file's header
SYNCHRONOUS = "FULL"  # NORMAL loses acknowledged entries when the power fails
WAL_PAGES = 4000  # 16 MB; SQLite copies the write-ahead log into the file when it is that long

Migration = Callable[[apsw.Connection], object]


def _books(connection: apsw.Connection) -> None:
    """Version 1.

    ``entries`` and ``checkpoints`` are the books. ``jobs``, ``settlements`` and ``hours`` only repeat them in a form
    that answers quickly; they are written in the same transaction, and a verification compares them.

    Amounts are two columns, ``units = hi * 2^40 + lo`` with ``0 <= lo < 2^40`` before adding up, because one asset unit
    at 18 decimals is close to the limit of a 64-bit integer and SQL has no wider one.
    """
    connection.execute(
        """
        CREATE TABLE entries(
            seq INTEGER PRIMARY KEY CHECK (seq > 0),
            at_ns INTEGER NOT NULL CHECK (at_ns >= 0),
            kind TEXT NOT NULL,
            body TEXT NOT NULL,
            prev BLOB NOT NULL CHECK (length(prev) = 32),
            hash BLOB NOT NULL CHECK (length(hash) = 32)
        ) STRICT;

        CREATE TRIGGER entries_follow BEFORE INSERT ON entries
        WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entries)
            OR NEW.prev IS NOT coalesce((SELECT hash FROM entries ORDER BY seq DESC LIMIT 1), zeroblob(32))
        BEGIN SELECT RAISE(ABORT, 'an entry follows the last one: seq is the next, prev is its hash'); END;

        CREATE TRIGGER entries_stay BEFORE UPDATE ON entries
        BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END;

        CREATE TRIGGER entries_remain BEFORE DELETE ON entries
        BEGIN SELECT RAISE(ABORT, 'entries are never deleted'); END;

        CREATE TABLE checkpoints(
            size INTEGER PRIMARY KEY CHECK (size > 0),
            note TEXT NOT NULL,
            frontier BLOB NOT NULL
        ) STRICT;

        CREATE TRIGGER checkpoints_follow BEFORE INSERT ON checkpoints
        WHEN NEW.size <= (SELECT coalesce(max(size), 0) FROM checkpoints)
            OR NEW.size IS NOT (SELECT max(seq) FROM entries)
        BEGIN SELECT RAISE(ABORT, 'a checkpoint is of the whole ledger, and larger than the last one'); END;

        CREATE TRIGGER checkpoints_stay BEFORE UPDATE ON checkpoints
        BEGIN SELECT RAISE(ABORT, 'checkpoints are never changed'); END;

        CREATE TRIGGER checkpoints_remain BEFORE DELETE ON checkpoints
        BEGIN SELECT RAISE(ABORT, 'checkpoints are never deleted'); END;

        CREATE TABLE jobs(
            number INTEGER PRIMARY KEY,
            job_id TEXT NOT NULL,
            network TEXT NOT NULL,
            model TEXT NOT NULL,
            client TEXT NOT NULL,
            accepted_ns INTEGER NOT NULL,
            accepted_seq INTEGER NOT NULL,
            ended_ns INTEGER,
            ended_seq INTEGER,
            state TEXT,
            reason TEXT,
            prompt_tokens INTEGER,
            completion_tokens INTEGER,
            queued_us INTEGER,
            first_token_us INTEGER,
            compute_us INTEGER,
            energy_mj INTEGER,
            asset TEXT NOT NULL DEFAULT '',
            decimals INTEGER NOT NULL DEFAULT 0,
            units_hi INTEGER NOT NULL DEFAULT 0,
            units_lo INTEGER NOT NULL DEFAULT 0
        ) STRICT;

        CREATE INDEX jobs_ended ON jobs(ended_ns);

        CREATE TABLE settlements(
            seq INTEGER PRIMARY KEY,
            at_ns INTEGER NOT NULL,
            network TEXT NOT NULL,
            model TEXT NOT NULL,
            claim TEXT NOT NULL,
            refers INTEGER,
            reference TEXT NOT NULL,
            asset TEXT NOT NULL,
            decimals INTEGER NOT NULL,
            units_hi INTEGER NOT NULL,
            units_lo INTEGER NOT NULL
        ) STRICT;

        CREATE INDEX settlements_at ON settlements(at_ns);
        CREATE INDEX settlements_refers ON settlements(refers) WHERE refers IS NOT NULL;

        CREATE TABLE hours(
            hour INTEGER NOT NULL,
            network TEXT NOT NULL,
            model TEXT NOT NULL,
            asset TEXT NOT NULL,
            decimals INTEGER NOT NULL,
            done INTEGER NOT NULL,
            failed INTEGER NOT NULL,
            cancelled INTEGER NOT NULL,
            expired INTEGER NOT NULL,
            returned INTEGER NOT NULL,
            prompt_tokens INTEGER NOT NULL,
            completion_tokens INTEGER NOT NULL,
            compute_us INTEGER NOT NULL,
            energy_mj INTEGER NOT NULL,
            measured INTEGER NOT NULL,
            claimed_hi INTEGER NOT NULL,
            claimed_lo INTEGER NOT NULL,
            credited_hi INTEGER NOT NULL,
            credited_lo INTEGER NOT NULL,
            paid_hi INTEGER NOT NULL,
            paid_lo INTEGER NOT NULL,
            PRIMARY KEY (hour, network, model, asset, decimals)
        ) STRICT, WITHOUT ROWID;

        -- Every ended job and every settlement as one row of what the hours add up.
        CREATE VIEW events AS
        SELECT ended_ns AS at_ns, network, model, asset, decimals,
            state = 'done' AS done, state = 'failed' AS failed, state = 'cancelled' AS cancelled,
            state = 'expired' AS expired, state = 'returned' AS returned,
            coalesce(prompt_tokens, 0) AS prompt_tokens, coalesce(completion_tokens, 0) AS completion_tokens,
            compute_us, coalesce(energy_mj, 0) AS energy_mj, energy_mj IS NOT NULL AS measured,
            units_hi AS claimed_hi, units_lo AS claimed_lo,
            0 AS credited_hi, 0 AS credited_lo, 0 AS paid_hi, 0 AS paid_lo
        FROM jobs WHERE ended_ns IS NOT NULL
        UNION ALL
        SELECT at_ns, network, model, asset, decimals, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            iif(claim = 'credited', units_hi, 0), iif(claim = 'credited', units_lo, 0),
            iif(claim = 'paid', units_hi, 0), iif(claim = 'paid', units_lo, 0)
        FROM settlements;
        """
    )


def _costs(connection: apsw.Connection) -> None:
    """Version 2: what a job's energy cost, and a way to the energy entries of a day."""
    connection.execute(
        """
        ALTER TABLE jobs ADD COLUMN cost_micro INTEGER;
        ALTER TABLE jobs ADD COLUMN currency TEXT NOT NULL DEFAULT '';
        CREATE INDEX entries_energy ON entries(at_ns) WHERE kind = 'energy_used';
        """
    )


MIGRATIONS: Sequence[Migration] = (_books, _costs)
"""Each takes the file from one version to the next, and never changes entries or checkpoints."""


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
