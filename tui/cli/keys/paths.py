"""The addresses that words may have been used for, with what they hold, for a person to choose from."""

from __future__ import annotations

import click

from node.control.client import NodeAbsent, Refused, WireError
from node.control.wire import BalanceView
from tui import format as shown
from tui.cli.session import Session
from tui.cli.terminal.output import narrate, table
from tui.cli.terminal.progress import Waiting
from wallet.keys import DerivationPath
from wallet.material import Candidate, candidates
from wallet.secret import Secret

PATHLESS = "none"


def parse(text: str) -> DerivationPath | None:
    """A path as a person writes it; ``none`` is solana-keygen's way without one. Raises ``PathError``."""
    return None if text.strip().lower() == PATHLESS else DerivationPath.parse(text.strip())


def choose(session: Session, words: Secret, passphrase: Secret) -> DerivationPath | None:
    """Show the usual addresses and ask which one it is."""
    found = candidates(words, passphrase)
    held = _held(session, found)
    rows = [
        (str(number), one.label, str(one.path or PATHLESS), one.address, held.get(one.address, shown.DASH))
        for number, one in enumerate(found, start=1)
    ]
    narrate(table(("", "USED BY", "PATH", "ADDRESS", "HOLDS"), rows))
    number = click.prompt("Which one", type=click.IntRange(1, len(found)), default=1, err=True)
    return found[int(number) - 1].path


def _held(session: Session, found: tuple[Candidate, ...]) -> dict[str, str]:
    """What each address holds, in words; empty if the chain cannot be asked."""
    try:
        with Waiting("asking the chain what they hold"):
            answers = session.read(lambda node: node.balances([one.address for one in found]))
    except (NodeAbsent, Refused, WireError, OSError):
        return {}
    return {answer.address: _sum(answer) for answer in answers}


def _sum(answer: BalanceView) -> str:
    if answer.problem:
        return "not known"
    held = [one for one in answer.holdings if one.units and one.known]
    return ", ".join(f"{shown.units(one.units, one.decimals)} {one.asset}" for one in held) or "nothing"
