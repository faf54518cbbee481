"""The wallets of the session's data directory, and the passphrase that opens one of them."""

from __future__ import annotations

from tui.cli.keys.entry import ask, can_ask
from tui.cli.session import Session
from wallet.home import open_wallets
from wallet.register import Store
from wallet.secret import Secret
from wallet.wallets import Wallets


def wallets_of(session: Session) -> Wallets:
    """The wallets, whether a node runs or not."""
    return open_wallets(session.directory)


def opening(wallets: Wallets, name: str, given: Secret | None) -> Secret | None:
    """The passphrase to open a wallet with: the given one, or the answer of the person if it needs one."""
    if given is None and wallets.register().get(name).store is Store.VAULT and can_ask():
        return ask(f"Passphrase of {name}")
    return given
