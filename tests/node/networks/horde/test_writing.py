"""Where an answer ends, and what is done to it."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
from hand_clock import HandClock
from hypothesis import given
from hypothesis import strategies as st
from scripted_engine import ScriptedEngine

from node.engines.base import EngineError, EngineFault
from node.jobs import Chunk, GenerationRequest, Usage
from node.networks.horde.answers import Payload
from node.networks.horde.payload import Stops
from node.networks.horde.writing import Watch, finished, written

REQUEST = GenerationRequest("m", prompt="one two three", max_tokens=100)


class Pieces(ScriptedEngine):
    """Says these pieces, moving a clock by a second before each."""

    def __init__(self, *pieces: str, counts: bool = True) -> None:
        super().__init__()
        self.pieces = pieces
        self.counts = counts
        self.said = 0
        self.clock = HandClock(0.0)

    async def generate(self, request: GenerationRequest) -> AsyncGenerator[Chunk, None]:
        for piece in self.pieces:
            self.clock.now += 1
            self.said += 1
            yield Chunk(piece, deltas=1)
        yield Chunk(finish_reason="length", usage=Usage(3, len(self.pieces)))

    async def count_tokens(self, model: str, text: str) -> int:
        if not self.counts:
            raise EngineError(EngineFault.UNSUPPORTED, "this engine does not count tokens")
        return len(text.split())


async def answer(engine: Pieces, stops: Stops, until: float = 1e9) -> tuple[str, list[Usage | None]]:
    chunks = [chunk async for chunk in written(REQUEST, stops, until, engine.clock)(engine)]
    return "".join(chunk.text for chunk in chunks), [chunk.usage for chunk in chunks if chunk.finish_reason]


async def test_an_answer_without_stops_is_the_engines_own() -> None:
    assert await answer(Pieces("a ", "b"), Stops()) == ("a b", [Usage(3, 2)])


async def test_the_text_contains_the_stop_sequence_and_nothing_after_it() -> None:
    engine = Pieces("Hello", " you", "!\nUs", "er: no", " more")
    text, usage = await answer(engine, Stops(("\nUser:",)))
    assert text == "Hello you!\nUser:"
    assert usage == [Usage(3, 3)]
    assert engine.said == 4


async def test_a_single_line_ends_before_its_line_break() -> None:
    assert (await answer(Pieces("one line", "\nanother"), Stops(one_line=True)))[0] == "one line"


async def test_an_answer_that_is_late_is_delivered_as_it_is() -> None:
    engine = Pieces("a ", "b ", "c ", "d ")
    assert (await answer(engine, Stops(), until=2.0))[0] == "a b "
    assert engine.said == 2


async def test_an_engine_that_cannot_count_leaves_the_usage_open() -> None:
    assert await answer(Pieces("x", "STOP", "y", counts=False), Stops(("STOP",))) == ("xSTOP", [None])


@given(st.text("ab\n", max_size=60), st.lists(st.text("ab\n", min_size=1, max_size=4), max_size=3), st.data())
def test_pieces_do_not_matter(text: str, sequences: list[str], data: st.DataObject) -> None:
    ends = [place + len(stop) for stop in sequences if (place := text.find(stop)) >= 0]
    watch, place, handed_out = Watch(Stops(tuple(sequences))), 0, ""
    while place < len(text) and not watch.ended:
        size = data.draw(st.integers(1, 8))
        handed_out += watch.feed(text[place : place + size])
        place += size
    assert handed_out == watch.text
    assert watch.ended == bool(ends)
    assert watch.text == (text[: min(ends)] if ends else text)


@pytest.mark.parametrize(
    ("flags", "text", "result"),
    [
        ({}, "as it is…\n\n#1 and", "as it is…\n\n#1 and"),
        ({"frmttriminc": True}, "One. Two! Three and", "One. Two!"),
        ({"frmttriminc": True}, 'She said "yes." Then', 'She said "yes."'),
        ({"frmttriminc": True}, "no end at all", "no end at all"),
        ({"frmtrmblln": True}, "a\n\n\nb\nc", "a\nb\nc"),
        ({"frmtrmspch": True}, "#a @b {c} 1+1=2 ~ <d>", "a b c 112  d"),
    ],
)
def test_the_formatting_flags(flags: dict[str, bool], text: str, result: str) -> None:
    assert finished(text, Payload.model_validate(flags)) == result


def test_empty_stop_sequences_stop_nothing() -> None:
    assert Stops.of(Payload(stop_sequence=("", "x", "x"))) == Stops(("x",))
