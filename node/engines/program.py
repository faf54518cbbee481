"""What an engine's children are: how they are started, what they are shown, and how they say that they can compute."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from node.box.isolation import Isolation, Level
from node.engines.client import EngineClient
from node.engines.launch import CHILD, SERVER_CHILD, Greeting, environment
from node.engines.process import Child
from node.hardware.visible import VisibleCards

KEPT_BY_ENVIRONMENT = frozenset({"cuda", "rocm"})
ASK_EVERY_S, ASK_LIMIT_S = 0.1, 2.0


@dataclass(frozen=True, slots=True)
class Program:
    """One kind of child.

    Attributes:
        server: a llama-server that children turn into; None for the engine that comes with Stoker.
        backend: what the server computes with, such as ``vulkan``.
        cards: asked at each start for the cards that a child is shown; blocking.
    """

    server: Path | None = None
    backend: str = ""
    cards: Callable[[], VisibleCards] = VisibleCards

    def command(self) -> list[str]:
        """``-P`` keeps a folder named ``node`` where the person stands from being imported instead of ours."""
        return [sys.executable, "-P", "-m", SERVER_CHILD if self.server else CHILD]

    def environment(self, home: Path, cards: VisibleCards) -> dict[str, str]:
        """The child's own; see `node.engines.launch.environment`."""
        found = environment(home) | dict(cards.environment)
        if self.server:
            libraries = (str(self.server.parent), *filter(None, [found.get("LD_LIBRARY_PATH")]))
            found["LD_LIBRARY_PATH"] = os.pathsep.join(libraries)
        return found

    def hindrance(self, isolation: Isolation) -> str:
        """Why it must not be started: it would use cards that the owner has left out; empty if it may. Blocking."""
        if self.server is None or self.backend in KEPT_BY_ENVIRONMENT or isolation.level is not Level.NONE:
            return ""
        if not self.cards().chosen:
            return ""
        return (
            f"hardware.gpus leaves out cards, and a {self.backend} engine keeps to that in a box only; "
            f"this one is {isolation.words}. Remedy: {isolation.remedy}"
        )

    async def greeting(self, child: Child, client: EngineClient) -> Greeting | None:
        """What it computes on, once it can compute; None if it ended before that."""
        if self.server is None:
            return await child.greeting()
        end = asyncio.create_task(child.ended(), name=f"engine-start-{child.pid}")
        try:
            while not await client.healthy(ASK_LIMIT_S):
                if (await asyncio.wait((end,), timeout=ASK_EVERY_S))[0]:
                    return None
            return child.offload.greeting
        finally:
            end.cancel()
            await asyncio.wait((end,))
