"""``stoker keys new`` and ``stoker keys import``: how a key comes to be here."""

from __future__ import annotations

import click

from tui.cli.keys import paths
from tui.cli.keys.entry import ask, can_ask, given_key, given_passphrase, key_options, passphrase_options
from tui.cli.keys.keeping import keep, tell
from tui.cli.keys.memory import handles_keys
from tui.cli.keys.opened import wallets_of
from tui.cli.lazy import example
from tui.cli.session import Session, pass_session
from tui.cli.terminal.output import narrate
from wallet import formats, words
from wallet.formats import Format
from wallet.keys import PHANTOM
from wallet.material import FromWords, KeyMaterial
from wallet.register import Wallet, check_name
from wallet.secret import Secret

PASSPHRASE = "the passphrase of the vault file that keeps the key"  # noqa: S105  a help text
WORDS_PASSPHRASE = "the passphrase that belongs to the words (BIP-39), if they have one"  # noqa: S105
BACKUP_PASSPHRASE = "the passphrase that opens the backup; that of the vault if left out"  # noqa: S105


@click.command(epilog=example("stoker keys new mine", "stoker keys new mine --words 24 --passphrase-file vault.pass"))
@click.argument("name")
@click.option("--words", "count", type=click.Choice(("12", "24")), default="12", show_default=True, help="How many.")
@click.option("--vault", is_flag=True, help="Keep it in a vault file, even where there is a keyring.")
@passphrase_options("passphrase", PASSPHRASE)
@passphrase_options("words-passphrase", WORDS_PASSPHRASE)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@pass_session
@handles_keys
def new(
    session: Session,
    name: str,
    count: str,
    vault: bool,
    passphrase_file: Secret | None,
    passphrase_fd: Secret | None,
    words_passphrase_file: Secret | None,
    words_passphrase_fd: Secret | None,
    as_json: bool,
) -> None:
    """Make a new wallet from fresh words; its address goes to stdout.

    The words are shown by `stoker keys export NAME --format mnemonic --reveal`: write them down, on paper, before any
    money comes.
    """
    check_name(name)
    wallets = wallets_of(session)
    extra = given_passphrase(words_passphrase_file, words_passphrase_fd) or words.NO_PASSPHRASE
    material = FromWords(words.generate(int(count)), extra)
    wallet = keep(wallets, name, material, given_passphrase(passphrase_file, passphrase_fd), vault=vault)
    tell(wallet, active=wallets.register().active == name, as_json=as_json)
    _remind(wallet)


@click.command(
    "import",
    epilog=example(
        "stoker keys import mine",
        "stoker keys import mine --file id.json",
        "pass show solana | stoker keys import mine --stdin --passphrase-file vault.pass",
    ),
)
@click.argument("name")
@key_options
@click.option("--path", help="The derivation path of words, such as m/44'/501'/0'/0', or none. Asked for if left out.")
@click.option("--ask-words-passphrase", is_flag=True, help="The words have a passphrase of their own: ask for it.")
@passphrase_options("words-passphrase", WORDS_PASSPHRASE)
@passphrase_options("backup-passphrase", BACKUP_PASSPHRASE)
@click.option("--vault", is_flag=True, help="Keep it in a vault file, even where there is a keyring.")
@passphrase_options("passphrase", PASSPHRASE)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@pass_session
@handles_keys
def import_key(
    session: Session,
    name: str,
    by_stdin: bool,
    by_file: Secret | None,
    by_fd: Secret | None,
    path: str | None,
    ask_words_passphrase: bool,
    words_passphrase_file: Secret | None,
    words_passphrase_fd: Secret | None,
    backup_passphrase_file: Secret | None,
    backup_passphrase_fd: Secret | None,
    vault: bool,
    passphrase_file: Secret | None,
    passphrase_fd: Secret | None,
    as_json: bool,
) -> None:
    """Bring a key: words, solana-keygen's JSON, a base58 secret key (Phantom), or a backup made by Stoker.

    Which one it is is recognised. Words can stand for several addresses: on a terminal the usual ones are shown with
    what they hold, and you choose; elsewhere --path does, and m/44'/501'/0'/0' is taken without it.
    """
    check_name(name)
    wallets = wallets_of(session)
    passphrase = given_passphrase(passphrase_file, passphrase_fd)
    data = given_key(by_stdin, by_file, by_fd)
    if data is None:
        data = ask(f"Words, secret key or backup of {name} (not shown)")
    form = formats.recognise(data)
    material: KeyMaterial
    if form is Format.MNEMONIC:
        extra = given_passphrase(words_passphrase_file, words_passphrase_fd)
        if extra is None and ask_words_passphrase:
            extra = ask("Passphrase of the words")
        material = _from_words(session, data, extra or words.NO_PASSPHRASE, path)
    else:
        if path is not None:
            raise click.UsageError(f"--path: only words have one, and this is {form.value}")
        opening = given_passphrase(backup_passphrase_file, backup_passphrase_fd) or passphrase
        if opening is None and form is Format.BACKUP and can_ask():
            opening = ask("Passphrase of the backup")
        material = formats.decode(data, form, passphrase=opening)
    wallet = keep(wallets, name, material, passphrase, vault=vault)
    tell(wallet, active=wallets.register().active == name, as_json=as_json)
    _remind(wallet)


def _from_words(session: Session, data: Secret, extra: Secret, path: str | None) -> FromWords:
    material = formats.decode(data, Format.MNEMONIC, words_passphrase=extra)
    assert isinstance(material, FromWords)
    if path is not None:
        return FromWords(material.words, extra, paths.parse(path))
    if can_ask():
        return FromWords(material.words, extra, paths.choose(session, material.words, extra))
    narrate(f"The path {PHANTOM} was taken; --path takes another.")
    return material


def _remind(wallet: Wallet) -> None:
    if not wallet.words:
        narrate(f"Make a copy: `stoker keys backup {wallet.name} --out FILE`.")
        return
    narrate(f"Nothing but this machine has it: `stoker keys export {wallet.name} --format mnemonic --reveal` shows its")
    narrate(f"words, and once they are on paper, `stoker keys verify-backup {wallet.name}` makes sure of it.")
