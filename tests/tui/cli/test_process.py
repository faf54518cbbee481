"""``stoker`` as a process: what it loads, how it ends."""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from fake_node import IDLE, WORKING
from patience import PATIENCE
from scripted_control import Answer, Asked, ScriptedControl, server_sent

from tui.cli.exits import MEANINGS, Exit

STOKER = [sys.executable, "-m", "tui.cli"]
HEAVY = ("textual", "httpx", "pydantic", "rich", "asyncio", "apsw", "starlette")


def run(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [*STOKER, "--data-dir", str(directory), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


@pytest.mark.parametrize("arguments", [["status", "--json"], ["--help"], ["jobs", "--help"], ["try", "--help"]])
def test_nothing_heavy_is_loaded(control: ScriptedControl, arguments: list[str]) -> None:
    control.on("GET", "/state", IDLE)
    look = (
        "import sys; sys.argv = ['stoker', *sys.argv[1:]]\n"
        "from tui.cli import main\n"
        "try: main()\n"
        f"finally: sys.stderr.write(' '.join(name for name in {HEAVY!r} if name in sys.modules))"
    )

    command = [sys.executable, "-c", look, "--data-dir", str(control.directory), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_status_takes_at_most_three_tenths_of_a_second(control: ScriptedControl) -> None:
    """Of the processor's time: what else the machine does meanwhile is not its own. Nor does it wait for anything."""
    control.on("GET", "/state", WORKING)
    computing, waiting = [], []
    for _ in range(5):
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        assert run(control.directory, "status").returncode == 0
        after, took = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - began
        computing.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        waiting.append(took)

    assert min(computing) <= 0.3
    assert min(waiting) <= 3


def test_every_command_has_help_that_ends_with_an_example() -> None:
    import click

    from tui.cli.root import root

    def walk(command: click.Command, path: list[str]) -> list[str]:
        context = click.Context(command, info_name=" ".join(path))
        helped = command.get_help(context)
        lacking = [] if re.search(r"\n  Example:\n    stoker .*\Z", helped, re.DOTALL) else [" ".join(path)]
        if isinstance(command, click.Group):
            for name in command.list_commands(context):
                inner = command.get_command(context, name)
                assert inner is not None
                lacking += walk(inner, [*path, name])
        return lacking

    assert walk(root, ["stoker"]) == []


def test_the_exit_codes_are_documented_and_are_those_of_the_node(tmp_path: Path) -> None:
    from node import exits

    helped = run(tmp_path, "--help").stdout
    of_node = {name: value for name, value in vars(exits).items() if name.isupper()}

    assert set(MEANINGS) == set(Exit)
    assert all(f"{code.value:>3}  {meaning}" in helped for code, meaning in MEANINGS.items())
    assert {name: Exit[name].value for name in of_node} == of_node


def test_a_mistyped_command_gets_the_nearest_one(tmp_path: Path) -> None:
    done = run(tmp_path, "staus")

    assert (done.returncode, "did you mean 'status'?" in done.stderr) == (2, True)


def test_a_command_that_needs_a_node_says_how_to_start_one(tmp_path: Path) -> None:
    done = run(tmp_path, "pause")

    assert done.returncode == 4
    assert done.stderr == (
        f"error: no node answers in {tmp_path}\ntry: start one: `stoker` with the app, or `stoker --headless` without\n"
    )


def test_a_reader_that_goes_away_is_no_error(control: ScriptedControl) -> None:
    control.on("GET", "/logs", {"lines": [
        {"seq": n, "at": 0.0, "level": "info", "source": "node", "message": "x" * 200} for n in range(1, 2001)
    ]})  # fmt: skip
    command = [*STOKER, "--data-dir", str(control.directory), "logs", "-n", "2000"]

    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        told = process.stderr.read()

    assert (process.returncode, told) == (Exit.BROKEN_PIPE, b"")


def test_an_unexpected_answer_is_one_sentence(control: ScriptedControl) -> None:
    control.on("GET", "/state", {"at": "noon"})

    done = run(control.directory, "status")

    assert done.returncode == Exit.SOFTWARE
    assert done.stderr.startswith("error: the node said something else than expected: Snapshot.tick: is missing\n")


def test_a_fault_of_our_own_shows_its_place_only_when_asked_and_never_locals(control: ScriptedControl) -> None:
    control.on("GET", "/ledger/verify", {"head": "canary-5f1e"})

    plain = run(control.directory, "ledger", "verify")
    traced = run(control.directory, "--traceback", "ledger", "verify")

    assert plain.stderr == (
        "error: a fault in Stoker itself: KeyError: 'problem'\ntry: `stoker --traceback ...` shows where\n"
    )
    assert "Traceback" in traced.stderr
    assert "canary" not in traced.stderr
    assert plain.returncode == traced.returncode == Exit.SOFTWARE


def test_status_works_without_a_home_or_a_locale_that_knows_dashes(control: ScriptedControl) -> None:
    control.on("GET", "/state", WORKING)
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}

    command = [*STOKER, "--data-dir", str(control.directory), "status"]
    done = subprocess.run(command, capture_output=True, env=environment, timeout=30, check=False)

    assert done.returncode == 0


class TestInterrupting:
    """Ctrl-C: 130, no traceback, and nothing goes on behind the person's back."""

    @pytest.fixture
    def held(self, control: ScriptedControl) -> threading.Event:
        """Set once the command hangs on an answer that does not go on."""
        hangs = threading.Event()
        control.on("GET", "/state", IDLE)
        control.on("POST", "/commands/cancel_pull", {"cancelled": True})

        def stall(first: bytes, headers: dict[str, str]) -> object:
            def answer(_: Asked) -> Answer:
                def pieces():  # type: ignore[no-untyped-def]
                    yield first
                    hangs.set()
                    threading.Event().wait(10)

                return Answer(pieces(), headers=headers)

            return answer

        fit = {"level": "fits", "sentence": "fits"}
        model = {"name": "qwen3-0.6b", "size": 9, "licence": "MIT", "fit": fit}
        control.on("GET", "/models", {"installed": [], "catalogue": [model]})
        control.on("POST", "/models/pull", stall(b'{"done": 1, "total": 9}\n', {}))
        begun = {"choices": [{"index": 0, "delta": {"content": "Coal "}}]}
        control.on("POST", "/v1/chat/completions", stall(server_sent(begun)[0], {"x-stoker-job": "7"}))
        return hangs

    def interrupt(self, control: ScriptedControl, held: threading.Event, *arguments: str) -> tuple[int, str, float]:
        command = [*STOKER, "--data-dir", str(control.directory), *arguments]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert held.wait(PATIENCE)
            assert process.stderr is not None
            if arguments[0] == "try":
                assert process.stdout is not None
                assert process.stdout.read(5) == "Coal "
            else:
                while "of 9 B" not in process.stderr.readline():
                    pass
            began = time.monotonic()
            process.send_signal(signal.SIGINT)
            told = process.communicate(timeout=PATIENCE)[1]
        return process.returncode, told, time.monotonic() - began

    def test_a_fetch_is_called_off_at_the_node(self, control: ScriptedControl, held: threading.Event) -> None:
        code, told, took = self.interrupt(control, held, "model", "pull", "qwen3-0.6b")

        assert (code, "Traceback" in told) == (Exit.INTERRUPTED, False)
        assert control.commands() == [("cancel_pull", {"name": "qwen3-0.6b"})]
        assert took < 3

    def test_an_answer_is_cut_off(self, control: ScriptedControl, held: threading.Event) -> None:
        code, told, took = self.interrupt(control, held, "try")

        assert (code, told.strip()) == (Exit.INTERRUPTED, "")
        assert took < 3
