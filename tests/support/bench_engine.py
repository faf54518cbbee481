"""The embedded engine's own child without a node around it, to be asked directly."""

from __future__ import annotations

import secrets
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from node.engines.launch import SOCKET, ChildSettings, Greeting
from node.engines.program import Program
from node.hardware.visible import VisibleCards


@contextmanager
def running_llamacpp(model: Path, name: str, *, slots: int, context: int, threads: int) -> Iterator[tuple[Path, str]]:
    """Start the child as the node would, but for the box; its socket and its key."""
    key = secrets.token_urlsafe(32)
    settings = ChildSettings(
        model=str(model), name=name, key=key, slots=slots, context=context, threads=threads, embeddings=False
    )
    program = Program()
    with tempfile.TemporaryDirectory(prefix="stoker-bench-engine-") as directory:
        process = subprocess.Popen(
            program.command(),
            cwd=directory,
            env=program.environment(Path(directory), VisibleCards()),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        with process:
            process.stdin.write(settings.line())
            process.stdin.flush()
            Greeting.from_line(process.stdout.readline())
            yield Path(directory) / SOCKET, key
