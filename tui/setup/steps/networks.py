"""Which networks the node works for: each with its page, what it brings here and what that costs."""

from __future__ import annotations

from collections.abc import Sequence

from node.control.client import ControlClient, Refused
from node.control.wire import Examination, NetworkKind, NetworkView
from tui.setup import facts
from tui.setup.facts import Facts
from tui.setup.price import known_draw, known_price
from tui.setup.step import Step
from tui.setup.words import NO, YES, Agree, Busy, Choose, Conceal, Enter, Option, Say, Sign, Talk, asked, confirmed
from tui.setup.worth import verdict

DONE, AGAIN, ANYWAY = "done", "again", "anyway"
JOINING = 60.0  # seconds; a network may be slow

MORE = (
    "A network sends jobs of strangers to your machine and pays for them in its own way. You read its page first: "
    "what will run here, what it learns about you, what it pays. Then its account and what your models are worth "
    "there are looked at, without taking a job; only then you decide. Several can be joined: they share the "
    "engine, and each can be left at any time with `stoker networks remove`."
)
NO_CARD = (
    "This machine has no graphics card that Stoker can read: joining rarely pays here, power included. You can "
    "try everything without an account and without strangers: `stoker dev horde` plays a network on this machine."
)


def judge(facts: Facts) -> tuple[bool, str]:
    if not facts.networks:
        return False, "none is joined"
    return True, f"joined: {', '.join(network.name for network in facts.networks)}"


def talk(client: ControlClient) -> Talk[None]:
    if not facts.look(client).cards:
        yield Say(NO_CARD, Sign.NOTE)
    while True:
        joined = client.networks()
        for network in joined:
            yield Say(f"Joined: {network.name} ({network.title}).", Sign.GOOD)
        kinds = _open(client.network_kinds(), joined)
        choice = yield from asked(_which(kinds, joined))
        if choice == DONE:
            if not joined:
                yield Say("No network is joined; `stoker networks kinds` lists them.", Sign.NOTE)
            return
        yield from _join(client, next(kind for kind in kinds if kind.kind == choice))


def _open(kinds: Sequence[NetworkKind], joined: Sequence[NetworkView]) -> list[NetworkKind]:
    known = {network.kind for network in joined}
    return [kind for kind in kinds if kind.kind not in known]


def _which(kinds: Sequence[NetworkKind], joined: Sequence[NetworkView]) -> Choose:
    options = [
        Option(kind.kind, f"{kind.title}{' (experimental)' if kind.experimental else ''}", kind.pays) for kind in kinds
    ]
    text = "Join another one?" if joined else "Join a network?"
    none = Option(DONE, "No more" if joined else "None", "go on; the page of each can be read at any time")
    return Choose("networks.join", text, (*options, none), DONE, MORE)


def _join(client: ControlClient, kind: NetworkKind) -> Talk[None]:
    """Page, questions, test, decision; nothing is kept before the last yes."""
    key = f"networks.{kind.kind}"
    if (yield Agree(f"{key}.accept", kind)) is not True:
        yield Say(f"{kind.title} was not joined.", Sign.NOTE)
        return
    request: dict[str, object] = {"kind": kind.kind, "name": kind.kind, "accepted_page": kind.page_version}
    if kind.experimental:
        if not (yield from confirmed(f"{key}.asked_them", f"{kind.experimental} Have you asked them, and may you?")):
            yield Say(f"{kind.title} was not joined.", Sign.NOTE)
            return
        request["options"] = {"asked_them": True}
    while True:
        yield from _filled(request, key, kind)
        if kind.needs_key:
            request["key"] = yield from asked(_key_question(key, kind))
        yield Busy(f"asking {kind.title}")
        try:
            decision = yield from _decided(key, kind, client.examine_network(request), facts.look(client))
            if decision in (YES, ANYWAY):
                patient = ControlClient(client.directory, timeout=JOINING)
                patient.order("add_network", request)
        except Refused as error:
            yield Say(error.message, Sign.BAD, error.remedy)
            decision = yield from asked(_once_more(key, kind))
        finally:
            request.pop("key", None)
        if decision == AGAIN:
            continue
        if decision == NO:
            yield Say(f"{kind.title} was not joined.", Sign.NOTE)
        return


def _filled(request: dict[str, object], key: str, kind: NetworkKind) -> Talk[None]:
    """Ask for name and address; what was given before is the default."""
    name = request.get("worker_name")
    request["worker_name"] = yield from asked(
        Enter(
            f"{key}.worker_name",
            f"Your worker's name at {kind.title}",
            str(name) if name else None,
            "It is how the network calls this machine, and others see it. It has to be yours alone there.",
        )
    )
    request["url"] = yield from asked(
        Enter(
            f"{key}.url",
            f"The address of {kind.title}",
            str(request.get("url", kind.home)),
            "As it is; another one only for a network of your own, or one that `stoker dev` plays.",
        )
    )


def _key_question(key: str, kind: NetworkKind) -> Conceal:
    where = f"You get it at {kind.account}." if kind.account else "You get it on the network's own pages."
    return Conceal(
        f"{key}.api_key",
        f"The API key of your account at {kind.title}",
        f"{where} It is sealed by the node and shown to nobody.",
    )


def _decided(key: str, kind: NetworkKind, found: Examination, known: Facts) -> Talk[str]:
    for finding in found.findings:
        sign = Sign.BAD if not finding.good else Sign.NOTE if finding.remedy else Sign.GOOD
        yield Say(finding.what, sign, finding.remedy)
    for model in found.models:
        if model.barred:
            yield Say(f"{model.served} is not offered there: {model.barred}", Sign.NOTE)
    yield Say(f"What it pays: {kind.pays}.")
    for sentence in verdict(kind.pays, found.models, known_draw(known), known_price(known)):
        yield Say(sentence)
    if all(finding.good for finding in found.findings):
        return YES if (yield from confirmed(f"{key}.join", f"Join {kind.title}?")) else NO
    return (yield from asked(_once_more(key, kind)))


def _once_more(key: str, kind: NetworkKind) -> Choose:
    options = (
        Option(AGAIN, "Enter name, address and key again"),
        Option(ANYWAY, "Join in spite of it"),
        Option(NO, "Do not join"),
    )
    return Choose(f"{key}.join", f"Something stands against joining {kind.title}.", options, AGAIN)


STEP = Step("networks", "Networks", ("networks",), judge, talk)
