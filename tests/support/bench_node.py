"""A node process of its own for a benchmark, in a fresh data directory."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from running_node import ROOT, end, started, toml

from node.control.client import ControlClient, NodeAbsent, default_directory
from node.control.wire import Snapshot

MODEL = "smollm2-135m-instruct"
SETTINGS: Mapping[str, Mapping[str, object]] = {"local": {"port": 0}}


@dataclass(frozen=True)
class BenchNode:
    """A running node.

    Attributes:
        seconds_to_socket: from the start of its process to the first answer on its control socket.
    """

    directory: Path
    process: psutil.Process
    control: ControlClient
    seconds_to_socket: float

    def cpu_seconds(self) -> float:
        """What the node's own process has used of the processor, without its children."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def rss(self) -> int:
        """Resident memory of the node's own process, bytes."""
        return int(self.process.memory_info().rss)

    def lag_p99_ms(self) -> float:
        """The node's own figure, over the last minute."""
        lag = self.control.state().node.loop_lag_p99_ms
        assert lag is not None
        return lag

    def new_key(self) -> str:
        """A key to the loopback endpoint."""
        return str(self.control.command("new_key", name="benchmark")["key"])

    def bring_model(self, file: Path | None) -> None:
        """Put the default model into the store and wait until it is served: from a file, or pulled."""
        here = default_directory() / "models" / f"{MODEL}.gguf"
        source = file or (here if here.exists() else None)
        path, body = ("/models/pull", {"name": MODEL})
        if source is not None:
            path, body = ("/models/import", {"path": str(source.absolute()), "name": MODEL})
        with self.control.stream(path, body) as answer:
            last = json.loads(list(answer)[-1])
        if "installed" not in last:
            raise SystemExit(f"the model cannot be had: {last}")
        self.until(lambda state: any(engine.models for engine in state.engines), 120)

    def until(self, true: Callable[[Snapshot], bool], seconds: float = 30) -> Snapshot:
        """Wait for something to be so; the snapshot that shows it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            state = self.control.state()
            if true(state):
                return state
            time.sleep(0.02)
        raise SystemExit(f"the node did not come so far within {seconds:g} s: {state.state.reason}")


@contextmanager
def running_node(settings: Mapping[str, Mapping[str, object]] = SETTINGS) -> Iterator[BenchNode]:
    """Start a node, wait for its control socket, and stop it in the end."""
    with tempfile.TemporaryDirectory(prefix="stoker-bench-") as name:
        directory = Path(name) / "node"
        directory.mkdir(mode=0o700)
        (directory / "stoker.toml").write_text(toml(settings), "utf-8")
        errors = Path(name) / "stderr"
        began = time.perf_counter()
        process = started(directory, errors)
        try:
            control = ControlClient(directory)
            while True:
                try:
                    control.state()
                    break
                except NodeAbsent:
                    if process.poll() is not None:
                        said = errors.read_text()[-2000:]
                        raise SystemExit(f"the node did not start: {said}") from None
                    time.sleep(0.005)
            seconds = time.perf_counter() - began
            yield BenchNode(directory, psutil.Process(process.pid), control, seconds)
        finally:
            end(process)


@contextmanager
def running_paced_engine(*options: str) -> Iterator[str]:
    """The stand-in engine as a process of its own; its address."""
    command = [sys.executable, str(ROOT / "tests" / "support" / "paced_engine.py"), *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield str(json.loads(process.stdout.readline())["addr"])
        finally:
            process.terminate()
