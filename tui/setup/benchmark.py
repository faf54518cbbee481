"""A few seconds of real work: how fast this machine is, what it draws, and what an hour of that costs."""

from __future__ import annotations

import json
from dataclasses import dataclass

from node.control.client import ControlClient, Refused
from node.control.wire import StateWord
from tui import format as shown
from tui.setup import facts, price
from tui.setup.words import Busy, Say, Sign, Talk

SETTLE, WINDOW = 1.0, 5.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What came out; ``watts`` is None where this machine cannot measure them."""

    tokens_per_second: float
    watts: float | None


def benchmark(client: ControlClient) -> Talk[None]:
    """Measure, ask for what is missing to tell the cost, and tell it."""
    state = client.state().state
    if state.action != "run":
        yield Say(f"The node rests now, so nothing can be measured: {state.reason}.", Sign.NOTE, state.remedy)
        return
    yield Busy("computing on every slot")
    try:
        found = _measured(client)
    except Refused as error:
        yield Say(f"Nothing can be measured now: {error.message}.", Sign.NOTE, error.remedy or "stoker tune")
        return
    known = facts.look(client)
    if found.tokens_per_second <= 0:
        word = client.state().state
        why = word.reason if word.word is not StateWord.WAITING else "no answer came in that time"
        yield Say(f"Nothing was computed in {WINDOW:g} s: {why}.", Sign.NOTE, "stoker tune measures longer")
        return
    yield Say(
        f"{shown.speed(found.tokens_per_second)} tokens a second with all {known.snapshot.slots} slots busy.", Sign.GOOD
    )
    power = yield from price.ask(client, known)
    watts = found.watts
    if watts is None:
        watts = yield from price.ask_draw(client, known)
    yield Say(cost_sentence(watts, power), Sign.GOOD if watts else Sign.NOTE)


def cost_sentence(watts: float | None, power: price.Price | None) -> str:
    """What an hour at work costs, or what is missing to tell it."""
    if watts is None:
        return "What it draws cannot be measured here, so what it costs is not known."
    drawn = f"{watts:.0f} W at work"
    if power is None:
        return f"{drawn}; what that costs is not known without the price of a kilowatt-hour."
    return f"{drawn}: an hour of work costs {shown.money(power.hour(watts), power.currency)}."


def _measured(client: ControlClient) -> Measured:
    wishes = {"settle": SETTLE, "window": WINDOW, "as_it_is": True}
    found = Measured(0.0, None)
    with client.stream("/power/tune", wishes) as answer:
        for line in answer:
            if point := json.loads(line).get("point"):
                found = Measured(point["tokens_per_second"], point["watts"])
    return found
