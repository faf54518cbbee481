"""A child never outlives its parent, however the parent dies."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import psutil
import pytest
from eventually import eventually
from standin_server import standin_server

from node.engines.launch import PACKAGE_ROOT

PARENT = """
import asyncio, sys
from pathlib import Path
from node.box.isolation import unboxed
from node.clock import SystemClock
from node.engines.llamacpp import LlamaCpp
from node.engines.program import Program

async def main():
    file = Path(sys.argv[1])
    engine = LlamaCpp(directory=Path(sys.argv[2]), models=lambda name: file, slots=1, context=256, threads=1,
                      clock=SystemClock(), isolate=unboxed if sys.argv[4] == "unboxed" else None,
                      program=Program(Path(sys.argv[5])) if sys.argv[5] else None)
    running = asyncio.create_task(engine.run())
    loading = asyncio.create_task(engine.load("tiny"))
    if sys.argv[3] == "serving":
        await loading
    else:
        while not next(iter(engine._served.values()), None) or next(iter(engine._served.values())).pid is None:
            await asyncio.sleep(0)
    print("so far", flush=True)
    await running

asyncio.run(main())
"""


def lives(process: psutil.Process) -> bool:
    """Whether it runs; a dead one that nobody has asked for yet does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("box", ["boxed", "unboxed"])
@pytest.mark.parametrize("moment", ["serving", "starting"])
@pytest.mark.parametrize("program", ["embedded", "llama-server"])
async def test_a_child_is_gone_within_two_seconds_after_its_parent_was_killed(
    model_files: dict[str, Path], tmp_path: Path, moment: str, box: str, program: str
) -> None:
    server = standin_server(tmp_path / "build") if program == "llama-server" else ""
    parent = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PARENT,
        str(model_files["tiny"]),
        str(tmp_path / "engine"),
        moment,
        box,
        str(server),
        stdout=asyncio.subprocess.PIPE,
        cwd=PACKAGE_ROOT,
    )
    try:
        assert parent.stdout is not None
        await parent.stdout.readline()
        family = psutil.Process(parent.pid).children(recursive=True)
        assert family
    finally:
        parent.kill()
        await parent.wait()
    await eventually(lambda: not any(lives(process) for process in family), within=2)
