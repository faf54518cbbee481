"""The guide as it stands, at the sizes that are promised. Look at the report before accepting a new picture."""

from __future__ import annotations

from typing import Protocol

import pytest
from fake_node import IDLE, WORKING, FakeNode
from guided import KEY, MEASURED, MODEL, PRICE, STANDINGS, saying
from screens import LARGE, MIDDLE, SMALL, Size, settled, until
from textual.app import App
from textual.pilot import Pilot

from tui.app import StokerApp
from tui.screens.setup import screen as module
from tui.screens.setup.conversation import Conversation
from tui.setup.words import Begin, Progress, Say, Sign, Word, wronged


class Compare(Protocol):
    def __call__(self, app: App[int], *, terminal_size: Size, run_before: object) -> bool: ...


MACHINE = (
    Say("Processor: AMD Ryzen 9 7900, 24 threads."),
    Say("Memory: 46.0 GB of 67.0 GB are free."),
    Say("Graphics card 0: NVIDIA GeForce RTX 4090 with 25.8 GB of memory."),
    Say(
        "keyring: no keyring that encrypts is installed or running",
        Sign.NOTE,
        "nothing is needed: stoker keys new NAME --passphrase-file FILE keeps a key in an encrypted vault instead",
    ),
    Say("17 of 18 things that the doctor looks at are well.", Sign.GOOD),
)
DEAR = wronged(PRICE, "electricity.price: got 'dear'; expected a number")
FETCHING = Progress("qwen3-8b", 2_100_000_000, 5_000_000_000)

SCENES: dict[str, tuple[Word, ...]] = {
    "a model to choose": (Begin(2, STANDINGS), *MACHINE, MODEL),
    "a wrong price": (Begin(2, STANDINGS), *MEASURED, DEAR),
    "a secret": (Begin(4, STANDINGS), KEY),
}


@pytest.mark.parametrize("size", [MIDDLE, LARGE], ids=["80x24", "120x40"])
@pytest.mark.parametrize("name", SCENES)
def test_the_guide_looks_as_it_did(
    name: str, size: Size, snap_compare: Compare, monkeypatch: pytest.MonkeyPatch
) -> None:
    _compare(SCENES[name], size, snap_compare, monkeypatch)


def test_the_guide_fits_the_smallest_window(snap_compare: Compare, monkeypatch: pytest.MonkeyPatch) -> None:
    _compare(SCENES["a model to choose"], SMALL, snap_compare, monkeypatch)


def test_how_everything_stands_at_the_end(snap_compare: Compare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "summary", lambda _: STANDINGS)
    _compare((), MIDDLE, snap_compare, monkeypatch)


def test_a_fetch_gets_on_in_sight(snap_compare: Compare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "guide", lambda _, *, start: saying(Begin(2, STANDINGS), MODEL, heard=[]))

    async def go_there(pilot: Pilot[int]) -> None:
        await _asked(pilot)
        conversation = pilot.app.screen.query_one(Conversation)
        conversation.ask(None)
        conversation.hear(FETCHING)
        await pilot.pause()

    assert snap_compare(StokerApp(FakeNode(WORKING), setup_at=""), terminal_size=MIDDLE, run_before=go_there)


def _compare(words: tuple[Word, ...], size: Size, snap_compare: Compare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "guide", lambda _, *, start: saying(*words, heard=[]))

    assert snap_compare(StokerApp(FakeNode(IDLE), setup_at=""), terminal_size=size, run_before=_asked)


async def _asked(pilot: Pilot[int]) -> None:
    """At the first question, drawn."""
    await settled(pilot)

    def so() -> bool:
        found = pilot.app.screen.query(Conversation)
        return bool(found) and found.first().asked is not None

    await until(pilot, so)
