"""``stoker keys`` itself: its commands, and how what goes wrong in the wallet is told."""

from __future__ import annotations

from typing import Any

import click

from tui.cli.keys.failures import failure_of
from tui.cli.lazy import LazyGroup, example
from wallet.errors import WalletError

COMMANDS = {
    "new": ("tui.cli.keys.arrival:new", "Make a new wallet from fresh words."),
    "import": ("tui.cli.keys.arrival:import_key", "Bring a key from another wallet program."),
    "export": ("tui.cli.keys.departure:export", "Give a key out, for another wallet program."),
    "backup": ("tui.cli.keys.departure:backup", "Write an encrypted copy of a key."),
    "verify-backup": ("tui.cli.keys.proof:verify_backup", "Prove that you have the words, or a backup that opens."),
    "list": ("tui.cli.keys.register:list_wallets", "The wallets, and where their keys are."),
    "use": ("tui.cli.keys.register:use", "Make a wallet the active one."),
    "rename": ("tui.cli.keys.register:rename", "Give a wallet another name."),
    "remove": ("tui.cli.keys.register:remove", "Forget a wallet and delete its key."),
}


class KeysGroup(LazyGroup):
    """Turns the wallet's errors into words and exit codes."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except WalletError as error:
            raise failure_of(error) from None


@click.group(
    cls=KeysGroup,
    lazy=COMMANDS,
    epilog=example(
        "stoker keys new mine",
        "stoker keys import mine --file id.json",
        "stoker keys export mine --format mnemonic --reveal",
        "stoker keys verify-backup mine",
    ),
)
def keys() -> None:
    """Make, import, export and back up the keys of your wallets.

    To be paid you need no key here: `stoker wallet watch NAME ADDRESS` follows an address that you own.

    A key is kept in the keyring of your system or, with a passphrase, in an encrypted vault file. Be aware that any
    program that runs as you may read an unlocked keyring; a vault opens with its passphrase only.

    Secrets are asked for without echo, or come by --stdin, --file, --fd, --passphrase-file and --passphrase-fd. They
    are never arguments, because every user of this machine could read those.
    """
