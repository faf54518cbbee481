"""What was acknowledged is in the books after a kill, a power cut and a full disk."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import apsw
import ledger_writer
import pytest
from books import KEY, NOON, accepted, finished
from hand_clock import HandClock
from power_cut import disk

from node.identity import Identity
from node.ledger import queries, schema
from node.ledger.chain import Entry
from node.ledger.errors import LedgerDamaged, LedgerError, LedgerUnavailable
from node.ledger.schema import connect_reader
from node.ledger.store import Ledger
from node.ledger.verify import verify

WRITER = Path(ledger_writer.__file__)


def test_fifteen_kills_lose_no_acknowledged_entry_and_end_every_job_once(tmp_path: Path) -> None:
    dice = random.Random(15)
    told: list[list[str]] = []
    for _ in range(15):
        told += killed_after(dice.randrange(5, 400), tmp_path)
    key = Identity.load_or_create(tmp_path)
    found = verify(tmp_path / "ledger.db", key.public_key)
    assert found.problem is None
    reader = connect_reader(tmp_path / "ledger.db")
    written = {
        (entry.kind.removeprefix("job_"), str(entry.body["number"]), str(entry.seq)) for entry in every_entry(reader)
    }
    ends = Counter(number for kind, number, _ in written if kind == "finished")
    open_jobs = {str(job.number) for job in queries.unfinished(reader, 2**62)}
    reader.close()
    acknowledged = {tuple(words) for words in told if words[0] in ("accepted", "finished")}
    assert len(acknowledged) > 1000
    assert acknowledged <= written
    assert set(ends.values()) == {1}
    assert open_jobs.isdisjoint(ends)
    assert len(open_jobs) <= ledger_writer.CALLERS  # only those of the last run: the others were recovered


def killed_after(lines: int, folder: Path) -> list[list[str]]:
    """What a writer told until it was killed without warning, after so many lines."""
    with subprocess.Popen([sys.executable, str(WRITER), str(folder)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(lines)]
        process.send_signal(signal.SIGKILL)
        told += process.stdout.read().splitlines(keepends=True)
    return [line.decode().split() for line in told if line.endswith(b"\n")]


def every_entry(reader: apsw.Connection) -> list[Entry]:
    entries: list[Entry] = []
    while page := queries.entries(reader, len(entries), 10_000):
        entries += page
    return entries


@dataclass(frozen=True)
class AfterCut:
    """What one power cut did."""

    acknowledged: int
    present: int
    whole: bool

    @property
    def lost(self) -> bool:
        return not self.whole or self.present < self.acknowledged


async def cut(seed: int, folder: Path) -> AfterCut:
    """Four callers write until the power goes; then the books are opened on what the disk kept."""
    dice = random.Random(seed)
    before, after = folder / f"before{seed}", folder / f"after{seed}"
    after.mkdir()
    acknowledged = 0

    async def call(ledger: Ledger, first: int) -> None:
        nonlocal acknowledged
        for number in range(first, 100_000, 4):
            for record in (accepted(number, client="x" * dice.randrange(600)), finished(number)):
                acknowledged = max(acknowledged, (await ledger.append(record)).seq)

    with disk(f"disk{seed}-{os.urandom(4).hex()}") as machine:
        ledger = Ledger.open(before / "ledger.db", KEY, HandClock(NOON), checkpoint_entries=30)
        await ledger.query(lambda connection: None)
        machine.cut_at = machine.accesses + dice.randrange(20, 1500)
        calls = await asyncio.gather(*(call(ledger, first) for first in range(1, 5)), return_exceptions=True)
        assert all(isinstance(call, LedgerUnavailable) for call in calls), calls
        machine.materialise(after, dice)
        await ledger.close()
    try:
        ledger = Ledger.open(after / "ledger.db", KEY, HandClock(NOON))
    except LedgerError:
        return AfterCut(acknowledged, 0, whole=False)
    try:
        present = await ledger.query(lambda connection: connection.execute("SELECT max(seq) FROM entries").get)
        await ledger.recover()
    finally:
        await ledger.close()
    found = verify(after / "ledger.db", KEY.public_key)
    return AfterCut(acknowledged, int(str(present or 0)), found.problem is None)


async def test_fifteen_power_cuts_lose_no_acknowledged_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "WAL_PAGES", 20)  # so that cuts also fall into the copying of the write-ahead log
    cuts = [await cut(seed, tmp_path) for seed in range(15)]
    assert [after for after in cuts if after.lost] == []
    assert sum(after.acknowledged for after in cuts) > 500


@pytest.mark.parametrize("synchronous", ["NORMAL", "OFF"])
async def test_the_power_cut_would_show_a_ledger_that_does_not_sync(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, synchronous: str
) -> None:
    monkeypatch.setattr(schema, "SYNCHRONOUS", synchronous)
    monkeypatch.setattr(schema, "WAL_PAGES", 20)
    cuts = [await cut(seed, tmp_path) for seed in range(6)]
    assert any(after.lost for after in cuts)


def test_a_full_disk_refuses_in_words_and_goes_on_when_there_is_space(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, str(WRITER), str(tmp_path), "300000"], capture_output=True, text=True, check=True, timeout=60
    )
    lines = [line.split(maxsplit=1) for line in told.stdout.splitlines()]
    refused = [words[1] for words in lines if words[0] == "refused"]
    assert len(refused) == ledger_writer.CALLERS
    assert all("ledger.db" in reason and "disk" in reason for reason in refused)
    acknowledged = [int(words[1].split()[1]) for words in lines if words[0] in ("accepted", "finished")]
    (recovered,) = (int(words[1]) for words in lines if words[0] == "recovered")
    found = verify(tmp_path / "ledger.db", Identity.load_or_create(tmp_path).public_key)
    assert found.problem is None
    assert found.entries == recovered + 1  # and the last word
    assert recovered == max(acknowledged) + 1 > 50
    assert told.stderr == ""


async def test_a_file_that_rots_under_a_running_node_is_reported_in_words(tmp_path: Path) -> None:
    ledger = Ledger.open(tmp_path / "ledger.db", KEY, HandClock(NOON))
    for number in range(1, 300):
        await ledger.append(accepted(number))
    await ledger.close()
    ledger = Ledger.open(tmp_path / "ledger.db", KEY, HandClock(NOON), recheck=1)
    try:
        with (tmp_path / "ledger.db").open("r+b") as file:
            for page in range(2, (tmp_path / "ledger.db").stat().st_size // 4096):
                file.seek(page * 4096)
                file.write(b"\xa5" * 4096)
        with pytest.raises(LedgerDamaged, match=r"SQLite finds the file damaged.*from a backup"):
            await ledger.query(queries.jobs)
    finally:
        await ledger.close()
