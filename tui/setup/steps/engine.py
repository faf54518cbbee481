"""What shall compute: a server that runs here already, the card, or the engine that comes with Stoker."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from node.control.client import ControlClient
from tui import format as shown
from tui.setup import facts
from tui.setup.facts import Facts
from tui.setup.restart import restarted
from tui.setup.settings import settled
from tui.setup.step import Step
from tui.setup.transfers import followed
from tui.setup.words import Busy, Choose, Enter, Option, Say, Sign, Talk, asked

EMBEDDED, CARD, SERVER = "embedded", "auto", "server"

MORE = (
    "The engine is the program that computes. If Ollama, llama-server, vLLM, LM Studio or KoboldCpp runs here, "
    "its owner (you) has set the card up already: Stoker uses it as it is. Otherwise Stoker runs llama.cpp "
    "itself, in a box without network and files: on the processor, or in a build for your card that is fetched "
    "from llama.cpp's own releases, checked, and tried on the card before it is used."
)


def judge(facts: Facts) -> tuple[bool, str]:
    chosen = facts.chosen("engine.kind") or facts.chosen("engine.build")
    return chosen, _sentence(facts) if chosen else "not chosen yet"


def talk(client: ControlClient) -> Talk[None]:
    known = facts.look(client)
    yield Busy("looking for engines on this machine")
    servers: list[dict[str, Any]] = client.get("/engines/detect")["found"]
    builds = client.get("/engines/builds")
    for failed in (build for build in builds["installed"] if build["fault"]):
        name = failed["name"]
        yield Say(f"The build {name} failed here: {failed['fault']}.", Sign.NOTE,
                  f"stoker engine test {name} tries it again, stoker engine remove {name} removes it")  # fmt: skip
    options = tuple(_options(known, servers, builds))
    choice = yield from asked(
        Choose("engine.use", "Which engine shall compute?", options, _default(known, options), MORE, explicit=True)
    )
    if choice == SERVER or "://" in choice:
        told = any(found["models"] for found in servers if found["url"] == choice)
        yield from _use_server(client, choice, wants_no_key=told)
    else:
        yield from _use_build(client, choice)
    if choice != EMBEDDED or known.own_server or known.on_card:
        yield from restarted(client)
    yield Say(f"{_sentence(facts.look(client))}.", Sign.GOOD)


def _options(known: Facts, servers: list[dict[str, Any]], builds: dict[str, Any]) -> Iterator[Option]:
    for found in servers:
        models = ", ".join(found["models"]) or "its models are not told without a key"
        yield Option(found["url"], f"{found['kind']} at {found['url']}", f"runs here already: {models}")
    for build in builds["installed"]:
        if not build["fault"]:
            yield Option(build["name"], f"The build {build['name']}", f"computes on {build['device']}")
    if known.cards:
        for offer in builds["available"]:
            if not offer["obstacle"]:
                size = f", {shown.size(offer['size'])} to fetch" if offer["size"] else ""
                yield Option(CARD, "llama.cpp on your card", f"the best build for it{size}, tried before it is used")
                break
    yield Option(EMBEDDED, "llama.cpp on the processor", "comes with Stoker, works everywhere, slower than any card")
    yield Option(SERVER, "Another server", "any that speaks OpenAI's API, by its address")


def _default(known: Facts, options: tuple[Option, ...]) -> str:
    """What is in use if the owner chose it, else the first: what runs already, then the card, then neither."""
    values = [option.value for option in options]
    if known.own_server:
        return known.value("engine.url") if known.value("engine.url") in values else SERVER
    if known.chosen("engine.kind") or known.chosen("engine.build"):
        return known.value("engine.build") if known.value("engine.build") in values else EMBEDDED
    return values[0]


def _use_server(client: ControlClient, choice: str, *, wants_no_key: bool) -> Talk[None]:
    if choice == SERVER:
        question = Enter("engine.url", "Its address, such as http://127.0.0.1:11434/v1", more=MORE)
        yield from settled(client, question)
    else:
        client.change_setting("engine.url", choice)
    client.change_setting("engine.kind", "openai")
    if wants_no_key:  # it has told its models to a stranger
        client.change_setting("engine.key_file", None)
        return
    key = Enter(
        "engine.key_file",
        "A file with its key, if it wants one",
        "",
        "Most servers on one's own machine want none. The file is yours alone to read (0600); its path is kept, the "
        "key is not copied.",
        nothing="none",
    )
    yield from settled(client, key)


def _use_build(client: ControlClient, choice: str) -> Talk[None]:
    name = choice
    if choice == CARD:
        added = yield from followed(client, "/engines/add", {"backend": CARD, "files": []}, "")
        yield Say(f"{added['name']} computes rightly on {added['device']}.", Sign.GOOD)
        name = added["name"]
    client.command("use_engine", name=name)


def _sentence(known: Facts) -> str:
    if known.own_server:
        return f"your own server at {known.value('engine.url')}"
    if known.on_card:
        return f"llama.cpp on the card, build {known.value('engine.build')}"
    return "llama.cpp on the processor"


STEP = Step("engine", "Engine", ("engine",), judge, talk)
