"""From an empty home: in a bare terminal by hand, and from a file with a power cut afterwards. Real processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from running_node import environment, running_node
from terminal_run import TerminalRun
from tiny_model import tiny_model

from node.control.client import ControlClient, NodeAbsent

ADDRESS = "7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU"
BARE = {"TERM": "dumb", "XDG_RUNTIME_DIR": "/nowhere", "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}
"""A terminal that draws nothing, on a machine without a session of systemd."""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """Nothing yet but room for a socket's path; no node is left behind."""
    home = tmp_path / "h"
    yield home
    try:
        pid = ControlClient(home).state().node.pid
    except NodeAbsent:
        return
    os.kill(pid, signal.SIGKILL)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return tiny_model(tmp_path)


def stoker(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tui.cli", "--data-dir", str(home), *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, env={**environment(), **BARE}
    )


MAYBE = (b"How hot may the", b"How many watts does the processor take")
"""Questions that not every machine is asked."""


class Person:
    """Reads to the next prompt, then answers."""

    def __init__(self, home: Path) -> None:
        self.run = TerminalRun(
            "-m", "tui.cli", "--data-dir", str(home), "setup", "--plain", columns=100, environment=BARE
        )
        self._read = 0

    def answers(self, question: str, answer: str, *, prompt: str = "] ") -> None:
        """Wait for a question behind the last one, and for its prompt."""

        def asked(output: bytes) -> bool:
            new = output[self._read :]
            if not new.endswith((b"] ", b"> ")):
                return False
            if question.encode() not in new and any(text in new for text in MAYBE):
                self._read = len(output)
                self.run.type("\n")
                return False
            return question.encode() in new and new.endswith(prompt.encode())

        self.run.read_until(asked, 60)
        self._read = len(self.run.output)
        self.run.type(f"{answer}\n")


@pytest.mark.slow
def test_every_step_in_a_bare_terminal(home: Path, model: Path) -> None:
    person = Person(home)
    with person.run as run:
        person.answers("Go on with this machine?", "?")
        person.answers("Nothing was changed.", "")
        person.answers("Which engine shall compute?", "")
        person.answers("Which model shall it serve?", "file")
        person.answers("The path of the GGUF file", str(model), prompt="> ")
        person.answers("Measure how fast it is here?", "n")
        person.answers("Where should the money go?", "b")
        person.answers("Which model shall it serve?", "")
        person.answers("Measure how fast it is here?", "n")
        person.answers("Where should the money go?", "1")
        person.answers("The address", ADDRESS, prompt="> ")
        person.answers("What do you call it here?", "")
        person.answers("Join a network?", "")
        person.answers("What does a kilowatt-hour cost you?", "dear")
        person.answers("got 'dear'; expected a number", "0.31")
        person.answers("In which currency?", "")
        person.answers("In which hours", "")
        person.answers("While you use this PC", "2")
        person.answers("How shall the node run from here on?", "background")
        assert run.wait(60) == 0

    shown = bytes(run.output)
    assert b"joining rarely pays" in shown
    assert b"\x1b[3" not in shown  # no colours
    node = ControlClient(home)
    assert [wallet.address for wallet in node.wallets()] == [ADDRESS]
    assert {view.key: view.value for view in node.settings()}["owner.on_input"] == "slow"
    assert node.networks() == []


@pytest.mark.slow
def test_who_leaves_finds_what_was_done_the_next_time(home: Path) -> None:
    person = Person(home)
    with person.run as run:
        person.answers("Go on with this machine?", "")
        person.answers("Which engine shall compute?", "")
        person.answers("Which model shall it serve?", "q")
        assert run.wait(60) == 0
    with pytest.raises(NodeAbsent):
        ControlClient(home).state()  # it was started for the guide, and nobody wanted it to go on

    person = Person(home)
    with person.run as run:
        person.answers("Which model shall it serve?", "q")
        assert run.wait(60) == 0
    assert b"Which engine" not in run.output


@pytest.mark.slow
def test_a_connection_that_drops_leaves_no_node_behind(home: Path) -> None:
    person = Person(home)
    with person.run as run:
        person.answers("Go on with this machine?", "")
        person.answers("Which engine shall compute?", "")
        run.read_until(lambda said: b"Which model shall it serve?" in said)
        run.hang_up()
        assert run.wait(60) == 129
    with pytest.raises(NodeAbsent):
        ControlClient(home).state()


@pytest.mark.slow
def test_after_a_setup_from_a_file_and_a_power_cut_the_node_works_by_itself(home: Path, model: Path) -> None:
    answers = home.parent / "answers.toml"
    answers.write_text(
        f'[engine]\nuse = "embedded"\n[model]\nfile = {json.dumps(str(model))}\nbenchmark = false\n'
        f'[payout]\naddress = "{ADDRESS}"\n[electricity]\nprice = 0.31\n[owner]\non_input = "slow"\n'
        '[service]\nrun = "background"\n'
    )

    for _ in range(2):  # what is done already does no harm
        done = stoker(home, "setup", "--non-interactive", "--from", str(answers))
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
    node = ControlClient(home)
    served = [name for engine in node.state().engines for name in engine.models]
    assert node.networks() == []
    os.kill(node.state().node.pid, signal.SIGKILL)
    with running_node(home) as again:
        again.ready()
        answer = again.complete(model=served[0])
        assert answer["usage"]["completion_tokens"] == 8


def test_without_a_person_and_without_answers_nothing_begins(home: Path) -> None:
    done = stoker(home, "setup")

    assert (done.returncode, "--non-interactive --from FILE" in done.stderr, home.exists()) == (2, True, False)
