"""``stoker keys export`` and ``stoker keys backup``: how a key leaves, on purpose."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tui.cli.failures import Failure
from tui.cli.keys.entry import ask, can_ask, given_passphrase, passphrase_options
from tui.cli.keys.memory import handles_keys
from tui.cli.keys.opened import opening, wallets_of
from tui.cli.lazy import example
from tui.cli.session import Session, pass_session
from tui.cli.terminal.output import narrate, write
from tui.cli.terminal.progress import Waiting
from wallet import formats
from wallet.errors import NeedsPassphrase
from wallet.files import write_private
from wallet.formats import Format
from wallet.material import FromWords, KeyMaterial
from wallet.secret import Secret

PASSPHRASE = "the passphrase of the vault file that the key is in"  # noqa: S105  a help text
PLAIN = (Format.SOLANA_KEYGEN, Format.BASE58, Format.MNEMONIC)


@click.command(
    epilog=example(
        "stoker keys export mine --format solana-keygen --out id.json",
        "stoker keys export mine --format mnemonic --reveal",
    )
)
@click.argument("name")
@click.option("--format", "form", type=click.Choice([form.value for form in PLAIN]), required=True, help="As what.")
@click.option("--out", type=click.Path(path_type=Path), help="Into this file (0600), which must not exist.")
@click.option("--reveal", is_flag=True, help="On the terminal, after you have typed the wallet's name.")
@passphrase_options("passphrase", PASSPHRASE)
@pass_session
@handles_keys
def export(
    session: Session,
    name: str,
    form: str,
    out: Path | None,
    reveal: bool,
    passphrase_file: Secret | None,
    passphrase_fd: Secret | None,
) -> None:
    """Give a key out, unencrypted: whoever has it has the money.

    solana-keygen is the JSON of Solana's own tools, base58 what Phantom imports, mnemonic the words.
    """
    if (out is None) != reveal:
        raise click.UsageError("expected either --out FILE or --reveal")
    if reveal:
        _confirm(name)
    wallets = wallets_of(session)
    passphrase = opening(wallets, name, given_passphrase(passphrase_file, passphrase_fd))
    with Waiting("opening the key"):
        material = wallets.material(name, passphrase)
    secret = formats.encode(material, Format(form))
    if out is None:
        write(secret.reveal())
    else:
        write_private(out.expanduser(), secret.reveal_bytes())
        narrate(f"{out} holds the key of {name}, unencrypted.")
    if form == Format.MNEMONIC:
        _tell_what_words_leave_out(material)


@click.command(epilog=example("stoker keys backup mine --out mine.backup"))
@click.argument("name")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The file, which must not exist.")
@passphrase_options("passphrase", PASSPHRASE)
@passphrase_options("backup-passphrase", "the passphrase of the backup; that of the vault if left out")
@pass_session
@handles_keys
def backup(
    session: Session,
    name: str,
    out: Path,
    passphrase_file: Secret | None,
    passphrase_fd: Secret | None,
    backup_passphrase_file: Secret | None,
    backup_passphrase_fd: Secret | None,
) -> None:
    """Write an encrypted copy of a key, with words and path if it came from words."""
    wallets = wallets_of(session)
    passphrase = opening(wallets, name, given_passphrase(passphrase_file, passphrase_fd))
    with Waiting("opening the key"):
        material = wallets.material(name, passphrase)
    sealing = given_passphrase(backup_passphrase_file, backup_passphrase_fd)
    if sealing is None and can_ask():
        sealing = ask("New passphrase of the backup", twice=True)
    sealing = sealing or passphrase
    if sealing is None:
        raise NeedsPassphrase("passphrase", "a backup is encrypted and needs one")
    with Waiting("sealing the backup"):
        write_private(out.expanduser(), formats.encode(material, Format.BACKUP, passphrase=sealing).reveal_bytes())
    narrate(f"{out} holds {name}, encrypted. `stoker keys verify-backup {name} --file {out}` makes sure that it opens.")


def _confirm(name: str) -> None:
    if not (can_ask() and sys.stdout.isatty()):
        raise Failure("--reveal: a secret is shown on a terminal only, and this is none", "use `--out FILE`")
    narrate("Whoever sees or photographs what comes next can take the money.")
    if click.prompt("Type the wallet's name to go on", default="", show_default=False, err=True) != name:
        raise Failure("that is not its name, so nothing was shown")


def _tell_what_words_leave_out(material: KeyMaterial) -> None:
    assert isinstance(material, FromWords)
    narrate(f"Their path is {material.path or 'none: solana-keygen without a path'}.")
    if material.passphrase:
        narrate("They are worth nothing without their own passphrase, which is not among them.")
