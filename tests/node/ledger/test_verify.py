"""A verification names the first entry that is not what was written."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import pytest
from books import KEY, accepted, finished, opened, unlocked, write
from hypothesis import given, settings
from hypothesis import strategies as st

from node.identity import Identity
from node.ledger.chain import entry_hash
from node.ledger.checkpoint import Checkpoint
from node.ledger.errors import LedgerForeign, LedgerUnavailable
from node.ledger.merkle import Frontier
from node.ledger.records import Settlement
from node.ledger.verify import Problem, verify
from wallet.money import Amount, Asset

KUDOS = Asset("kudos", 2)
ENTRIES = 24


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """24 entries: ten jobs, three settlements and the last word; checkpoints at 10, 20 and 24."""
    path = tmp_path_factory.mktemp("whole") / "ledger.db"

    async def fill() -> None:
        async with opened(path, checkpoint_entries=10) as ledger:
            for number in range(1, 11):
                await ledger.append(accepted(number))
                await ledger.append(finished(number, reward=Amount(number, KUDOS)))
            await write(ledger, (Settlement("horde", "kudos", 2, 7, "credited", n, f"tx{n}") for n in (1, 5, None)))

    asyncio.run(fill())
    return path


@pytest.fixture
def copied(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(whole, tmp_path / "ledger.db"))


@pytest.fixture
def tool(copied: Path) -> Iterator[apsw.Connection]:
    connection = unlocked(copied)
    yield connection
    connection.close()


def problem(path: Path) -> Problem | None:
    return verify(path, KEY.public_key).problem


def test_a_whole_ledger_is_whole(whole: Path) -> None:
    found = verify(whole, KEY.public_key)
    assert found.problem is None
    assert (found.entries, found.checkpoints, found.signed_up_to) == (ENTRIES, 3, ENTRIES)
    assert len(found.head_hex) == 64


async def test_a_ledger_is_verified_while_a_node_writes_it(tmp_path: Path) -> None:
    async with opened(tmp_path / "ledger.db") as ledger:
        await write(ledger, (accepted(number) for number in range(1, 6)))
        found = await asyncio.to_thread(verify, tmp_path / "ledger.db", KEY.public_key)
    assert (found.entries, found.signed_up_to, found.problem) == (5, 0, None)


def test_progress_ends_with_everything(whole: Path) -> None:
    steps: list[tuple[int, int]] = []
    verify(whole, KEY.public_key, lambda done, total: steps.append((done, total)))
    assert steps[-1] == (ENTRIES, ENTRIES)


COLUMNS = ("seq", "at_ns", "kind", "body", "prev", "hash")


@settings(max_examples=150)
@given(st.integers(1, ENTRIES), st.sampled_from(COLUMNS), st.integers(0, 10_000), st.integers(0, 7))
def test_any_flipped_bit_of_any_entry_is_found_and_the_entry_named(
    whole: Path, tmp_path_factory: pytest.TempPathFactory, seq: int, column: str, place: int, bit: int
) -> None:
    path = Path(shutil.copy(whole, tmp_path_factory.mktemp("flip") / "ledger.db"))
    tool = unlocked(path)
    value = tool.execute(f"SELECT {column} FROM entries WHERE seq = ?", (seq,)).get
    if isinstance(value, int):
        changed: int | bytes = int.from_bytes(flipped(value.to_bytes(8, "big"), place, bit), "big", signed=True)
        sql = f"UPDATE OR REPLACE entries SET {column} = ? WHERE seq = ?"
    elif isinstance(value, str):
        changed = flipped(value.encode(), place, bit)
        sql = f"UPDATE entries SET {column} = CAST(? AS TEXT) WHERE seq = ?"
    else:
        assert isinstance(value, bytes)
        changed = flipped(value, place, bit)
        sql = f"UPDATE entries SET {column} = ? WHERE seq = ?"
    tool.execute(sql, (changed, seq))
    tool.close()
    found = problem(path)
    assert found is not None
    if column == "seq" and isinstance(changed, int) and 0 < changed < seq:
        assert found.seq == changed  # the moved row took the place of this one
    else:
        assert found.seq == seq


def flipped(raw: bytes, place: int, bit: int) -> bytes:
    result = bytearray(raw)
    result[place % len(raw)] ^= 1 << bit
    return bytes(result)


@settings(max_examples=40)
@given(
    st.sampled_from([10, 20, ENTRIES]), st.sampled_from(["note", "frontier"]), st.integers(0, 500), st.integers(0, 7)
)
def test_any_flipped_bit_of_a_checkpoint_is_found_and_its_entry_named(
    whole: Path, tmp_path_factory: pytest.TempPathFactory, size: int, column: str, place: int, bit: int
) -> None:
    path = Path(shutil.copy(whole, tmp_path_factory.mktemp("flip") / "ledger.db"))
    tool = unlocked(path)
    raw = tool.execute(f"SELECT CAST({column} AS BLOB) FROM checkpoints WHERE size = ?", (size,)).get
    assert isinstance(raw, bytes)
    kind = "TEXT" if column == "note" else "BLOB"
    tool.execute(
        f"UPDATE checkpoints SET {column} = CAST(? AS {kind}) WHERE size = ?", (flipped(raw, place, bit), size)
    )
    tool.close()
    found = problem(path)
    assert found is not None
    assert found.seq == size


@pytest.mark.parametrize("seq", [1, 2, 13])
def test_a_missing_entry_is_named(copied: Path, tool: apsw.Connection, seq: int) -> None:
    tool.execute("DELETE FROM entries WHERE seq = ?", (seq,))
    found = problem(copied)
    assert found is not None
    assert (found.seq, found.what) == (seq, f"the entry is missing; the next one here is {seq + 1}")


def test_two_entries_that_changed_places_are_found_at_the_first(copied: Path, tool: apsw.Connection) -> None:
    tool.execute(
        "UPDATE entries SET seq = CASE seq WHEN 8 THEN 1009 ELSE 1008 END WHERE seq IN (8, 9);"
        "UPDATE entries SET seq = seq - 1000 WHERE seq > 1000"
    )
    found = problem(copied)
    assert found is not None
    assert found.seq == 8


def test_a_tail_cut_behind_a_checkpoint_is_found(copied: Path, tool: apsw.Connection) -> None:
    tool.execute("DELETE FROM entries WHERE seq > 22")
    found = problem(copied)
    assert found is not None
    assert found.seq == 23
    assert "a signed checkpoint covers 24 entries" in found.what


def test_a_tail_cut_together_with_its_checkpoint_is_found_by_the_tables(copied: Path, tool: apsw.Connection) -> None:
    tool.execute("DELETE FROM entries WHERE seq > 21; DELETE FROM checkpoints WHERE size > 21")
    found = problem(copied)
    assert found is not None
    assert "entries are missing at the end" in found.what


FORGERY = """
    UPDATE entries SET body = replace(body, 'ann', 'bob') WHERE seq = 13;
    UPDATE jobs SET client = 'bob' WHERE accepted_seq = 13;
"""


def test_an_entry_rewritten_with_all_hashes_behind_it_is_found_by_the_signature(
    copied: Path, tool: apsw.Connection
) -> None:
    tool.execute(FORGERY)
    rehash(tool)
    found = problem(copied)
    assert found is not None
    assert found.seq == 11
    assert "entries 11 to 20 are not those that were signed" in found.what


def test_checkpoints_made_anew_with_another_key_are_found(copied: Path, tool: apsw.Connection) -> None:
    tool.execute(FORGERY)
    rehash(tool)
    sign(tool, Identity(b"\x09" * 32, KEY.name))
    found = problem(copied)
    assert found is not None
    assert found.seq == 10
    assert "no signature by" in found.what


def rehash(tool: apsw.Connection) -> None:
    prev = bytes(32)
    for seq, at_ns, kind, body in tool.execute("SELECT seq, at_ns, kind, body FROM entries ORDER BY seq").fetchall():
        digest = entry_hash(seq, at_ns, kind.encode(), prev, body.encode())
        tool.execute("UPDATE entries SET prev = ?, hash = ? WHERE seq = ?", (prev, digest, seq))
        prev = digest


def sign(tool: apsw.Connection, key: Identity) -> None:
    tree = Frontier()
    sizes = [size for (size,) in tool.execute("SELECT size FROM checkpoints").fetchall()]
    for seq, digest in tool.execute("SELECT seq, hash FROM entries ORDER BY seq").fetchall():
        tree.push(digest)
        if seq in sizes:
            note = Checkpoint(key.name, seq, tree.root()).sign(key)
            tool.execute("UPDATE checkpoints SET note = ?, frontier = ? WHERE size = ?", (note, tree.to_bytes(), seq))


@pytest.mark.parametrize(
    ("sql", "seq"),
    [
        ("UPDATE jobs SET client = 'bob' WHERE number = 3", 5),
        ("UPDATE jobs SET units_lo = 999 WHERE number = 3", 6),
        ("UPDATE jobs SET state = 'failed' WHERE number = 3", 6),
        ("UPDATE jobs SET compute_us = NULL WHERE number = 4", 8),
        ("DELETE FROM jobs WHERE number = 3", 5),
        ("UPDATE settlements SET claim = 'paid' WHERE seq = 21", 21),
        ("DELETE FROM settlements WHERE seq = 23", 23),
        ("UPDATE hours SET done = done + 1", None),
        ("UPDATE hours SET credited_lo = 0 WHERE credited_lo > 0", None),
        ("DELETE FROM hours", None),
        ("UPDATE hours SET cost_micro = 1", None),
        ("UPDATE settlements SET worth_micro = 1 WHERE seq = 21", 21),
        ("UPDATE accounts SET units_lo = 0 WHERE claim = 'credited'", None),
        ("UPDATE accounts SET first_ns = first_ns - 1", None),
        ("DELETE FROM accounts WHERE claim = 'claimed'", None),
        ("UPDATE jobs SET credited = 1 WHERE number = 2", None),
        ("UPDATE jobs SET credited = 0 WHERE number = 5", None),
        ("INSERT INTO jobs(number, job_id, network, model, client, accepted_ns, accepted_seq) "
         "VALUES (99, 'x', 'x', 'x', 'x', 1, 1)", None),
    ],
)  # fmt: skip
def test_tables_that_say_other_than_the_entries_are_found(
    copied: Path, tool: apsw.Connection, sql: str, seq: int | None
) -> None:
    tool.execute(sql)
    found = problem(copied)
    assert found is not None
    assert found.seq == seq


def test_another_key_verifies_nothing(whole: Path) -> None:
    found = verify(whole, Identity(b"\x09" * 32).public_key)
    assert found.problem is not None
    assert (found.problem.seq, found.checkpoints) == (10, 0)


def test_pages_that_sqlite_cannot_read_are_a_problem_and_no_traceback(copied: Path) -> None:
    size = copied.stat().st_size
    for offset in range(4096, size, 4096):
        raw = bytearray(copied.read_bytes())
        raw[offset : offset + 200] = b"\xa5" * 200
        broken = copied.with_name(f"broken{offset}.db")
        broken.write_bytes(raw)
        assert problem(broken) is not None, f"page at {offset} of {size}"


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda path: None, LedgerUnavailable),
        (lambda path: path.write_bytes(b""), LedgerForeign),
        (lambda path: path.write_text("diary" * 1000), LedgerForeign),
        (lambda path: apsw.Connection(str(path)).execute("CREATE TABLE diary(x)"), LedgerForeign),
    ],
)
def test_what_is_no_ledger_is_said_so(tmp_path: Path, make: Callable[[Path], object], error: type[Exception]) -> None:
    make(tmp_path / "ledger.db")
    with pytest.raises(error, match=r"ledger\.db"):
        verify(tmp_path / "ledger.db", KEY.public_key)


def test_a_verification_changes_nothing(copied: Path) -> None:
    before = copied.read_bytes()
    copied.chmod(0o400)
    assert problem(copied) is None
    assert copied.read_bytes() == before
