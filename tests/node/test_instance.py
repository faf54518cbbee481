"""One node for one data directory: the second is told who holds it, and the lock dies with its holder."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from patience import PATIENCE

from node.instance import AlreadyRunning, InstanceLock

HOLD = (
    "import sys; from pathlib import Path; from node.instance import InstanceLock\n"
    "with InstanceLock(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()\n"
)


def holder(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def ended(process: subprocess.Popen[str]) -> None:
    process.communicate(timeout=PATIENCE)


def test_a_second_holder_is_told_the_process_and_since_when(tmp_path: Path) -> None:
    lock = tmp_path / "node.lock"
    process = holder(lock)
    try:
        with pytest.raises(AlreadyRunning, match=rf"process {process.pid} is the node here since \d{{4}}") as refusal:
            InstanceLock(lock).__enter__()
    finally:
        ended(process)
    assert refusal.value.pid == process.pid


def test_the_refused_leaves_the_holders_word_untouched(tmp_path: Path) -> None:
    lock = tmp_path / "node.lock"
    process = holder(lock)
    try:
        before = lock.read_text()
        with pytest.raises(AlreadyRunning):
            InstanceLock(lock).__enter__()
        assert lock.read_text() == before
    finally:
        ended(process)


def test_the_lock_is_free_after_an_ordinary_end(tmp_path: Path) -> None:
    lock = tmp_path / "node.lock"
    with InstanceLock(lock):
        pass
    with InstanceLock(lock):
        assert f'"pid": {os.getpid()}' in lock.read_text()


def test_the_lock_is_free_after_its_holder_was_killed(tmp_path: Path) -> None:
    lock = tmp_path / "node.lock"
    process = holder(lock)
    process.send_signal(signal.SIGKILL)
    ended(process)
    with InstanceLock(lock):
        assert str(process.pid) not in lock.read_text()


@pytest.mark.parametrize("text", ["", "not json", "[]", '{"pid": "x"}', "\x00" * 100])
def test_a_lock_file_that_says_nothing_useful_still_holds(text: str, tmp_path: Path) -> None:
    lock = tmp_path / "node.lock"
    process = holder(lock)
    try:
        lock.write_text(text)
        with pytest.raises(AlreadyRunning, match="another process is the node here"):
            InstanceLock(lock).__enter__()
    finally:
        ended(process)


def test_only_the_owner_can_read_the_lock_file(tmp_path: Path) -> None:
    with InstanceLock(tmp_path / "node.lock"):
        assert stat.S_IMODE((tmp_path / "node.lock").stat().st_mode) == 0o600
