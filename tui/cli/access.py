"""``stoker access``: keys to the owner's own OpenAI-compatible endpoint."""

from __future__ import annotations

import time
from typing import Any

import click

from node.control.client import ControlClient, NodeAbsent
from tui import format as shown
from tui.cli.lazy import example
from tui.cli.session import Session, pass_session
from tui.cli.terminal.output import narrate, table, write, write_json


@click.group(epilog=example("stoker access new laptop", "stoker access list", "stoker access revoke laptop"))
def access() -> None:
    """Keys to your own endpoint; each has a name and limits of its own."""


@access.command(epilog=example("stoker access new laptop --requests-per-minute 60 --concurrent 2"))
@click.argument("name")
@click.option("--requests-per-minute", type=click.IntRange(1, 100_000), help="At most so many requests a minute.")
@click.option("--concurrent", type=click.IntRange(1, 1000), help="At most so many jobs at once.")
@click.option("--max-tokens", type=click.IntRange(1, 1_000_000), help="At most so many new tokens a request.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@pass_session
def new(
    session: Session,
    name: str,
    requests_per_minute: int | None,
    concurrent: int | None,
    max_tokens: int | None,
    as_json: bool,
) -> None:
    """Make a key. It is shown now, on stdout, and never again: only its hash is kept."""
    node = session.node
    made = node.command(
        "new_key", name=name, requests_per_minute=requests_per_minute, concurrent=concurrent, max_tokens=max_tokens
    )
    if as_json:
        write_json(made)
        return
    narrate(f"The key {name} is shown only now; give it to your client as its OpenAI API key.")
    if endpoint := _endpoint(node):
        narrate(f"The base URL is {endpoint}.")
    write(made["key"])


@access.command("list", epilog=example("stoker access list"))
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@pass_session
def list_keys(session: Session, as_json: bool) -> None:
    """The keys by name, with their limits; never the keys themselves."""
    found = session.read(lambda node: node.get("/access"))
    if as_json:
        write_json(found)
        return
    if not found["keys"]:
        narrate("There is no key yet, so nobody can use the endpoint. `stoker access new NAME` makes one.")
        return
    header = ("NAME", "MADE", "LAST USED", "REQUESTS/MIN", "AT ONCE", "MAX TOKENS")
    write(table(header, [_row(key) for key in found["keys"]], right=(3, 4, 5)))


@access.command(epilog=example("stoker access revoke laptop"))
@click.argument("name")
@pass_session
def revoke(session: Session, name: str) -> None:
    """Make a key worthless, at once."""
    session.node.command("revoke_key", name=name)
    narrate(f"The key {name} is revoked.")


def _row(key: dict[str, Any]) -> tuple[str, ...]:
    limits = (key[limit] for limit in ("requests_per_minute", "concurrent", "max_tokens"))
    return (
        key["name"],
        _day(key["created_at"]),
        _day(key["last_used_at"]) if key["last_used_at"] else "never",
        *("no limit" if limit is None else shown.count(limit) for limit in limits),
    )


def _day(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))


def _endpoint(node: ControlClient) -> str:
    try:
        return node.state().node.endpoint
    except NodeAbsent:
        return ""
