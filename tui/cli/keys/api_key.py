"""A network's API key on its way to the node: by prompt, standard input, private file or file descriptor."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from tui.cli.exits import Exit
from tui.cli.failures import Failure
from tui.cli.keys.entry import ask, can_ask, secret_descriptor, secret_file
from wallet.secret import Secret

Command = TypeVar("Command", bound=Callable[..., Any])

LONGEST = 4000
"""Bytes of a key at most."""


def api_key_options(command: Command) -> Command:
    """``--api-key-file`` and ``--api-key-fd``, as the argument ``api_key``: a `Secret`, or None if neither was used."""

    @functools.wraps(command)
    def hearing(*arguments: Any, by_file: Secret | None, by_fd: Secret | None, **options: Any) -> Any:
        if by_file is not None and by_fd is not None:
            raise click.UsageError("--api-key-file and --api-key-fd: expected one of them")
        key = by_file if by_file is not None else by_fd
        if key is not None and not key:
            raise Failure("the API key is empty", "give the one that the network's own pages show", Exit.REFUSED)
        return command(*arguments, api_key=key, **options)

    descriptor, file = secret_descriptor(LONGEST), _key_file
    decorated: Any = hearing
    for option in (
        click.option("--api-key-fd", "by_fd", type=descriptor, metavar="N", help="A file descriptor with it."),
        click.option(
            "--api-key-file", "by_file", type=file, metavar="FILE", help="A private file with the API key; - is stdin."
        ),
    ):
        decorated = option(decorated)
    return decorated  # type: ignore[no-any-return]


def ask_api_key(title: str, account: str = "") -> Secret:
    """Ask for the key at the terminal.

    Args:
        account: the web page where it is had; empty if that is not known.

    Raises:
        Failure: nobody is there to ask.
    """
    origin = f", from {account}" if account else ""
    if not can_ask():
        said = f"{title} needs the API key of your account{origin}"
        raise Failure(said, "`--api-key-file FILE`, or - for stdin", Exit.REFUSED)
    return ask(f"API key of {title}{origin} (not shown)")


def _key_file(value: str) -> Secret:
    if value != "-":
        return secret_file(LONGEST)(value)
    data = sys.stdin.buffer.read(LONGEST + 1)
    if len(data) > LONGEST:
        raise Failure(f"standard input: more than {LONGEST} bytes", "give the API key alone", Exit.REFUSED)
    return Secret(data.strip())
