"""``stoker man`` and ``stoker completion``: what a shell wants to know of the commands."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import click
from click.shell_completion import get_completion_class

from tui.cli.exits import Exit
from tui.cli.failures import Failure
from tui.cli.lazy import example
from tui.cli.terminal.output import narrate, write_text

INSTALL = {
    "bash": "stoker completion bash > ~/.local/share/bash-completion/completions/stoker",
    "zsh": "stoker completion zsh > ~/.zfunc/_stoker",
    "fish": "stoker completion fish > ~/.config/fish/completions/stoker.fish",
}
"""The shells that are known, and how each keeps the script; zsh wants ``fpath+=~/.zfunc`` before its ``compinit``."""


@click.command(epilog=example("stoker man", "stoker man > ~/.local/share/man/man1/stoker.1"))
@click.pass_context
def man(ctx: click.Context) -> None:
    """Show the manual page of all commands; elsewhere than on a terminal, write it as it is for man(1)."""
    from tui.cli.manual import page

    root = ctx.find_root().command
    assert isinstance(root, click.Group)
    text = page(root, version("stoker"))
    reader = shutil.which("man")
    if reader is None or not sys.stdout.isatty():
        write_text(text)
        return
    with tempfile.TemporaryDirectory(prefix="stoker-") as directory:
        file = Path(directory) / "stoker.1"
        file.write_text(text, "utf-8")
        subprocess.run([reader, str(file)], check=False)  # noqa: S603  the system's own man, our own file


@click.command(epilog=example(*INSTALL.values()))
@click.argument("shell", type=click.Choice(list(INSTALL)), required=False)
@click.pass_context
def completion(ctx: click.Context, shell: str | None) -> None:
    """Write the script that lets a shell complete commands and options; the shell that you use if none is named.

    The examples keep it for good. For zsh, ~/.zshrc needs `fpath+=~/.zfunc` before its `compinit`.
    """
    chosen = shell or Path(os.environ.get("SHELL", "")).name
    found = get_completion_class(chosen)
    if found is None or chosen not in INSTALL:
        raise Failure(f"the shell {chosen!r} is not known here", f"name one: {', '.join(INSTALL)}", Exit.USAGE)
    script = found(ctx.find_root().command, {}, "stoker", "_STOKER_COMPLETE")
    write_text(script.source())
    if sys.stdout.isatty():
        narrate(f"To have it in every {chosen}: {INSTALL[chosen]}")
