"""What the machine may be asked to bear, when, and what comes first."""

from __future__ import annotations

from collections.abc import Iterator

from node.control.client import ControlClient
from tui.setup import facts, price
from tui.setup.facts import Facts
from tui.setup.restart import restarted
from tui.setup.settings import settled
from tui.setup.step import Step
from tui.setup.words import Choose, Enter, Option, Say, Sign, Talk

LAST = "owner.on_input"
"""What is asked last: who has set it has answered the rest."""

MORE_HEAT = (
    "In °C. At this temperature the node takes no new jobs until the machine has cooled down. 0 switches it off."
)
MORE_HOURS = (
    "Such as Mon-Fri 22:00-06:00; Sat,Sun 00:00-24:00. Outside of these hours the node rests and says so. "
    "`always` takes hours back that were set."
)
MORE_INPUT = (
    "Whatever you choose, a game or another program on the card goes first by default (owner.on_guests). Whether "
    "you are there is seen from keyboard and mouse on this machine, by the desktop's own word; nothing of it is "
    "kept."
)


def judge(facts: Facts) -> tuple[bool, str]:
    if not facts.chosen(LAST):
        return False, "as they come: 83 °C on a card, games first, any hour"
    return True, ", ".join(_told(facts))


def talk(client: ControlClient) -> Talk[None]:
    known = facts.look(client)
    for question in _heat(known):
        yield from settled(client, question)
    yield from price.ask_anew(client, known)
    if not price.measured(known):
        yield from price.ask_draw(client, known)
    yield from settled(client, _hours(known))
    yield from settled(client, _presence(known))
    now = facts.look(client)
    yield Say(f"From now on: {', '.join(_told(now))}.", Sign.GOOD)
    if any(view.restart and view.value != known.value(key) for key, view in now.settings.items()):
        yield from restarted(client)


def _heat(known: Facts) -> Iterator[Enter]:
    hardware = known.snapshot.hardware
    if known.cards:
        key = "limits.gpu_celsius"
        yield Enter(key, "How hot may the card become?", f"{float(known.value(key)):g}", MORE_HEAT)
    elif hardware is not None and hardware.host.cpu_temperature_c is not None:
        key = "limits.host_celsius"
        yield Enter(key, "How hot may the processor become?", f"{float(known.value(key)):g}", MORE_HEAT)


def _hours(known: Facts) -> Enter:
    key = "schedule.hours"
    return Enter(key, "In which hours of the week may it work?", known.value(key), MORE_HOURS, nothing="always")


def _presence(known: Facts) -> Choose:
    options = (
        Option("ignore", "Go on", "jobs run while you use the machine"),
        Option("slow", "Use half the slots", "while you use keyboard or mouse"),
        Option("yield", "Stand back", "no job while you use keyboard or mouse, and ten minutes longer"),
    )
    return Choose(LAST, "While you use this PC yourself, it shall …", options, known.value(LAST), MORE_INPUT)


def _told(known: Facts) -> Iterator[str]:
    if known.cards:
        yield f"{float(known.value('limits.gpu_celsius')):g} °C on the card"
    power = price.known_price(known)
    yield "price of power not known" if power is None else f"{power.micro / 1e6:g} {power.currency} a kilowatt-hour"
    yield known.value("schedule.hours") or "any hour"
    yield {"ignore": "goes on", "slow": "half the slots", "yield": "stands back"}[
        known.value(LAST)
    ] + " while you are here"


STEP = Step("limits", "Limits", ("limits", "electricity", "hardware", "schedule", "owner"), judge, talk)
