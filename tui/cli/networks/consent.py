"""The page that is read before joining, and the word that it was."""

from __future__ import annotations

import sys
from collections.abc import Mapping

import click

from node.control.wire import NetworkKind
from tui.cli.failures import Failure
from tui.cli.networks.kinds import page_lines
from tui.cli.networks.wishes import Value
from tui.cli.terminal.output import narrate, printable


def agree(kind: NetworkKind, *, accept: bool) -> str:
    """Show the page and ask; the version that was agreed to.

    Raises:
        Failure: nobody is there to ask, and ``--accept`` was not given.
        click.Abort: the answer is no.
    """
    page = f"`stoker networks page {kind.kind}`"
    if accept:
        narrate(f"You accept the page of {printable(kind.title)} of {kind.page_version}; {page} shows it.")
        return kind.page_version
    for line in page_lines(kind):
        narrate(line)
    if not _can_ask():
        raise Failure(f"{kind.title} is joined only by who has read its page", f"read {page}, then give `--accept`")
    narrate("")
    click.confirm(f"Do you accept this, and want to work for {kind.title}?", abort=True, err=True)
    return kind.page_version


def agree_to_experiment(kind: NetworkKind, options: Mapping[str, Value]) -> dict[str, Value]:
    """The options, with the word that an experimental network's owners were asked.

    Raises:
        Failure: it was not given, and nobody is there to ask.
        click.Abort: the answer is no.
    """
    if not kind.experimental or "asked_them" in options:
        return dict(options)
    if not _can_ask():
        raise Failure(kind.experimental.rstrip("."), "once you have asked them: `--set asked_them=true`")
    narrate(printable(kind.experimental))
    click.confirm("Have you asked them, and may you?", abort=True, err=True)
    return {**options, "asked_them": True}


def _can_ask() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()
