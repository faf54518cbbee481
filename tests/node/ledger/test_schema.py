"""The ledger's file: versions, migrations and backups."""

from __future__ import annotations

import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import apsw
import pytest
from books import KEY, accepted, finished, opened, write, written_by_version
from hand_clock import HandClock

from node.ledger import store
from node.ledger.accounts import accounts, waiting
from node.ledger.errors import LedgerForeign, MigrationFailed, in_words
from node.ledger.migrations import MIGRATIONS
from node.ledger.records import Settlement
from node.ledger.schema import connect_writer, migrate
from node.ledger.store import Ledger
from node.ledger.sums import totals
from node.ledger.verify import verify
from wallet.money import Amount, Asset

KUDOS = Asset("kudos", 2)


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


@pytest.mark.parametrize(("free", "told"), [(0, "no space is left"), (1 << 30, "check the disk")])
def test_a_failing_disk_that_is_full_is_told_to_be_full(
    free: int, told: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.ledger.errors.shutil.disk_usage", lambda _: SimpleNamespace(free=free))

    assert told in str(in_words(apsw.IOError("disk I/O error"), path))


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


@pytest.mark.parametrize("version", [1, 2])
async def test_an_older_ledger_goes_on_and_its_backup_still_verifies(tmp_path: Path, version: int) -> None:
    async with opened(tmp_path / "ledger.db") as ledger:
        await write(ledger, [accepted(1), finished(1, reward=Amount(341, KUDOS)), credit(1, 300)])
    path = written_by_version(version, tmp_path / "ledger.db")
    assert verify(path, KEY.public_key).problem is None

    async with opened(path) as ledger:
        await write(ledger, [accepted(2), finished(2), credit(2, 5)])

    assert verify(path, KEY.public_key).problem is None
    assert verify(path.with_name(f"{path.name}.v{version}.backup"), KEY.public_key).problem is None


async def test_costs_and_credits_of_version_2_are_in_the_new_sums(tmp_path: Path) -> None:
    async with opened(tmp_path / "ledger.db") as ledger:
        await write(ledger, [accepted(1), accepted(2), accepted(3)])
        await write(ledger, [finished(1, reward=Amount(341, KUDOS), cost_micro=70), finished(2, cost_micro=5)])
        await write(ledger, [finished(3, reward=Amount(8, KUDOS)), credit(1, 300), credit(None, 25)])
    async with opened(written_by_version(2, tmp_path / "ledger.db")) as ledger:
        (account,) = await ledger.query(accounts)
        left = await ledger.query(waiting, account)
        sums = await ledger.query(totals, 0, 2**62)
    assert (account.claimed.units, account.credited.units, account.paid.units) == (349, 325, 0)
    assert (left.jobs, left.units) == (1, 8)
    assert sums.costs == (Amount(75, Asset("EUR", 6)),)


def credit(number: int | None, units: int) -> Settlement:
    return Settlement("horde", "kudos", 2, units, "credited", number, f"credit of {number}")


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
    with pytest.raises(LedgerForeign, match="version 4, and this Stoker knows up to 3; install a newer Stoker"):
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
