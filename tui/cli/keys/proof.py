"""``stoker keys verify-backup``: a wallet counts as backed up once somebody has shown to have its words or a backup."""

from __future__ import annotations

import click

from tui.cli.keys.entry import ask, can_ask, given_key, given_passphrase, key_options, passphrase_options
from tui.cli.keys.memory import handles_keys
from tui.cli.keys.opened import opening, wallets_of
from tui.cli.lazy import example
from tui.cli.session import Session, pass_session
from tui.cli.terminal.output import narrate
from tui.cli.terminal.progress import Waiting
from wallet import formats
from wallet.errors import NeedsPassphrase, WalletError
from wallet.formats import Format
from wallet.secret import Secret


@click.command(
    "verify-backup",
    epilog=example("stoker keys verify-backup mine", "stoker keys verify-backup mine --file mine.backup"),
)
@click.argument("name")
@key_options
@passphrase_options("passphrase", "the passphrase of the vault file that the key is in")
@passphrase_options("backup-passphrase", "the passphrase that opens the backup; that of the vault if left out")
@pass_session
@handles_keys
def verify_backup(
    session: Session,
    name: str,
    by_stdin: bool,
    by_file: Secret | None,
    by_fd: Secret | None,
    passphrase_file: Secret | None,
    passphrase_fd: Secret | None,
    backup_passphrase_file: Secret | None,
    backup_passphrase_fd: Secret | None,
) -> None:
    """Prove that you have a copy: three of the words, or a backup that opens.

    On a terminal three words are asked for by their number. By --stdin, --file or --fd comes a backup, or all words in
    their order.
    """
    wallets = wallets_of(session)
    passphrase = given_passphrase(passphrase_file, passphrase_fd)
    data = given_key(by_stdin, by_file, by_fd)
    if data is not None and formats.recognise(data) is Format.BACKUP:
        opener = given_passphrase(backup_passphrase_file, backup_passphrase_fd) or passphrase
        if opener is None and can_ask():
            opener = ask("Passphrase of the backup")
        if opener is None:
            raise NeedsPassphrase("passphrase", "a backup is encrypted and needs one")
        with Waiting("opening the backup"):
            wallets.verify_backup(name, data, opener)
    else:
        places = wallets.challenge(name)
        if not places:
            remedy = f"verify a backup: `stoker keys verify-backup {name} --file FILE`"
            raise WalletError("words", f"{name!r} does not come from words", remedy)
        opener = opening(wallets, name, passphrase)
        given = _words_of(data) if data is not None else {at: ask(f"Word {at}") for at in places}
        with Waiting("opening the key"):
            wallets.verify_words(name, given, opener)
    narrate(f"{name} is backed up.")


def _words_of(data: Secret) -> dict[int, Secret]:
    return {at: Secret(word) for at, word in enumerate(data.reveal().split(), start=1)}
