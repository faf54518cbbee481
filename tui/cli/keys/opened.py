"""The wallets of the session's data directory, and the passphrase that opens one of them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from tui.cli.keys.entry import ask, can_ask
from tui.cli.session import Session
from wallet.home import open_wallets
from wallet.process import forbid_core_dumps
from wallet.register import Store
from wallet.secret import Secret
from wallet.wallets import Wallets

Command = TypeVar("Command", bound=Callable[..., Any])


def handles_keys(command: Command) -> Command:
    """Mark a command's function: before it begins, the process sees to it that a crash leaves no memory image."""

    @functools.wraps(command)
    def guarded(*arguments: Any, **options: Any) -> Any:
        forbid_core_dumps()
        return command(*arguments, **options)

    return guarded  # type: ignore[return-value]


def wallets_of(session: Session) -> Wallets:
    """The wallets, whether a node runs or not."""
    return open_wallets(session.directory)


def opening(wallets: Wallets, name: str, given: Secret | None) -> Secret | None:
    """The passphrase to open a wallet with: the given one, or the answer of the person if it needs one."""
    if given is None and wallets.register().get(name).store is Store.VAULT and can_ask():
        return ask(f"Passphrase of {name}")
    return given
