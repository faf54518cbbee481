"""The real engine in every kind of box: it computes, ends and dies as it does without one."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from engine_processes import computing
from eventually import eventually
from tiny_model import tiny_model

from node.box.belts import Belts
from node.box.isolation import Isolation, unboxed
from node.clock import SystemClock
from node.engines.base import EngineError, EngineFault
from node.engines.exits import BOX_OPEN
from node.engines.launch import ChildSettings, environment
from node.engines.llamacpp import LlamaCpp
from node.engines.program import Program
from node.engines.served import Checkup
from node.jobs import GenerationRequest

WAYS = ("whole", "reduced", "none")


@pytest.fixture(params=WAYS)
def isolation(request: pytest.FixtureRequest, machine: Isolation) -> Isolation:
    reduced = replace(machine, bubblewrap="", trouble="bubblewrap is not installed")
    return {"whole": machine, "reduced": reduced, "none": unboxed()}[request.param]


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("boxed-models"))


@pytest.fixture
async def engine(isolation: Isolation, model: Path, tmp_path: Path) -> AsyncIterator[LlamaCpp]:
    engine = LlamaCpp(
        directory=tmp_path / "engine",
        models={"tiny": model}.get,
        slots=2,
        context=1024,
        threads=1,
        clock=SystemClock(),
        checkup=Checkup(every=0.2, silence=1.0),
        isolate=lambda: isolation,
    )
    running = asyncio.create_task(engine.run())
    await asyncio.sleep(0)
    yield engine
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


def status(process: psutil.Process) -> dict[str, str]:
    """What the kernel says of a process."""
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def endless(prompt: str = "hello") -> GenerationRequest:
    return GenerationRequest("tiny", prompt=prompt, max_tokens=900, options={"ignore_eos": True})


async def test_it_computes_and_says_how_it_is_boxed(engine: LlamaCpp, isolation: Isolation) -> None:
    assert not engine.boxed
    await engine.load("tiny")
    chunks = [chunk async for chunk in engine.generate(replace(endless(), max_tokens=8))]
    assert chunks[-1].usage is not None
    assert engine.boxed == (isolation.trouble != "engine.box is off")
    assert engine.health().detail == f"tiny on CPU, 2 slots, {isolation.words}"


async def test_its_process_has_no_privileges_no_core_dumps_and_a_filter(engine: LlamaCpp, isolation: Isolation) -> None:
    await engine.load("tiny")
    (process,) = computing()
    said = status(process)
    if engine.boxed:
        assert (said["CapEff"], said["CapPrm"], said["NoNewPrivs"], said["Seccomp"]) == ("0" * 16, "0" * 16, "1", "2")
        assert process.rlimit(psutil.RLIMIT_CORE) == (0, 0)
    else:
        assert said["Seccomp"] == "0"
    namespaces = len(said["NSpid"].split())
    assert namespaces == (2 if isolation.bubblewrap else 1)


async def test_a_crash_under_a_job_has_its_reason_and_it_serves_again(engine: LlamaCpp) -> None:
    await engine.load("tiny")
    chunks = engine.generate(endless())
    await anext(chunks)
    computing()[0].kill()
    with pytest.raises(EngineError, match="memory ran out") as caught:
        async for _ in chunks:
            pass
    assert caught.value.fault is EngineFault.CRASHED
    await eventually(lambda: engine.slots("tiny") == 2)


def test_a_box_that_cannot_be_closed_takes_no_model_in(model: Path, tmp_path: Path) -> None:
    belts = Belts((), (str(model / "no directory"),), (), (), landlock=True, seccomp=True, alone=False)
    settings = ChildSettings(str(model), "tiny", "key", 1, 256, 1, embeddings=False, belts=belts)
    ended = subprocess.run(
        Program().command(),
        input=settings.line(),
        env=environment(tmp_path),
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (BOX_OPEN, b"")
    assert b"Not a directory" in ended.stderr


async def test_unloading_leaves_nothing_behind(engine: LlamaCpp) -> None:
    await engine.load("tiny")
    await engine.unload("tiny")
    assert psutil.Process().children(recursive=True) == []
