"""From a home that has joined nothing to kudos in the books: real processes, a stand-in for the network."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from eventually import eventually
from patience import PATIENCE
from running_node import environment, prepare, running_node

JOBS = 4
KEY = "rehearsal-key"


@pytest.fixture
def horde() -> Iterator[str]:
    """The address of an AI Horde of its own, with a few jobs to give."""
    command = [sys.executable, "-P", "-m", "node.rehearsal.horde", "--port", "0", "--max-length", "16"]
    command += ["--jobs", str(JOBS), "--queue", "2"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment()
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    prepare(tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def key_file(tmp_path: Path) -> str:
    path = tmp_path / "horde.key"
    path.touch(0o600)
    path.write_text(f"{KEY}\n")
    return str(path)


def stoker(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tui.cli", "--data-dir", str(home), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment())


def told(home: Path, *arguments: str) -> Any:
    done = stoker(home, *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def paid_cents(url: str) -> int:
    """What the stand-in's own books have for its one worker."""
    with urllib.request.urlopen(f"{url}/rehearsal/books", timeout=PATIENCE) as answer:
        (worker,) = json.load(answer)["workers"]
    return sum(worker["paid_cents"].values())


@pytest.mark.slow
async def test_joined_without_a_node_worked_for_with_one_and_left_again(horde: str, home: Path, key_file: str) -> None:
    add = ("networks", "add", "horde", "--name", "rig", "--url", horde, "--api-key-file", key_file, "--accept")
    joined = stoker(home, *add, "--set", "reference_url=")
    assert joined.returncode == 0, joined.stderr
    assert "`stoker --headless` starts it" in joined.stderr
    assert KEY not in joined.stdout + joined.stderr
    assert [path for path in home.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()] == []

    with running_node(home) as node:
        await eventually(lambda: node.control.networks()[0].hour_done == JOBS, 60)
        (view,) = told(home, "networks", "list")
        assert (view["worker_name"], view["hour_failed"]) == ("rig", 0)
        assert view["rewards"][0]["claimed"] == paid_cents(horde) > 0

        assert told(home, "networks", "test", "horde")["horde"]["findings"][0]["good"] is True
        assert stoker(home, "networks", "disable", "horde").returncode == 0
        await eventually(lambda: node.control.networks()[0].state == "off")
        assert stoker(home, "networks", "remove", "horde", "--yes").returncode == 0
        assert node.control.networks() == []

    assert list((home / "secrets").glob("horde*")) == []
