"""``stoker wallet lock``; its counterpart handles secrets and is with the keys."""

from __future__ import annotations

import click

from tui.cli.lazy import example
from tui.cli.session import Session, pass_session
from tui.cli.terminal.output import narrate


@click.command(epilog=example("stoker wallet lock", "stoker wallet lock mine"))
@click.argument("name", required=False)
@pass_session
def lock(session: Session, name: str | None) -> None:
    """Wipe a wallet's key from the node's memory; of all wallets if none is named."""
    session.node.command("lock_wallet", name=name or "")
    narrate(f"{name} is locked." if name else "All wallets are locked.")
