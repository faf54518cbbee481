"""``stoker wallet watch``, ``list`` and ``receive``: addresses, and whose they are."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from node.control.client import ControlClient
from node.control.wire import WalletView
from tui.cli.lazy import example
from tui.cli.session import Session, pass_session
from tui.cli.terminal.output import narrate, printable, table, write, write_json
from tui.cli.wallet.choice import chosen

HEADER = ("", "NAME", "ADDRESS", "CHAIN", "KEY", "LOCKED", "BACKED UP")
BLACK_ON_WHITE, PLAIN = "\x1b[38;5;16;48;5;231m", "\x1b[0m"
YES_NO = {True: "yes", False: "no", None: ""}

as_json_option = click.option("--json", "as_json", is_flag=True, help="As JSON.")


@click.command(
    epilog=example("stoker wallet watch payouts YOUR_SOLANA_ADDRESS", "stoker wallet watch base 0xYOUR_ADDRESS")
)
@click.argument("name")
@click.argument("address")
@as_json_option
@pass_session
def watch(session: Session, name: str, address: str, as_json: bool) -> None:
    """Follow an address that you own: of Solana, or of Base (0x…) for payouts that arrive there.

    Its key stays where it is. The first wallet becomes the active one.
    """
    made = session.read(lambda node: node.command("watch_wallet", name=name, address=address))
    if as_json:
        write_json(made)
        return
    active = " It is the active wallet." if made["active"] else ""
    narrate(f"{printable(made['name'])} is watched: {printable(made['address'])} on {made['chain']}.{active}")


@click.command("list", epilog=example("stoker wallet list", "stoker wallet list --json"))
@as_json_option
@pass_session
def list_wallets(session: Session, as_json: bool) -> None:
    """The wallets, the active one first; where their keys are, and whether they are locked.

    A key in the OS keyring may be read by any program that runs as you while the keyring is unlocked.
    """
    if as_json:
        write_json(session.read(lambda node: node.get("/wallets"))["wallets"])
        return
    found = session.read(ControlClient.wallets)
    if found:
        write(table(HEADER, [_row(one) for one in found]))
    else:
        narrate("There is no wallet yet. `stoker wallet watch NAME ADDRESS` follows an address that you own.")


@click.command(
    epilog=example("stoker wallet receive", "stoker wallet receive mine --qr", "stoker wallet receive --png me.png")
)
@click.argument("name", required=False)
@click.option("--qr", is_flag=True, help="Draw its QR code, for a phone to scan from the terminal.")
@click.option("--png", type=click.Path(path_type=Path), help="Write its QR code into this file, which must not exist.")
@as_json_option
@pass_session
def receive(session: Session, name: str | None, qr: bool, png: Path | None, as_json: bool) -> None:
    """The address to be paid at; of the active wallet if none is named."""
    wallet = chosen(session, name)
    if qr:
        _draw(wallet.address)
    if png is not None:
        _save(wallet.address, png.expanduser())
    if as_json:
        write_json({each: getattr(wallet, each) for each in ("name", "address", "chain")})
    else:
        narrate(f"{printable(wallet.name)} receives on {wallet.chain} at:")
        write(printable(wallet.address))


def _row(wallet: WalletView) -> tuple[str, ...]:
    return (
        "*" if wallet.active else "",
        wallet.name,
        wallet.address,
        wallet.chain,
        wallet.store,
        YES_NO[wallet.locked],
        YES_NO[wallet.backed_up],
    )


def _draw(address: str) -> None:
    from tui.qr import drawn

    ink, end = (BLACK_ON_WHITE, PLAIN) if sys.stderr.isatty() else ("", "")
    for line in drawn(address):
        narrate(f"{ink}{line}{end}")


def _save(address: str, path: Path) -> None:
    from tui.qr import QUIET_ZONE, code

    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    with os.fdopen(descriptor, "wb") as file:
        code(address).save(file, kind="png", scale=8, border=QUIET_ZONE)
    narrate(f"{path} holds the QR code.")
