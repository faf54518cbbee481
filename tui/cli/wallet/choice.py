"""Which wallet is meant where none is named."""

from __future__ import annotations

from collections.abc import Sequence

from node.control.client import ControlClient
from node.control.wire import WalletView
from tui.cli.exits import Exit
from tui.cli.failures import Failure
from tui.cli.session import Session


def chosen(session: Session, name: str | None) -> WalletView:
    """The wallet of a name, or the active one.

    Raises:
        Failure: there is no such wallet, or none at all.
    """
    found: Sequence[WalletView] = session.read(ControlClient.wallets)
    if not found:
        raise Failure("there is no wallet yet", "`stoker wallet watch NAME ADDRESS` follows one you own", Exit.REFUSED)
    for wallet in found:
        if wallet.name == name or (name is None and wallet.active):
            return wallet
    known = ", ".join(wallet.name for wallet in found)
    raise Failure(f"there is no wallet {name!r}", f"there are: {known}", Exit.REFUSED)
