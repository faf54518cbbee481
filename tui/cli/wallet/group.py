"""``stoker wallet`` itself: its commands."""

from __future__ import annotations

import click

from tui.cli.lazy import LazyGroup, example

COMMANDS = {
    "watch": ("tui.cli.wallet.addresses:watch", "Follow an address that you own; no key comes here."),
    "list": ("tui.cli.wallet.addresses:list_wallets", "The wallets, and whether they are locked."),
    "receive": ("tui.cli.wallet.addresses:receive", "The address to be paid at, as a text or a QR code."),
    "balance": ("tui.cli.wallet.money:balance", "What a wallet holds, asked of the chain now."),
    "history": ("tui.cli.wallet.money:history", "What came and went."),
    "lock": ("tui.cli.wallet.locks:lock", "Wipe unlocked keys from the node's memory."),
    "unlock": ("tui.cli.keys.unlock:unlock", "Let the node sign with a wallet's key for a while."),
}


@click.group(
    cls=LazyGroup,
    lazy=COMMANDS,
    epilog=example("stoker wallet watch payouts ADDRESS", "stoker wallet balance", "stoker wallet receive --qr"),
)
def wallet() -> None:
    """Watch an address, see what it holds, receive, lock and unlock.

    No network needs a money key on this machine: `stoker wallet watch NAME ADDRESS` is all it takes to be paid. To make
    or import a key see `stoker keys`.
    """
