from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tiny_model import broken_models, tiny_model

from node.clock import SystemClock
from node.engines.llamacpp import LlamaCpp
from node.engines.served import Checkup

LONG_CONTEXT = 100_000


@pytest.fixture(scope="session")
def model_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every model of these tests by its name: whole ones and broken ones."""
    directory = tmp_path_factory.mktemp("models")
    return {
        "tiny": tiny_model(directory),
        "long": tiny_model(directory, context=LONG_CONTEXT),
        "vectors": tiny_model(directory, pooling=1),
        **broken_models(directory),
    }


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory whose name is short enough for sockets in it."""
    with tempfile.TemporaryDirectory(prefix="stoker-") as name:
        yield Path(name)


@pytest.fixture
async def engine(model_files: dict[str, Path], place: Path) -> AsyncIterator[LlamaCpp]:
    """The embedded engine with nothing loaded; gone, with its children, after the test."""
    engine = LlamaCpp(
        directory=place / "engine",
        models=model_files.get,
        slots=4,
        context=1024,
        threads=1,
        clock=SystemClock(),
        checkup=Checkup(every=0.2, silence=1.0),
    )
    running = asyncio.create_task(engine.run())
    await asyncio.sleep(0)
    yield engine
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
