"""A whole node in a process of its own, with the real engine and a tiny model."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

import psutil
from engine_processes import computing
from patience import PATIENCE
from tiny_model import tiny_model

from node.control.client import ControlClient, NodeAbsent
from node.control.wire import JobView, Snapshot
from node.models.catalogue import load_catalogue
from node.models.store import ModelStore

ROOT = Path(__file__).resolve().parents[2]
MODEL = "tiny"
CONTEXT = 8192
NEVER_STOP = {"logit_bias": {"256": -100, "257": -100, "258": -100}}
"""Keeps the tiny model from ending an answer by itself, so that its length is known."""

DEFAULTS: Mapping[str, Mapping[str, object]] = {
    "engine": {"model": MODEL, "slots": 4, "context": CONTEXT, "threads": 1},
    "local": {"port": 0},
}

Settings = Mapping[str, object]
"""One group of the settings file."""


@dataclass(frozen=True)
class RunningNode:
    """A node that was started by a test.

    Attributes:
        errors: the file that takes its standard error.
    """

    directory: Path
    process: subprocess.Popen[bytes]
    control: ControlClient
    errors: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def said(self) -> str:
        """What it wrote to standard error."""
        return self.errors.read_text("utf-8", "replace")

    def engines(self) -> list[psutil.Process]:
        """The processes in which it computes."""
        return computing(self.pid)

    def until(self, true: Callable[[Snapshot], bool], seconds: float = PATIENCE) -> Snapshot:
        """Wait until the node's state is so; the snapshot that shows it.

        Raises:
            AssertionError: the node ended meanwhile, or it did not become so in time.
        """
        end = time.monotonic() + seconds
        last = "nothing: it never answered"
        while time.monotonic() < end:
            try:
                state = self.control.state()
            except NodeAbsent:
                code = self.process.poll()
                assert code is None, f"the node ended with {code}: {self.said()[-2000:]}"
            else:
                if true(state):
                    return state
                last = repr(state)
            time.sleep(0.02)  # another process has no event that could be waited for
        raise AssertionError(f"not so within {seconds:g} s; the last state was {last}; it said {self.said()[-2000:]}")

    def ready(self) -> Snapshot:
        """Wait until it serves a model."""
        return self.until(lambda state: state.slots > 0)

    def ended(self, seconds: float = PATIENCE) -> int:
        """Wait for its end: the exit code, negative for a signal."""
        return self.process.wait(seconds)

    def receipt(self, number: int, seconds: float = PATIENCE) -> JobView:
        """Wait until the end of a job is in the books: the job as they have it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            view = self.control.job(number).job
            if view.ended_at is not None:
                return view
            time.sleep(0.02)
        raise AssertionError(f"job {number} did not end within {seconds:g} s: {view}")

    @contextmanager
    def stream(self, prompt: str = "hello", tokens: int = 8000, **options: object) -> Iterator[HTTPResponse]:
        """An open stream of a job, asked over the control socket; its first event has come. It lasts some seconds."""
        body = {"model": MODEL, "prompt": prompt, "max_tokens": tokens, "stream": True, **NEVER_STOP, **options}
        with self.control.stream("/v1/completions", body) as answer:
            answer.readline()
            yield answer

    def complete(self, prompt: str = "hello", tokens: int = 8, **options: object) -> dict[str, Any]:
        """A whole completion, asked over the control socket."""
        body = {"model": MODEL, "prompt": prompt, "max_tokens": tokens, **NEVER_STOP, **options}
        with self.control.stream("/v1/completions", body) as answer:
            said: dict[str, Any] = json.loads(answer.read())
        return said


def prepare(directory: Path, *, model: bool = True, **settings: Settings) -> None:
    """Make a data directory with its settings and, unless told otherwise, the tiny model in its store."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    groups = {name: {**DEFAULTS.get(name, {}), **settings.get(name, {})} for name in {*DEFAULTS, *settings}}
    (directory / "stoker.toml").write_text(toml(groups), "utf-8")
    if model and not (directory / "models" / f"{MODEL}.gguf").exists():
        store = ModelStore(directory / "models", load_catalogue())
        asyncio.run(store.import_file(tiny_model(directory, context=CONTEXT), MODEL, lambda done, total: None))


@contextmanager
def running_node(directory: Path, *, model: bool = True, **settings: Settings) -> Iterator[RunningNode]:
    """Start a node in a data directory; it answers when this begins, and is gone when this has ended.

    Args:
        directory: used as it is if it holds a settings file, and prepared if it does not.
        settings: groups of settings over `DEFAULTS`, such as ``engine={"slots": 8}``.
    """
    if settings or not (directory / "stoker.toml").exists():
        prepare(directory, model=model, **settings)
    errors = directory / "stderr"
    process = started(directory, errors)
    node = RunningNode(directory, process, ControlClient(directory), errors)
    try:
        node.until(lambda state: True)
        yield node
    finally:
        end(process)


@asynccontextmanager
async def at_work(directory: Path) -> AsyncIterator[RunningNode]:
    """The same for those whose stand-ins live in this process's event loop meanwhile."""
    running = running_node(directory)
    node = await asyncio.to_thread(running.__enter__)
    try:
        yield node
    finally:
        await asyncio.to_thread(running.__exit__, None, None, None)


def command(directory: Path) -> list[str]:
    """How a node is started."""
    return [sys.executable, "-P", "-m", "node", "--data-dir", str(directory)]


def environment() -> dict[str, str]:
    """Ours, without settings for a node, and with the way to its code."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("STOKER_")}
    return plain | {"PYTHONPATH": str(ROOT)}


def started(directory: Path, errors: Path) -> subprocess.Popen[bytes]:
    """A node's process, in a session of its own."""
    with errors.open("ab") as file:
        return subprocess.Popen(
            command(directory),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=file,
            env=environment(),
            cwd=directory,
            start_new_session=True,
        )


def end(process: subprocess.Popen[bytes]) -> None:
    """Drain, then stop, then kill; by its own number."""
    for way in (process.terminate, process.terminate, process.kill):
        way()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            continue
        return
    process.wait()


def toml(groups: Mapping[str, Settings]) -> str:
    """JSON's numbers, truth values and strings are TOML's, too."""
    return "".join(
        f"[{group}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
        for group, values in groups.items()
    )
