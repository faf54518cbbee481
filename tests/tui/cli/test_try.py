"""The main job, end to end: a real node, a real engine, a real (if tiny) model, real books."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from patience import PATIENCE
from terminal_run import TerminalRun
from tiny_model import tiny_model

STOKER = [sys.executable, "-m", "tui.cli"]
SETTINGS = '[engine]\nmodel = "tiny"\nslots = 1\ncontext = 2048\nthreads = 1\n[local]\nport = 0\n'
PACED_ENGINE = Path(__file__).parents[2] / "support" / "paced_engine.py"


def start(home: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [*STOKER, "--data-dir", str(home), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace")


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    with start(home, *arguments) as process:
        out, err = process.communicate(timeout=60)
    return subprocess.CompletedProcess(arguments, process.returncode, out, err)


def node_runs(home: Path) -> bool:
    """Whether some process holds the data directory."""
    mark = f"--data-dir\0{home}\0".encode()
    return any(mark in read(place / "cmdline") for place in Path("/proc").iterdir() if place.name.isdigit())


def read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the tiny model in its store, and no node running."""
    home = tmp_path_factory.mktemp("home")
    (home / "stoker.toml").write_text(SETTINGS)
    imported = run(home, "model", "import", str(tiny_model(tmp_path_factory.mktemp("model"))), "--name", "tiny")
    assert imported.returncode == 0, imported.stderr
    return home


@pytest.fixture
def home(furnished: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of it for one test; no node is left behind."""
    home = tmp_path / "home"
    shutil.copytree(furnished, home)
    yield home
    if node_runs(home):
        run(home, "stop", "--yes")
        pytest.fail("a node was left behind")


def test_one_command_does_a_real_job_and_leaves_true_books_and_no_process(home: Path) -> None:
    done = run(home, "try", "--max-tokens", "20", "--json", "hello")

    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["usage"]["completion_tokens"] >= 1
    assert (said["state"], said["model"], said["verified"]) == ("done", "tiny", True)
    assert not node_runs(home)
    entries = json.loads(run(home, "ledger", "show", "--json").stdout)["entries"]
    assert {entry["seq"]: entry["hash"] for entry in entries}[said["entry"]] == said["hash"]


def test_an_empty_home_is_enough_to_take_a_model(tmp_path: Path) -> None:
    home = tmp_path / "home"

    done = run(home, "model", "import", str(tiny_model(tmp_path)), "--name", "tiny", "--json")

    assert (done.returncode, json.loads(done.stdout)["name"]) == (0, "tiny")
    assert "No node ran; one was started for this command, and ends with it." in done.stderr
    assert not node_runs(home)


def test_the_answer_streams_to_stdout_and_the_summary_ends_stderr(home: Path) -> None:
    done = run(home, "try", "--max-tokens", "20", "hello")

    assert done.returncode == 0, done.stderr
    assert len(done.stdout) > 1
    assert done.stderr.splitlines()[-2].endswith("ledger whole")
    assert "`stoker setup`" in done.stderr.splitlines()[-1]


def test_a_running_node_is_used_and_left_running(home: Path) -> None:
    with start(home, "--headless") as node:
        try:
            while run(home, "status").returncode != 0:
                assert node.poll() is None, node.communicate()

            assert run(home, "try", "--max-tokens", "5", "hello").returncode == 0
            assert node.poll() is None
            assert run(home, "--headless").returncode == 3
        finally:
            stopped = run(home, "stop", "--yes")
            node.communicate(timeout=PATIENCE)
    assert stopped.returncode == node.returncode == 0


def test_one_changed_byte_is_found_by_entry_with_and_without_a_node(home: Path) -> None:
    assert run(home, "try", "--max-tokens", "5", "hello").returncode == 0
    with sqlite3.connect(home / "ledger.db") as books:
        books.execute("DROP TRIGGER entries_stay")
        books.execute("UPDATE entries SET body = replace(body, '\"tiny\"', '\"Tiny\"') WHERE kind = 'job_accepted'")
        (bad,) = books.execute("SELECT min(seq) FROM entries WHERE kind = 'job_accepted'").fetchone()
    books.close()

    verified, tried = run(home, "ledger", "verify"), run(home, "try", "hello")

    assert (verified.returncode, f"entry {bad}:" in verified.stderr) == (74, True)
    assert (tried.returncode, f"entry {bad}:" in tried.stderr) == (74, True)


@pytest.fixture
def endless_home(tmp_path: Path) -> Iterator[Path]:
    """A data directory whose engine is a server of the owner's own that takes minutes for an answer."""
    command = [sys.executable, str(PACED_ENGINE), "--rate", "20", "--tokens", "5000"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as engine:
        assert engine.stdout is not None
        url = json.loads(engine.stdout.readline())["addr"]
        home = tmp_path / "home"
        home.mkdir()
        (home / "stoker.toml").write_text(f'[engine]\nkind = "openai"\nurl = "{url}"\n[local]\nport = 0\n')
        yield home
        engine.terminate()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_interrupted_it_ends_the_node_that_it_started(endless_home: Path, number: signal.Signals, code: int) -> None:
    with start(endless_home, "try", "--max-tokens", "5000", "once upon a time") as process:
        assert process.stdout is not None
        process.stdout.read(1)
        process.send_signal(number)
        told = process.communicate(timeout=PATIENCE)[1]

    assert (process.returncode, "Traceback" in told) == (code, False)
    assert not node_runs(endless_home)
    ended = [job["state"] for job in json.loads(run(endless_home, "jobs", "--json").stdout)["jobs"]]
    assert ended == ["cancelled"]


def test_a_setting_that_cannot_be_used_is_told_with_file_and_key(home: Path) -> None:
    (home / "stoker.toml").write_text("[engine]\nslotz = 4\n")

    done = run(home, "try", "hello")

    assert done.returncode == 78
    assert "stoker.toml" in done.stderr
    assert "did you mean engine.slots?" in done.stderr


def test_a_data_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    done = run(tmp_path / "file" / "home", "try", "hello")

    assert (done.returncode, "--data-dir" in done.stderr) == (73, True)


def test_the_books_and_settings_can_be_read_while_no_node_runs(home: Path) -> None:
    for question in (["jobs"], ["settings"], ["doctor"], ["logs"]):
        assert run(home, *question).returncode == 0, question


def test_a_prompt_longer_than_the_context_is_refused_in_words(home: Path) -> None:
    done = run(home, "try", "word " * 2000)

    assert done.returncode == 5
    assert "2048" in done.stderr.replace(",", "")


def test_what_it_starts_does_not_take_code_from_where_the_person_stands(home: Path, tmp_path: Path) -> None:
    (tmp_path / "node").mkdir()
    (tmp_path / "node" / "__init__.py").write_text("raise SystemExit('somebody else’s node')")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}

    command = [sys.executable, "-P", "-m", "tui.cli", "--data-dir", str(home), "try", "--max-tokens", "2", "hello"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr


def test_the_app_starts_a_node_that_outlives_its_terminal(home: Path) -> None:
    with TerminalRun("-m", "tui.cli", "--data-dir", str(home)) as app:
        app.read_until(lambda output: b"WAITING" in output)
        app.hang_up()
        app.wait()

    assert run(home, "status").returncode == 0
    assert run(home, "stop").returncode == 0
