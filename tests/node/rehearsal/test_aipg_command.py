"""The stand-in AI Power Grid as ``stoker dev aipg`` runs it, and a node's worker that earns there."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from grid import MODEL
from memory_credits import MemoryCredits
from patience import PATIENCE
from running_node import ROOT
from scripted_engine import MemoryBooks, ScriptedEngine

from node.clock import SystemClock
from node.dispatcher import Dispatcher
from node.ledger.records import JobFinished
from node.networks.aipg.network import AipgNetwork
from node.rehearsal.aipg.__main__ import KEY
from wallet.secret import Secret

Start = Callable[..., tuple[subprocess.Popen[str], str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    begun: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> tuple[subprocess.Popen[str], str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "tui.cli", "dev", "aipg", "--port", "0", *arguments],
            env={"PYTHONPATH": str(ROOT), "HOME": str(tmp_path)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        begun.append(process)
        assert process.stdout is not None
        return process, process.stdout.readline().strip()

    yield start
    for process in begun:
        process.kill()
        process.communicate(timeout=PATIENCE)


async def test_a_worker_earns_there_and_the_books_agree(start: Start, tmp_path: Path) -> None:
    process, url = await asyncio.to_thread(start, "--jobs", "25", "--queue", "6")
    engine, books = ScriptedEngine(by_itself=True), MemoryBooks()
    dispatcher = Dispatcher([engine], books, SystemClock())
    network = AipgNetwork(
        url=url,
        key=Secret(KEY),
        worker_name="rig",
        models={"m": MODEL},
        ledger=MemoryCredits(),
        state_dir=tmp_path,
        clock=SystemClock(),
    )
    await dispatcher.refresh()
    working = asyncio.create_task(network.run(dispatcher.desk("aipg")))

    def receipts() -> list[JobFinished]:
        return [record for record in books.records if isinstance(record, JobFinished)]

    async with asyncio.timeout(PATIENCE):
        while len(receipts()) < 25:  # noqa: ASYNC110  another process's doing
            await asyncio.sleep(0.02)
    async with httpx.AsyncClient() as client:
        (account,) = (await client.get(f"{url}/rehearsal/books")).json().values()
    claimed = sum(record.receipt.reward.units for record in receipts() if record.receipt.reward)
    assert (account["jobs"], account["den_hundredths"]) == (25, claimed)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    await dispatcher.stop("the test is over")
    process.terminate()
    told = (await asyncio.to_thread(process.communicate, timeout=PATIENCE))[1]
    assert process.returncode == 0
    assert json.loads(told[told.index("{") :])[next(iter(json.loads(told[told.index("{") :])))] == account


def test_it_ends_by_itself(start: Start) -> None:
    process, _ = start("--minutes", "0.01")
    told = process.communicate(timeout=PATIENCE)[1]
    assert process.returncode == 0
    assert KEY in told


def test_a_port_that_is_taken_is_told(start: Start) -> None:
    _, url = start()
    process, _ = start("--port", url.rpartition(":")[2])
    assert "choose another with --port" in process.communicate(timeout=PATIENCE)[1]
    assert process.returncode == 1
