"""``stoker wallet unlock``: the passphrase goes to the node and nowhere else."""

from __future__ import annotations

import click

from tui.cli.keys.entry import ask, can_ask, given_passphrase, passphrase_options
from tui.cli.keys.failures import failure_of
from tui.cli.keys.memory import handles_keys
from tui.cli.lazy import example
from tui.cli.session import Session, pass_session
from tui.cli.terminal.output import narrate
from tui.cli.terminal.progress import Waiting
from tui.cli.wallet.choice import chosen
from wallet.errors import NeedsPassphrase
from wallet.secret import Secret

PATIENCE_SECONDS = 60.0
"""A keyring may open a window first."""


@click.command(epilog=example("stoker wallet unlock mine", "stoker wallet unlock mine --passphrase-file vault.pass"))
@click.argument("name", required=False)
@passphrase_options("passphrase", "the passphrase of the vault file that the key is in")
@pass_session
@handles_keys
def unlock(session: Session, name: str | None, passphrase_file: Secret | None, passphrase_fd: Secret | None) -> None:
    """Let the node sign with a wallet's key until it is locked or left idle; the active wallet's if none is named."""
    wallet = chosen(session, name)
    node = session.node
    node.timeout = PATIENCE_SECONDS
    passphrase = given_passphrase(passphrase_file, passphrase_fd)
    if passphrase is None and wallet.store == "vault":
        if not can_ask():
            raise failure_of(NeedsPassphrase("passphrase", f"{wallet.name!r} is in a vault file"))
        passphrase = ask(f"Passphrase of {wallet.name}")
    with Waiting("the node opens the key"):
        node.command("unlock_wallet", name=wallet.name, passphrase=passphrase.reveal() if passphrase else None)
    narrate(f"{wallet.name} is unlocked. `stoker wallet lock` locks it.")
