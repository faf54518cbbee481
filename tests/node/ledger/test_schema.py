"""The ledger's file: versions, migrations and backups."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import apsw
import pytest
from books import KEY, accepted, finished, opened, write
from hand_clock import HandClock

from node.ledger import store
from node.ledger.errors import LedgerForeign, MigrationFailed
from node.ledger.schema import MIGRATIONS, connect_writer, migrate
from node.ledger.store import Ledger
from node.ledger.verify import verify


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """A ledger of today's version with five jobs and the last word."""
    path = tmp_path / "ledger.db"
    async with opened(path) as ledger:
        await write(ledger, (accepted(number) for number in range(1, 6)))
    return path


def add_mood(connection: apsw.Connection) -> None:
    connection.execute("ALTER TABLE jobs ADD COLUMN mood TEXT")


def fail_halfway(connection: apsw.Connection) -> None:
    add_mood(connection)
    raise apsw.FullError("disk full")


def test_durability_is_what_the_promise_needs(path: Path) -> None:
    connection = connect_writer(path)
    assert connection.pragma("journal_mode") == "wal"
    assert connection.pragma("synchronous") == 2  # FULL
    assert apsw.sqlite_lib_version() >= "3.51.3"  # earlier ones may damage a WAL file
    connection.close()


def test_a_file_of_today_needs_nothing(path: Path) -> None:
    connection = connect_writer(path)
    assert migrate(connection, path) is None
    connection.close()
    assert [file.name for file in path.parent.iterdir()] == ["ledger.db"]


def test_an_older_file_is_migrated_after_a_backup_that_verifies(path: Path) -> None:
    connection = connect_writer(path)
    backup = migrate(connection, path, [*MIGRATIONS, add_mood])
    assert backup == path.with_name(f"ledger.db.v{len(MIGRATIONS)}.backup")
    assert connection.pragma("user_version") == len(MIGRATIONS) + 1
    assert connection.execute("SELECT mood FROM jobs WHERE number = 1").get is None
    connection.close()
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    found = verify(backup, KEY.public_key)
    assert (found.entries, found.problem) == (6, None)


async def test_a_ledger_of_version_1_goes_on_and_its_backup_still_verifies(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    async with opened(path) as ledger:
        await write(ledger, [accepted(1), finished(1)])
    connection = connect_writer(path)
    connection.execute(
        "DROP INDEX entries_energy; ALTER TABLE jobs DROP COLUMN cost_micro; ALTER TABLE jobs DROP COLUMN currency"
    )
    connection.pragma("user_version", 1)
    connection.close()

    async with opened(path) as ledger:
        await write(ledger, [accepted(2), finished(2)])

    assert verify(path, KEY.public_key).problem is None
    assert verify(path.with_name("ledger.db.v1.backup"), KEY.public_key).problem is None


def test_a_migration_that_fails_leaves_the_file_as_it_was(path: Path) -> None:
    connection = connect_writer(path)
    with pytest.raises(apsw.FullError):
        migrate(connection, path, [*MIGRATIONS, fail_halfway])
    assert connection.pragma("user_version") == len(MIGRATIONS)
    with pytest.raises(apsw.SQLError, match="no such column"):
        connection.execute("SELECT mood FROM jobs")
    connection.close()
    assert verify(path, KEY.public_key).problem is None


def test_a_migration_with_a_fault_says_so_and_leaves_the_file_as_it_was(path: Path) -> None:
    connection = connect_writer(path)
    versions = f"from version {len(MIGRATIONS)} to {len(MIGRATIONS) + 2}"
    with pytest.raises(MigrationFailed, match=rf"{versions} \(SQLError: no such table: moods\); they were not changed"):
        migrate(connection, path, [*MIGRATIONS, add_mood, lambda books: books.execute("DROP TABLE moods")])
    assert connection.pragma("user_version") == len(MIGRATIONS)
    connection.close()
    assert verify(path.with_name(f"ledger.db.v{len(MIGRATIONS)}.backup"), KEY.public_key).problem is None


def test_books_that_would_not_verify_are_not_migrated(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forget_a_job(connection: apsw.Connection) -> None:
        connection.execute("DELETE FROM jobs WHERE number = 3")

    def migrate_too_far(*arguments: Any, **options: Any) -> object:
        return migrate(*arguments, [*MIGRATIONS, forget_a_job], **options)

    monkeypatch.setattr(store, "migrate", migrate_too_far)
    with pytest.raises(MigrationFailed, match=r"they would not verify: ledger entry 3: .*they were not changed"):
        Ledger.open(path, KEY, HandClock())
    assert verify(path, KEY.public_key).problem is None


def test_a_newer_file_is_refused_and_not_touched(path: Path) -> None:
    connection = connect_writer(path)
    migrate(connection, path, [*MIGRATIONS, add_mood])
    connection.close()
    before = path.read_bytes()
    with pytest.raises(LedgerForeign, match="version 3, and this Stoker knows up to 2; install a newer Stoker"):
        Ledger.open(path, KEY, HandClock())
    assert path.read_bytes() == before


def test_another_programs_database_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    connection = apsw.Connection(str(path))
    connection.execute("CREATE TABLE diary(text)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(LedgerForeign, match="no Stoker ledger"):
        Ledger.open(path, KEY, HandClock())
    assert path.read_bytes() == before
