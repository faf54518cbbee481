"""What this machine has, and what is wrong with it."""

from __future__ import annotations

from typing import Any

from node.control.client import ControlClient
from node.control.wire import HardwareReading
from tui import format as shown
from tui.setup.facts import Facts
from tui.setup.step import Step
from tui.setup.words import Busy, Choose, Option, Say, Sign, Talk, asked

PATIENCE = 60.0  # seconds; the doctor asks hosts that may not answer
LATER = frozenset({"model"})
"""What the doctor finds missing and the next steps bring."""

SIGNS = {"warn": Sign.NOTE, "fail": Sign.BAD}
MORE = (
    "Stoker looks at the processor, the memory, the graphics cards and their drivers, the clock, the disk, and at "
    "what it can lock an engine up with. Nothing was changed. `stoker doctor` shows all of it, at any time."
)


def judge(facts: Facts) -> tuple[bool, str]:
    seen = facts.chosen("engine.kind") or facts.chosen("engine.build")  # the next step was taken
    return seen, _in_short(facts)


def talk(client: ControlClient) -> Talk[None]:
    again = True
    while again:
        yield Busy("looking at this machine")
        for sentence in sentences(client.state().hardware):
            yield Say(sentence)
        checks: list[dict[str, Any]] = client.call("GET", "/doctor", timeout=PATIENCE)["checks"]
        for check in checks:
            if check["status"] in SIGNS and check["name"] not in LATER:
                yield Say(f"{check['name']}: {check['detail']}", SIGNS[check["status"]], check["remedy"])
        well = sum(check["status"] == "ok" for check in checks)
        yield Say(f"{well} of {len(checks)} things that the doctor looks at are well.", Sign.GOOD)
        again = (yield from asked(_go_on())) == "again"


def sentences(reading: HardwareReading | None) -> list[str]:
    """The machine for a person who does not know its parts."""
    if reading is None:
        return []
    host = reading.host
    told = []
    if host.cpu_name:
        told.append(f"Processor: {host.cpu_name}, {host.cpu_count} threads.")
    if host.memory_total is not None and host.memory_used is not None:
        free = shown.size(host.memory_total - host.memory_used)
        told.append(f"Memory: {free} of {shown.size(host.memory_total)} are free.")
    if host.disk_free is not None:
        told.append(f"Disk: {shown.size(host.disk_free)} are free where Stoker keeps its data.")
    for card in reading.gpus:
        memory = f" with {shown.size(card.memory_total)} of memory" if card.memory_total else ""
        told.append(f"Graphics card {card.index}: {card.name}{memory}.")
    if not reading.gpus:
        told.append(
            "Graphics card: none that can be read. Jobs run on the processor: enough to try everything, but networks "
            "rarely pay for that."
        )
    return told


def _in_short(facts: Facts) -> str:
    hardware = facts.snapshot.hardware
    if hardware is None:
        return "not looked at yet"
    cards = ", ".join(card.name for card in hardware.gpus) or "no graphics card"
    return f"{hardware.host.cpu_name or 'a processor'}; {cards}"


def _go_on() -> Choose:
    options = (
        Option("on", "Go on"),
        Option("again", "Look again", "after something was mended"),
    )
    return Choose("machine.go", "Go on with this machine?", options, "on", MORE)


STEP = Step("machine", "This machine", ("machine",), judge, talk)
