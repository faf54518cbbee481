"""A llama-server of one's own choice as the engine: started, boxed, tied and explained like the embedded one."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from eventually import eventually
from standin_server import standin_server

from node.box.isolation import Isolation, unboxed
from node.clock import SystemClock
from node.engines.base import EngineError, EngineFault, EngineStatus
from node.engines.llamacpp import LlamaCpp, means_of_this_machine
from node.engines.program import Program
from node.engines.served import Checkup
from node.hardware.visible import VisibleCards
from node.jobs import GenerationRequest


@pytest.fixture(params=["whole", "reduced", "none"])
def isolation(request: pytest.FixtureRequest) -> Isolation:
    return means(request.param)


def means(way: str) -> Isolation:
    machine = means_of_this_machine()
    assert not machine.trouble, machine.trouble
    reduced = replace(machine, bubblewrap="", trouble="bubblewrap is not installed")
    return {"whole": machine, "reduced": reduced, "none": unboxed()}[way]


@asynccontextmanager
async def running(engine: LlamaCpp) -> AsyncIterator[LlamaCpp]:
    task = asyncio.create_task(engine.run())
    await asyncio.sleep(0)
    try:
        yield engine
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def engine_of(
    server: Path, place: Path, models: dict[str, Path], isolation: Isolation, cards: VisibleCards | None = None
) -> LlamaCpp:
    return LlamaCpp(
        directory=place / "engine",
        models=models.get,
        slots=2,
        context=512,
        threads=1,
        clock=SystemClock(),
        checkup=Checkup(every=0.2, silence=5.0),
        isolate=lambda: isolation,
        program=Program(server, "vulkan", lambda: cards or VisibleCards()),
    )


def asked(prompt: str = "a", tokens: int = 5) -> GenerationRequest:
    return GenerationRequest("tiny", prompt=prompt, max_tokens=tokens)


async def text(engine: LlamaCpp, request: GenerationRequest) -> str:
    return "".join([chunk.text async for chunk in engine.generate(request)])


def den(place: Path) -> Path:
    (found,) = [path for path in (place / "engine").iterdir() if path.is_dir()]
    return found


async def test_it_serves_in_every_kind_of_box_and_names_its_card(
    place: Path, model_files: dict[str, Path], isolation: Isolation
) -> None:
    server = standin_server(place / "build")
    async with running(engine_of(server, place, model_files, isolation)) as engine:
        await engine.load("tiny")
        assert await text(engine, asked()) == "bcdef"
        health = engine.health()
        assert health.device == "Stand-in 4090 (RADV) (Vulkan0)"
        assert health.detail == f"tiny on {health.device}, 2 slots, {isolation.words}"
        assert not engine.runs_on_cpu()


@pytest.mark.parametrize("way", ["whole", "reduced"])
async def test_in_a_box_it_becomes_its_program_and_no_other(
    place: Path, model_files: dict[str, Path], way: str
) -> None:
    server = standin_server(place / "build", escapes=True)
    async with running(engine_of(server, place, model_files, means(way))) as engine:
        await engine.load("tiny")
        assert (den(place) / "escaped.txt").read_text() == "Permission denied"


async def test_nobody_sees_its_key(place: Path, model_files: dict[str, Path]) -> None:
    server = standin_server(place / "build")
    async with running(engine_of(server, place, model_files, unboxed())) as engine:
        await engine.load("tiny")
        key = engine._served["tiny"].client._key.reveal()  # type: ignore[union-attr]
        for process in psutil.Process().children(recursive=True):
            assert key not in " ".join(process.cmdline())
            assert key not in " ".join(process.environ().values())
        files = [path for path in place.rglob("*") if path.is_file()]
        assert not any(key.encode() in path.read_bytes() for path in files)


async def test_it_is_told_to_be_quiet_local_and_no_bigger_than_asked(place: Path, model_files: dict[str, Path]) -> None:
    server = standin_server(place / "build")
    async with running(engine_of(server, place, model_files, unboxed())) as engine:
        await engine.load("vectors")
        words = json.loads((den(place) / "told.json").read_text())
    told = dict(itertools.pairwise(words))
    assert told["--host"] == "engine.sock"
    assert (told["--parallel"], told["--ctx-size"], told["--cache-ram"]) == ("2", "1024", "0")
    assert {"--no-webui", "--offline", "--embeddings"} <= set(words)


async def test_a_build_that_sees_no_card_serves_and_says_so(place: Path, model_files: dict[str, Path]) -> None:
    server = standin_server(place / "build", layers="0/3")
    async with running(engine_of(server, place, model_files, unboxed())) as engine:
        await engine.load("tiny")
        health = engine.health()
        assert (health.status, health.device) == (EngineStatus.READY, "CPU")
        assert "the vulkan build sees no card" in health.detail
        assert "stoker engine test vulkan" in health.remedy
        assert engine.runs_on_cpu()


async def test_a_model_that_fits_the_card_in_part_says_how_much(place: Path, model_files: dict[str, Path]) -> None:
    server = standin_server(place / "build", layers="2/3")
    async with running(engine_of(server, place, model_files, unboxed())) as engine:
        await engine.load("tiny")
        assert engine.health().device == "Stand-in 4090 (RADV) (Vulkan0, 2 of 3 layers)"


@pytest.mark.parametrize(
    ("dies", "fault", "words"),
    [
        ((1, "E llama_model_load: error loading model: unknown architecture"), EngineFault.UNSUPPORTED, "architecture"),
        ((127, "x: libvulkan.so.1: cannot open shared object file"), EngineFault.UNAVAILABLE, "install libvulkan1"),
        ((3, "E ggml_vulkan: device lost"), EngineFault.UNAVAILABLE, "code 3: E ggml_vulkan: device lost"),
    ],
)
async def test_a_server_that_does_not_start_is_explained(
    place: Path, model_files: dict[str, Path], dies: tuple[int, str], fault: EngineFault, words: str
) -> None:
    server = standin_server(place / "build", dies=dies)
    async with running(engine_of(server, place, model_files, means_of_this_machine())) as engine:
        with pytest.raises(EngineError, match=words) as caught:
            await engine.load("tiny")
        assert caught.value.fault is fault
        assert psutil.Process().children(recursive=True) == []


async def test_a_program_that_is_no_program_is_one_clear_error(place: Path, model_files: dict[str, Path]) -> None:
    server = standin_server(place / "build")
    server.write_text("no program")
    async with running(engine_of(server, place, model_files, means_of_this_machine())) as engine:
        with pytest.raises(EngineError, match="llama-server: Exec format error"):
            await engine.load("tiny")


async def test_a_server_that_dies_at_work_is_started_again(place: Path, model_files: dict[str, Path]) -> None:
    server = standin_server(place / "build")
    async with running(engine_of(server, place, model_files, means_of_this_machine())) as engine:
        await engine.load("tiny")
        await text(engine, asked("die"))
        await eventually(lambda: engine.health().restarts == 1)
        await eventually(lambda: engine.slots("tiny") == 2)
        assert await text(engine, asked("b", 2)) == "cd"


async def test_unloading_and_ending_leave_no_process(
    place: Path, model_files: dict[str, Path], isolation: Isolation
) -> None:
    server = standin_server(place / "build")
    async with running(engine_of(server, place, model_files, isolation)) as engine:
        await engine.load("tiny")
        await engine.unload("tiny")
        assert psutil.Process().children(recursive=True) == []
        await engine.load("tiny")
    assert psutil.Process().children(recursive=True) == []


async def test_its_card_is_shown_by_environment(place: Path, model_files: dict[str, Path]) -> None:
    cards = VisibleCards(environment={"CUDA_VISIBLE_DEVICES": "GPU-1"})
    server = standin_server(place / "build")
    async with running(engine_of(server, place, model_files, unboxed(), cards)) as engine:
        await engine.load("tiny")
        (process,) = psutil.Process().children(recursive=True)
        assert process.environ()["CUDA_VISIBLE_DEVICES"] == "GPU-1"


async def test_cards_that_are_left_out_are_not_used_where_nothing_can_keep_it_from_them(
    place: Path, model_files: dict[str, Path]
) -> None:
    server = standin_server(place / "build")
    chosen = VisibleCards(chosen=True)
    async with running(engine_of(server, place, model_files, unboxed(), chosen)) as engine:
        with pytest.raises(EngineError, match=r"hardware\.gpus leaves out cards"):
            await engine.load("tiny")
    async with running(engine_of(server, place, model_files, means_of_this_machine(), chosen)) as engine:
        await engine.load("tiny")
