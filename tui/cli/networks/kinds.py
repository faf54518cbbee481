"""``stoker networks kinds`` and ``page``: what could be joined, and what to know before."""

from __future__ import annotations

import dataclasses
import difflib
import shutil
import textwrap
from collections.abc import Iterator

import click

from node.control.client import ControlClient
from node.control.wire import NetworkKind
from tui.cli.exits import Exit
from tui.cli.failures import Failure
from tui.cli.lazy import example
from tui.cli.session import Session, pass_session
from tui.cli.terminal.output import narrate, printable, table, write, write_json

WIDEST = 96
NARROWEST = 40


@click.command("kinds", epilog=example("stoker networks kinds"))
@click.option("--json", "as_json", is_flag=True, help="As JSON, with their pages.")
@pass_session
def list_kinds(session: Session, as_json: bool) -> None:
    """The networks that can be joined, and what they pay."""
    if as_json:
        write_json(session.read(lambda node: node.get("/networks/kinds"))["kinds"])
        return
    kinds = session.read(ControlClient.network_kinds)
    rows = [(kind.kind, f"{kind.title}{' (experimental)' if kind.experimental else ''}", kind.pays) for kind in kinds]
    write(table(("KIND", "NETWORK", "PAYS"), rows))
    narrate("`stoker networks page KIND` says what to know before joining one.")


@click.command(epilog=example("stoker networks page horde"))
@click.argument("kind")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@pass_session
def page(session: Session, kind: str, as_json: bool) -> None:
    """What a network is, what will run here, what it learns about you, and what it pays."""
    found = kind_of(session, kind)
    if as_json:
        write_json(dataclasses.asdict(found))
        return
    for line in page_lines(found):
        write(line)


def kind_of(session: Session, name: str) -> NetworkKind:
    """The kind of network of that name.

    Raises:
        Failure: there is none; says which one may be meant.
    """
    kinds = {kind.kind: kind for kind in session.read(ControlClient.network_kinds)}
    if name not in kinds:
        near = difflib.get_close_matches(name, kinds, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(kinds)}"
        raise Failure(f"there is no network {name!r}", hint, Exit.REFUSED)
    return kinds[name]


def page_lines(kind: NetworkKind) -> Iterator[str]:
    """The page as wide as a person reads, or the terminal is."""
    width = max(NARROWEST, min(WIDEST, shutil.get_terminal_size().columns))
    yield f"{printable(kind.title)}: {printable(kind.summary)}"
    yield f"Address: {printable(kind.home)}"
    for part in kind.page:
        yield ""
        yield printable(part.heading).upper()
        for number, paragraph in enumerate(part.text.split("\n\n")):
            if number:
                yield ""
            yield from wrapped(printable(paragraph), width)
    if kind.experimental:
        yield ""
        yield "EXPERIMENTAL"
        yield from wrapped(printable(kind.experimental), width)
    yield ""
    yield f"(Page of {printable(kind.page_version)})"


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines; addresses stay whole."""
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
