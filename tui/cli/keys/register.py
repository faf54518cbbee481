"""``stoker keys list``, ``use``, ``rename`` and ``remove``: the named wallets of this data directory."""

from __future__ import annotations

from contextlib import suppress

import click

from node.control.client import NodeAbsent, Refused
from tui.cli.failures import Failure
from tui.cli.keys.entry import can_ask
from tui.cli.keys.keeping import CHAINS, document
from tui.cli.keys.memory import handles_keys
from tui.cli.keys.opened import wallets_of
from tui.cli.lazy import example
from tui.cli.session import Session, pass_session
from tui.cli.terminal.output import narrate, table, write, write_json
from wallet.errors import WalletError
from wallet.register import Wallet

HEADER = ("", "NAME", "ADDRESS", "CHAIN", "KEY", "BACKED UP")


@click.command("list", epilog=example("stoker keys list", "stoker keys list --json"))
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@pass_session
def list_wallets(session: Session, as_json: bool) -> None:
    """The wallets, and where their keys are. Opens none of them.

    A key in the OS keyring may be read by any program that runs as you while the keyring is unlocked; a key in a vault
    file only with its passphrase.
    """
    register = wallets_of(session).register()
    if as_json:
        write_json([document(wallet, active=wallet.name == register.active) for wallet in register.wallets])
    elif register.wallets:
        write(table(HEADER, [_row(wallet, wallet.name == register.active) for wallet in register.wallets]))
    else:
        narrate(
            "There is no wallet yet. `stoker wallet watch NAME ADDRESS` follows an address that you own, "
            "`stoker keys new NAME` makes a wallet here."
        )


@click.command(epilog=example("stoker keys use mine"))
@click.argument("name")
@pass_session
def use(session: Session, name: str) -> None:
    """Make a wallet the active one: the app and the status show it, and payouts name it."""
    narrate(f"{wallets_of(session).use(name).name} is the active wallet.")


@click.command(epilog=example("stoker keys rename mine savings"))
@click.argument("name")
@click.argument("new_name")
@pass_session
def rename(session: Session, name: str, new_name: str) -> None:
    """Give a wallet another name."""
    narrate(f"{name} is now called {wallets_of(session).rename(name, new_name).name}.")


@click.command(epilog=example("stoker keys remove old", "stoker keys remove old --yes"))
@click.argument("name")
@click.option("--yes", is_flag=True, help="Without asking.")
@click.option("--even-if-lost", is_flag=True, help="Even if nobody has shown to have a copy of the key.")
@pass_session
@handles_keys
def remove(session: Session, name: str, yes: bool, even_if_lost: bool) -> None:
    """Forget a wallet and delete its key from this machine."""
    wallets = wallets_of(session)
    wallet = wallets.register().get(name)
    if wallet.needs_backup and not even_if_lost:
        remedy = f"`stoker keys verify-backup {name}`, or `--even-if-lost` if there is nothing on it"
        raise WalletError(name, "nobody has shown to have its words or a backup, so its money would be lost", remedy)
    if not yes:
        _confirm(wallet)
    with suppress(NodeAbsent, Refused, OSError):  # a running node may hold the key in memory
        session.node.command("lock_wallet", name=name)
    wallets.remove(name, even_if_lost=even_if_lost)
    narrate(f"{name} ({wallet.address}) is removed from this machine.")


def _row(wallet: Wallet, active: bool) -> tuple[str, ...]:
    backed_up = ("no" if wallet.needs_backup else "yes") if wallet.has_key else ""
    mark = "*" if active else ""
    return (mark, wallet.name, wallet.address, CHAINS[wallet.chain], wallet.store.value, backed_up)


def _confirm(wallet: Wallet) -> None:
    if not can_ask():
        raise Failure("this deletes a key, and there is no terminal to ask on", "`--yes` goes without asking")
    typed = click.prompt(f"Type its name to remove {wallet.address}", default="", show_default=False, err=True)
    if typed != wallet.name:
        raise Failure("that is not its name, so nothing was removed")
