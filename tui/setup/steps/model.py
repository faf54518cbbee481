"""Which model is served: one that fits, with its licence and size; then how fast it is here, and what that costs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from node.control.client import ControlClient, Refused
from tui import format as shown
from tui.cli.failures import Failure
from tui.setup import facts
from tui.setup.benchmark import benchmark
from tui.setup.facts import Facts
from tui.setup.offers import Offer, offers, recommended, room
from tui.setup.restart import PATIENCE, SERVER_PATIENCE, served
from tui.setup.step import Step
from tui.setup.transfers import followed, pulled
from tui.setup.words import Busy, Choose, Enter, Option, Say, Sign, Talk, asked, confirmed, wronged

FILE, LATER = "file", "later"

MORE = (
    "Bigger models answer better, earn more, and are slower; one that fills the memory leaves no room for several "
    "jobs at once. `May work for pay` is about the licence: networks that pay money refuse models whose licence "
    "forbids it. A fetch that is broken off goes on where it stood. `stoker model list` shows all of them."
)


def judge(facts: Facts) -> tuple[bool, str]:
    if not facts.served:
        return False, "nothing is served yet"
    chosen = facts.own_server or facts.chosen("engine.model")
    told = f"{', '.join(facts.served)} {'is' if len(facts.served) == 1 else 'are'} served"
    return chosen, told if chosen else f"{told}, to try things out"


def talk(client: ControlClient) -> Talk[None]:
    known = facts.look(client)
    if known.own_server:
        yield Busy("asking your server for its models")
        found = served(client, SERVER_PATIENCE)
        if not found:
            detail = "; ".join(f"{engine.status}: {engine.detail}" for engine in known.snapshot.engines)
            yield Say(f"Your server serves no model yet ({detail}).", Sign.BAD, "let it load one, then come back here")
            return
        yield Say(f"Your server serves {', '.join(found)}; which, is chosen there.", Sign.GOOD)
    else:
        name = yield from _chosen(client, known)
        if not name:
            return
        if name not in known.served:
            yield Busy(f"loading {name}")
            ControlClient(client.directory, timeout=PATIENCE).command("use_model", name=name)
        elif not known.chosen("engine.model"):
            client.change_setting("engine.model", name)
        yield Say(f"{name} is served.", Sign.GOOD)
    if (yield from confirmed("model.benchmark", "Measure how fast it is here? It takes a few seconds.", default=True)):
        yield from benchmark(client)


def _chosen(client: ControlClient, known: Facts) -> Talk[str]:
    """The name of an installed model; empty for none."""
    space = room(known)
    found = offers(known.models, space)
    fitting = [offer for offer in found if offer.fits or offer.name in known.served]
    if too_big := [offer.name for offer in found if offer not in fitting]:
        yield Say(f"Too big for the memory here: {', '.join(too_big)}.")
    options = (
        *(Option(offer.name, offer.title, offer.meaning) for offer in fitting),
        Option(FILE, "A GGUF file of my own", "copied from anywhere on this machine, and checked"),
        Option(LATER, "None for now", "the node has nothing to compute with until one is chosen"),
    )
    present = [offer.name for offer in fitting if offer.name in known.served and known.chosen("engine.model")]
    trial = known.settings["engine.model"].default
    default = present[0] if present else recommended(fitting, on_card=known.on_card, trial=trial) or FILE
    free = f"{shown.size(space.size)} of {'the card' if space.on_card else 'memory'} are there for it"
    question = Choose("model.name", f"Which model shall it serve? {free}.", options, default, MORE, explicit=True)
    choice = yield from asked(question)
    if choice == LATER:
        return ""
    if choice == FILE:
        return (yield from _imported(client, known))
    offer = _offer(found, choice)
    if offer.conditions:
        yield Say(f"Its licence asks for something in return: {offer.conditions}.", Sign.NOTE)
    if not offer.installed:
        yield from pulled(client, choice)
    return choice


def _imported(client: ControlClient, known: Facts) -> Talk[str]:
    """The name of the model in a file; one that was taken from there before is not copied again."""
    question = Enter("model.file", "The path of the GGUF file", more="From / on, such as /home/ada/models/mine.gguf.")
    while True:
        path = yield from asked(question)
        if name := _taken_before(known, Path(path)):
            yield Say(f"{path} is here already, as {name}.")
            return name
        try:
            taken: dict[str, Any] = yield from followed(
                client, "/models/import", {"path": path}, "copying and checking"
            )
        except (Refused, Failure) as error:
            question = wronged(question, f"{error.message}. {error.remedy}" if error.remedy else error.message)
        else:
            yield Say(f"{taken['name']} is here ({shown.size(taken['size'])}).", Sign.GOOD)
            return str(taken["name"])


def _taken_before(known: Facts, path: Path) -> str:
    """The model that has this file's name and size; empty if there is none."""
    try:
        size = path.stat().st_size
    except OSError:
        return ""
    same = (
        one["name"] for one in known.models["installed"] if (one["source"], one["size"]) == (f"file {path.name}", size)
    )
    return next(same, "")


def _offer(found: list[Offer], name: str) -> Offer:
    return next(offer for offer in found if offer.name == name)


STEP = Step("model", "Model", ("model",), judge, talk)
