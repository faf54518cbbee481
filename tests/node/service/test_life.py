"""The life of a whole node: it starts, answers, drains, stops, and says with its exit code how it ended."""

from __future__ import annotations

import json
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from patience import PATIENCE
from running_node import command, environment, prepare, running_node

from node import exits
from node.control.client import NodeAbsent
from node.control.wire import JobState, StateWord


def outcome(directory: Path, *, timeout: float = PATIENCE, **variables: str) -> subprocess.CompletedProcess[str]:
    """Start a node that is expected to end by itself."""
    return subprocess.run(
        command(directory), env=environment() | variables, capture_output=True, text=True, timeout=timeout, check=False
    )


def test_a_started_node_serves_its_model_and_writes_everything_down(tmp_path: Path) -> None:
    with running_node(tmp_path / "node") as node:
        state = node.ready()
        assert (state.state.word, state.slots, state.node.pid) == (StateWord.WAITING, 4, node.pid)
        answer = node.complete(tokens=8)
        assert answer["usage"]["completion_tokens"] == 8
        view = node.receipt(1)
        assert (view.state, view.tokens, view.network) == (JobState.DONE, 8, "local")
        assert [entry.kind for entry in node.control.job(1).life] == ["job_accepted", "job_finished"]
        assert node.control.get("/ledger/verify")["problem"] is None


def test_nothing_that_it_leaves_can_be_read_by_others(tmp_path: Path) -> None:
    home = tmp_path / "node"
    with running_node(home) as node:
        node.ready()
        node.control.command("new_key", name="client")
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
        for folder in (path for path in home.rglob("*") if path.is_dir()):
            assert stat.S_IMODE(folder.stat().st_mode) & 0o077 == 0, folder
        for name in ("control.sock", "node.lock", "ledger.db", "access.json", "logs/node.log"):
            assert stat.S_IMODE((home / name).stat().st_mode) == 0o600, name


def test_the_first_sigterm_finishes_what_is_in_hand(tmp_path: Path) -> None:
    with running_node(tmp_path / "node") as node:
        node.ready()
        with node.stream(tokens=1500) as answer:
            node.process.terminate()
            draining = node.until(lambda state: state.state.word is StateWord.DRAINING)
            assert draining.state.reason.startswith("finishing 1 job")
            said = answer.read().decode()
        assert "[DONE]" in said
        assert node.ended() == exits.OK
    with running_node(tmp_path / "node") as again:
        assert again.control.job(1).job.state is JobState.DONE
        assert again.control.entries(limit=1000)[-2].summary.startswith("node stopped: the node ended in order")


def test_a_draining_node_takes_nothing_new(tmp_path: Path) -> None:
    with running_node(tmp_path / "node") as node:
        node.ready()
        with node.stream(tokens=3000):
            node.control.command("drain")
            with pytest.raises(Exception, match="draining"):
                node.complete()
            assert node.control.state().state.word is StateWord.DRAINING


def test_the_second_sigterm_stops_at_once(tmp_path: Path) -> None:
    with running_node(tmp_path / "node") as node:
        node.ready()
        with node.stream():
            node.process.terminate()
            node.until(lambda state: state.state.word is StateWord.DRAINING)
            node.process.terminate()
            assert node.ended() == exits.OK
    with running_node(tmp_path / "node") as again:
        job = again.control.job(1).job
        assert (job.state, job.reason) == (JobState.CANCELLED, "stopped by you")


def test_a_lost_terminal_never_ends_the_node(tmp_path: Path) -> None:
    with running_node(tmp_path / "node") as node:
        node.ready()
        node.process.send_signal(signal.SIGHUP)
        assert node.complete()["usage"]["completion_tokens"] == 8
        assert "the terminal is gone; the node goes on" in node.said()


def test_the_stop_command_ends_the_node_and_leaves_no_socket(tmp_path: Path) -> None:
    with running_node(tmp_path / "node") as node:
        node.ready()
        engines = node.engines()
        node.control.command("stop")
        assert node.ended() == exits.OK
        assert not (tmp_path / "node" / "control.sock").exists()
        assert not any(engine.is_running() for engine in engines)
        with pytest.raises(NodeAbsent):
            node.control.state()


def test_a_second_node_says_who_is_here_and_how_to_attach(tmp_path: Path) -> None:
    with running_node(tmp_path / "node", model=False) as node:
        second = outcome(tmp_path / "node")
        assert second.returncode == exits.ALREADY_RUNNING
        assert f"process {node.pid} is the node here since" in second.stderr
        assert f"attach to it with: stoker --data-dir {tmp_path / 'node'}" in second.stderr
        node.control.state()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("[engine]\nslotz = 3\n", "engine.slotz: there is no such setting; did you mean engine.slots?"),
        ("[engine]\nslots = 'many'\n", "engine.slots: got 'many'; expected a valid integer"),
        ("[engine\n", "is not TOML"),
        ("[local]\nhost = '0.0.0.0'\n", "local.host: 0.0.0.0 can be reached from other machines"),
        ("[engine]\nkind = 'openai'\nurl = 'ftp://x'\n", "engine.url: "),
        ("[engine]\nkind = 'openai'\n", "engine.url: "),
        ("[engine]\nkind = 'openai'\nurl = 'http://127.0.0.1:1/v1'\nkey_file = '/nowhere'\n", "engine.key_file: "),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_with_its_remedy(tmp_path: Path, settings: str, words: str) -> None:
    (tmp_path / "stoker.toml").write_text(settings)
    done = outcome(tmp_path)
    assert done.returncode == exits.BAD_CONFIG, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_variable_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    done = outcome(tmp_path, STOKER_ENGINE__SLOTS="many")
    assert done.returncode == exits.BAD_CONFIG
    assert "environment: STOKER_ENGINE__SLOTS: got 'many'" in done.stderr


@pytest.mark.parametrize(
    "obstacle", ["the directory is a file", "the lock is a directory", "the ledger is a directory"]
)
def test_a_data_directory_that_cannot_be_used_is_named(tmp_path: Path, obstacle: str) -> None:
    home = tmp_path / "node"
    if obstacle == "the directory is a file":
        home.touch()
    else:
        home.joinpath("node.lock" if "lock" in obstacle else "ledger.db").mkdir(parents=True)
    done = outcome(home)
    assert done.returncode == exits.DIRECTORY_UNUSABLE, done.stderr
    assert str(home) in done.stderr
    assert "Traceback" not in done.stderr


def test_a_directory_that_may_not_be_made_is_refused() -> None:
    """As nobody, where the tests run as root: root may make a directory anywhere."""
    code = "import os, sys; from node.__main__ import main; os.geteuid() or os.setuid(65534); sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, "--data-dir", "/stoker-of-nobody"],
        env=environment(), capture_output=True, text=True, timeout=15, check=False,
    )  # fmt: skip
    assert done.returncode == exits.DIRECTORY_UNUSABLE, done.stderr
    assert "/stoker-of-nobody: cannot be used: Permission denied; choose another with --data-dir" in done.stderr


def test_damaged_books_are_refused_with_the_entry_that_is_wrong(tmp_path: Path) -> None:
    from books import unlocked

    with running_node(tmp_path) as node:
        node.ready()
        node.complete()
        node.receipt(1)
    with unlocked(tmp_path / "ledger.db") as books:
        books.execute("UPDATE entries SET body = replace(body, 'tiny', 'tina') WHERE seq = 3")
    done = outcome(tmp_path)
    assert done.returncode == exits.LEDGER_DAMAGED, done.stderr
    assert "ledger entry 3: " in done.stderr
    assert "restore" in done.stderr


def test_a_node_that_is_not_there_can_still_be_asked_about_its_books(tmp_path: Path) -> None:
    prepare(tmp_path, model=False)
    asked = subprocess.run(
        [*command(tmp_path), "--offline", "GET", "/settings"],
        env=environment(), capture_output=True, text=True, timeout=15, check=False,
    )  # fmt: skip
    status, _, body = asked.stdout.partition("\n")
    assert (asked.returncode, status) == (0, "200")
    assert {"engine.slots", "local.port"} <= {view["key"] for view in json.loads(body)["settings"]}
