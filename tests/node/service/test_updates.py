"""An update loses nothing: a newer version takes the books over, or leaves them as they were and tells the way back."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from patience import PATIENCE
from running_node import ROOT, RunningNode, environment, prepare, running_node

from node import __version__, exits
from node.control.client import ControlClient
from node.control.wire import JobState
from node.identity import Identity
from node.ledger.migrations import MIGRATIONS
from node.ledger.verify import verify

BACKUP = f"ledger.db.v{len(MIGRATIONS)}.backup"


def command(directory: Path, version: str, *steps: str) -> list[str]:
    program = str(ROOT / "tests" / "support" / "other_version.py")
    return [sys.executable, "-P", program, version, *steps, "--", "--data-dir", str(directory)]


@contextmanager
def other(directory: Path, version: str, *steps: str) -> Iterator[RunningNode]:
    """Another version of Stoker on this data directory."""
    errors = directory / "stderr"
    with errors.open("wb") as file:
        process = subprocess.Popen(
            command(directory, version, *steps), stdin=subprocess.DEVNULL, stdout=file, stderr=file,
            env=environment(), cwd=directory, start_new_session=True,
        )  # fmt: skip
    node = RunningNode(directory, process, ControlClient(directory), errors)
    try:
        node.until(lambda _: True)
        yield node
    finally:
        process.terminate()
        process.wait(PATIENCE)


def refusal(directory: Path, version: str, *steps: str) -> tuple[int, str]:
    """Another version that is expected to end by itself: exit code and last words."""
    done = subprocess.run(
        command(directory, version, *steps), env=environment(), capture_output=True, text=True, timeout=20, check=False
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory of today's version with one job in its books."""
    directory = tmp_path_factory.mktemp("updates") / "node"
    with running_node(directory) as node:
        node.ready()
        node.complete()
        node.receipt(1)
    return directory


@pytest.fixture
def home(kept: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may spoil."""
    return Path(shutil.copytree(kept, tmp_path / "node"))


def test_a_newer_version_takes_the_books_over_after_a_copy_and_goes_on(home: Path) -> None:
    with other(home, "9.0.0", "add") as node:
        node.ready()
        assert node.control.job(1).job.state is JobState.DONE
        assert node.complete()["usage"]["completion_tokens"] == 8
        assert node.control.get("/ledger/verify")["problem"] is None
        assert f"brought to this version and verified; a copy is in {home / BACKUP}" in node.said()
    public = Identity.load_or_create(home).public
    assert verify(home / BACKUP, public.key).problem is None


@pytest.mark.parametrize(
    ("step", "words"), [("fault", "SQLError: no such table: moods"), ("lose", "since they would not verify")]
)
def test_a_newer_version_that_cannot_take_them_over_says_how_to_go_back(home: Path, step: str, words: str) -> None:
    code, said = refusal(home, "9.0.0", "add", step)

    assert code == exits.LEDGER_DAMAGED
    assert words in said
    assert "they were not changed" in said
    assert f"Stoker {__version__} kept these books last" in said
    assert f"To run {__version__} again: stoker update --to {__version__}" in said
    with running_node(home) as again:
        assert again.control.job(1).job.state is JobState.DONE
        assert again.control.get("/ledger/verify")["problem"] is None


def test_an_older_version_says_which_one_it_takes_and_where_the_older_books_are(home: Path) -> None:
    with other(home, "9.0.0", "add"):
        pass

    code, said = refusal(home, __version__)

    assert code == exits.LEDGER_DAMAGED
    assert f"version {len(MIGRATIONS) + 1}, and this Stoker knows up to {len(MIGRATIONS)}" in said
    assert "To run 9.0.0 again: stoker update --to 9.0.0" in said
    assert f"copy {BACKUP} to ledger.db" in said


def test_the_way_back_to_the_older_books_works_as_it_is_told(home: Path) -> None:
    with other(home, "9.0.0", "add"):
        pass
    for name in ("ledger.db", "ledger.db-wal"):
        (home / name).rename(home.parent / name) if (home / name).exists() else None
    (home / "ledger.db").write_bytes((home / BACKUP).read_bytes())

    with running_node(home) as again:
        assert again.control.job(1).job.state is JobState.DONE
        assert again.control.get("/ledger/verify")["problem"] is None


def test_an_engine_that_fails_after_an_update_is_told_with_the_way_back(home: Path) -> None:
    prepare(home, model=False, engine={"kind": "openai", "url": "http://127.0.0.1:1/v1"})

    with other(home, "9.0.0") as node:
        state = node.until(lambda state: any("since the update" in note for note in state.state.notes)).state

    assert any(f"stoker update --to {__version__} goes back" in note for note in state.notes)


def test_a_setting_that_the_new_version_does_not_know_is_told_with_the_way_back(home: Path) -> None:
    prepare(home, model=False, engine={"slotz": 4})

    code, said = refusal(home, "9.0.0")

    assert code == exits.BAD_CONFIG
    assert f"stoker update --to {__version__}" in said


def test_a_mistake_under_the_same_version_is_not_blamed_on_an_update(home: Path) -> None:
    prepare(home, model=False, engine={"slotz": 4})

    assert "stoker update" not in refusal(home, __version__)[1]
