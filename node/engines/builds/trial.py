"""Whether a build really computes on a card, and rightly: tried in a child like those that will serve."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import Callable
from pathlib import Path

from node.box.isolation import Isolation
from node.clock import Clock
from node.engines.base import EngineError
from node.engines.builds.errors import BuildError
from node.engines.builds.fresh import fresh_directory
from node.engines.builds.trial_model import ANSWER, PROMPT, write_trial_model
from node.engines.llamacpp import LlamaCpp
from node.engines.program import Program
from node.jobs import GenerationRequest

LIMIT_S = 120.0  # a driver may compile its kernels at the first start
NO_CARD_SEEN = "it runs, but on the processor: it sees no card"
MODEL = "alphabet"


async def attempt(
    program: Program, *, directory: Path, clock: Clock, isolate: Callable[[], Isolation] | None = None
) -> str:
    """Have it compute an answer that is known: the name of the card that did.

    Args:
        directory: where the child may live for that long.
        isolate: as of `LlamaCpp`.

    Raises:
        BuildError: it does not start, sees no card, or answers wrongly.
    """
    await asyncio.to_thread(directory.mkdir, mode=0o700, parents=True, exist_ok=True)
    place = await asyncio.to_thread(fresh_directory, directory, "trial-")
    model = await asyncio.to_thread(write_trial_model, place / f"{MODEL}.gguf")
    engine = LlamaCpp(
        directory=place / "engine",
        models={MODEL: model}.get,
        slots=1,
        context=256,
        threads=None,
        clock=clock,
        isolate=isolate,
        program=program,
    )
    running = asyncio.create_task(engine.run(), name="engine-trial")
    try:
        await asyncio.sleep(0)
        async with asyncio.timeout(LIMIT_S):
            await engine.load(MODEL)
            card, said = engine.health().device, await _answer(engine)
    except EngineError as error:
        raise BuildError(error.message.removeprefix(f"{MODEL}: ")) from None
    except TimeoutError:
        raise BuildError(f"it gave no answer within {LIMIT_S:.0f} s") from None
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)
    if card == "CPU":
        raise BuildError(NO_CARD_SEEN, "`stoker doctor` looks at the card's driver and its device nodes")
    if said != ANSWER:
        raise BuildError(f"{card} computes wrongly: after {PROMPT!r} came {said[:40]!r}; expected {ANSWER!r}")
    return card


async def _answer(engine: LlamaCpp) -> str:
    asked = GenerationRequest(
        MODEL, prompt=PROMPT, max_tokens=len(ANSWER), options={"temperature": 0, "ignore_eos": True}
    )
    return "".join([chunk.text async for chunk in engine.generate(asked)])
