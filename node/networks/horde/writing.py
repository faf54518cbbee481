"""An answer while it is written: where it ends, and what is done to it afterwards."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing

from node.clock import Clock
from node.engines.base import Engine, EngineError
from node.jobs import Chunk, GenerationRequest, Usage
from node.networks.horde.answers import Payload
from node.networks.horde.payload import Stops

SPECIAL = re.compile(r"[#/@%{}+=~|\\^<>]")
SENTENCE_END = re.compile(r"[.!?…*\"”»)\]](?=\s|$)")

Compute = Callable[[Engine], AsyncIterator[Chunk]]


class Watch:
    """Finds the first stop in a text that comes in pieces."""

    def __init__(self, stops: Stops) -> None:
        self._stops = stops
        self._longest = max((len(stop) for stop in stops.sequences), default=1)
        self._text = ""
        self.ended = False

    def feed(self, piece: str) -> str:
        """The piece, or as much of it as belongs to the answer."""
        known = len(self._text)
        self._text += piece
        begin = max(0, known - self._longest + 1)
        ends = [at + len(stop) for stop in self._stops.sequences if (at := self._text.find(stop, begin)) >= 0]
        if self._stops.one_line and (at := self._text.find("\n", known)) >= 0:
            ends.append(at)
        if not ends:
            return piece
        self.ended = True
        self._text = self._text[: min(ends)]
        return self._text[known:]

    @property
    def text(self) -> str:
        """The answer so far."""
        return self._text


def written(request: GenerationRequest, stops: Stops, until: float, clock: Clock) -> Compute:
    """How an answer is computed: up to a stop, or to the time when it must be on its way; then the engine is let go.

    Args:
        until: monotonic seconds; what is there by then is the answer, as a shorter text is worth more than none.
    """

    async def compute(engine: Engine) -> AsyncIterator[Chunk]:
        watch = Watch(stops)
        async with aclosing(engine.generate(request)) as chunks:  # type: ignore[type-var]
            async for chunk in chunks:
                kept = watch.feed(chunk.text)
                if watch.ended:
                    yield Chunk(text=kept, deltas=chunk.deltas)
                    break
                yield chunk
                if watch.text and clock.monotonic() >= until and chunk.usage is None and chunk.finish_reason is None:
                    break
            else:
                return
        yield Chunk(finish_reason="stop", usage=await _usage(engine, request, watch.text))

    return compute


async def _usage(engine: Engine, request: GenerationRequest, text: str) -> Usage | None:
    """The engine's own count, as one that is stopped early does not tell it."""
    try:
        prompt = await engine.count_tokens(request.model, request.prompt or "")
        return Usage(prompt, await engine.count_tokens(request.model, text))
    except EngineError:
        return None


def finished(text: str, payload: Payload) -> str:
    """The text as the network's formatting flags want it."""
    if payload.frmttriminc:
        text = _whole_sentences(text)
    if payload.frmtrmblln:
        text = re.sub(r"\n{2,}", "\n", text)
    if payload.frmtrmspch:
        text = SPECIAL.sub("", text)
    return text


def _whole_sentences(text: str) -> str:
    ends = [found.end() for found in SENTENCE_END.finditer(text)]
    return text[: ends[-1]] if ends else text
