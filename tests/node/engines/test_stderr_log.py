"""A child's last words."""

from __future__ import annotations

import stat
from pathlib import Path

from node.engines.stderr_log import LINES_KEPT, LONGEST_LINE, StderrLog


def test_lines_are_whole_wherever_the_bytes_were_cut(tmp_path: Path) -> None:
    stderr = StderrLog(tmp_path / "engine.log")
    for piece in (b"one\ntw", b"o\n", b"last"):
        stderr.feed(piece)
    stderr.end()
    assert list(stderr.lines) == ["one", "two", "last"]
    assert (tmp_path / "engine.log").read_bytes() == b"one\ntwo\nlast"


def test_memory_is_bounded(tmp_path: Path) -> None:
    stderr = StderrLog(tmp_path / "engine.log")
    stderr.feed(b"x" * 100_000 + b"\n" + b"line\n" * 1000)
    assert len(stderr.lines) == LINES_KEPT
    assert max(map(len, stderr.lines)) <= LONGEST_LINE


def test_the_file_is_private_and_rotates_once(tmp_path: Path) -> None:
    path = tmp_path / "engine.log"
    stderr = StderrLog(path, largest=100)
    for _ in range(10):
        stderr.feed(b"x" * 60 + b"\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(file.name for file in tmp_path.iterdir()) == ["engine.log", "engine.log.1"]
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 400


def test_a_file_that_cannot_be_written_costs_nothing_else(tmp_path: Path) -> None:
    stderr = StderrLog(tmp_path / "missing" / "engine.log")
    stderr.feed(b"still heard\n")
    assert list(stderr.lines) == ["still heard"]
