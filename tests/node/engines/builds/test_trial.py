"""A build is believed only if a card computes a known answer."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest
from standin_server import standin_server

from node.box.isolation import unboxed
from node.clock import SystemClock
from node.engines.builds.errors import BuildError
from node.engines.builds.trial import attempt
from node.engines.builds.trial_model import write_trial_model
from node.engines.program import Program
from node.models.gguf import read_header


async def tried(server: Path, tmp_path: Path, *, boxed: bool = True) -> str:
    isolate = None if boxed else unboxed
    return await attempt(Program(server, "vulkan"), directory=tmp_path / "engine", clock=SystemClock(), isolate=isolate)


async def test_a_card_that_computes_rightly_is_named(tmp_path: Path) -> None:
    assert await tried(standin_server(tmp_path / "build"), tmp_path) == "Stand-in 4090 (RADV) (Vulkan0)"


async def test_llama_cpp_itself_says_the_alphabet_and_is_told_apart_from_a_card(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="on the processor: it sees no card"):
        await attempt(Program(), directory=tmp_path / "engine", clock=SystemClock())


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        ({"layers": "0/3"}, "it sees no card"),
        ({"says": "bcdefgxxxxxxxxxxxxxxxxxxxxx"}, "computes wrongly: after 'a' came 'bcdefgxxx"),
        ({"dies": (1, "x: libvulkan.so.1: cannot open shared object file")}, "libvulkan1"),
        ({"dies": (2, "out of luck")}, "code 2: out of luck"),
    ],
)
async def test_a_build_that_does_not_work_says_why(tmp_path: Path, behaviour: dict[str, object], words: str) -> None:
    server = standin_server(tmp_path / "build", **behaviour)
    with pytest.raises(BuildError, match=words):
        await tried(server, tmp_path, boxed=False)


async def test_a_trial_leaves_nothing_behind_nor_what_a_killed_one_left(tmp_path: Path) -> None:
    (tmp_path / "engine" / "trial-old").mkdir(parents=True)
    await tried(standin_server(tmp_path / "build"), tmp_path)
    assert list((tmp_path / "engine").iterdir()) == []
    assert psutil.Process().children(recursive=True) == []


def test_the_models_file_is_whole_and_always_the_same(tmp_path: Path) -> None:
    one, two = write_trial_model(tmp_path / "one"), write_trial_model(tmp_path / "two")
    assert one.read_bytes() == two.read_bytes()
    header = read_header(one)
    assert (header.context_length, header.file_bytes) == (512, one.stat().st_size)
