"""How secrets come in: asked for without echo, or by standard input, a private file or a file descriptor."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from tui.cli.exits import Exit
from tui.cli.failures import Failure
from tui.cli.keys.failures import failure_of
from wallet import formats
from wallet.errors import WalletError
from wallet.files import read_private
from wallet.secret import Secret

Command = TypeVar("Command", bound=Callable[..., Any])

LONGEST_PASSPHRASE = 1024


def secret_file(longest: int) -> Callable[[str], Secret]:
    """The type of an option that names a private file with a secret.

    The file is read while the command line is: a process that forbids core dumps later can no longer open
    ``/dev/fd/N``, which is what a shell's ``<(...)`` becomes.
    """

    def file(value: str) -> Secret:
        try:
            return _one_line_less(read_private(Path(value).expanduser(), longest))
        except WalletError as error:
            raise failure_of(error) from None

    return file


def secret_descriptor(longest: int) -> Callable[[str], Secret]:
    """The type of an option that gives the number of an open file descriptor with a secret behind it."""

    def descriptor(value: str) -> Secret:
        if not (value.isascii() and value.isdigit() and len(value) < 10):
            raise Failure(f"file descriptor {value[:20]!r}: expected its number, such as 3", code=Exit.USAGE)
        try:
            with os.fdopen(os.dup(int(value)), "rb") as file:
                data = file.read(longest + 1)
        except OSError as error:
            raise Failure(f"file descriptor {value}: cannot be read: {error.strerror}") from None
        if len(data) > longest:
            raise Failure(f"file descriptor {value}: more than {longest} bytes")
        return _one_line_less(data)

    return descriptor


def key_options(command: Command) -> Command:
    """``--stdin``, ``--file`` and ``--fd``: where a key, words or a backup come from."""
    by_file, by_fd = secret_file(formats.LARGEST), secret_descriptor(formats.LARGEST)
    for option in (
        click.option("--fd", "by_fd", type=by_fd, metavar="N", help="Read it from this file descriptor."),
        click.option("--file", "by_file", type=by_file, metavar="FILE", help="Read it from a private file (0600)."),
        click.option("--stdin", "by_stdin", is_flag=True, help="Read it from standard input."),
    ):
        command = option(command)
    return command


def passphrase_options(name: str, what: str) -> Callable[[Command], Command]:
    """``--NAME-file`` and ``--NAME-fd``, as the arguments ``NAME_file`` and ``NAME_fd``."""

    def add(command: Command) -> Command:
        by_file, by_fd = secret_file(LONGEST_PASSPHRASE), secret_descriptor(LONGEST_PASSPHRASE)
        command = click.option(f"--{name}-fd", type=by_fd, metavar="N", help="A file descriptor with it.")(command)
        option = click.option(f"--{name}-file", type=by_file, metavar="FILE", help=f"A private file with {what}.")
        return option(command)

    return add


def given_key(by_stdin: bool, by_file: Secret | None, by_fd: Secret | None) -> Secret | None:
    """The key that one of the `key_options` gave; None if none was used.

    Raises:
        click.UsageError: several were.
    """
    if sum((by_stdin, by_file is not None, by_fd is not None)) > 1:
        raise click.UsageError("--stdin, --file and --fd: expected one of them")
    if by_stdin:
        data = sys.stdin.buffer.read(formats.LARGEST + 1)
        if len(data) > formats.LARGEST:
            raise Failure(f"standard input: more than {formats.LARGEST} bytes", "this is another kind of file")
        return Secret(data)
    return by_file if by_file is not None else by_fd


def given_passphrase(by_file: Secret | None, by_fd: Secret | None) -> Secret | None:
    """The passphrase that `passphrase_options` gave; None if neither was used."""
    return by_file if by_file is not None else by_fd


def can_ask() -> bool:
    """Whether there is somebody at a terminal."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask(question: str, *, twice: bool = False) -> Secret:
    """Ask at the terminal, without echo.

    Raises:
        Failure: there is no terminal.
    """
    if not can_ask():
        raise Failure(f"{question}: there is no terminal to ask on", "give it by file or file descriptor; see --help")
    return Secret(click.prompt(question, hide_input=True, confirmation_prompt=twice, err=True))


def _one_line_less(data: bytes) -> Secret:
    return Secret(data.removesuffix(b"\n").removesuffix(b"\r"))
