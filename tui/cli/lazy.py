"""Commands that are imported only when they are called, so that each starts fast."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click
from click.shell_completion import CompletionItem

from tui.cli.terminal.output import PLAIN


def example(*lines: str) -> str:
    """An epilog that shows how a command is used, kept as it is written."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


def _note_plain(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        ctx.meta[PLAIN] = True


plain_option = click.option(
    "--plain",
    is_flag=True,
    expose_value=False,
    callback=_note_plain,
    help="One fact a line, without columns and colours: for screen readers.",
)


def offer_plain(command: click.Command) -> None:
    """Give every command that reads, which is to say has ``--json``, a ``--plain`` beside it, unless it has its own."""
    names = {name for parameter in command.params for name in parameter.opts}
    if "--json" in names and "--plain" not in names:
        plain_option(command)
    if isinstance(command, click.Group):
        for below in command.commands.values():
            offer_plain(below)


class LazyGroup(click.Group):
    """A group that knows its commands by name and one line of help; ``module:attribute`` is imported on the call.

    A command without that line is not listed.
    """

    def __init__(self, *args: Any, lazy: Mapping[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name, (_, help_line) in self._lazy.items() if help_line]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._lazy:
            return None
        module, attribute = self._lazy[cmd_name][0].split(":")
        command: click.Command = getattr(import_module(module), attribute)
        offer_plain(command)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The names that begin so, without importing one of the commands."""
        names = [
            CompletionItem(name, help=help_line)
            for name, (_, help_line) in self._lazy.items()
            if help_line and name.startswith(incomplete)
        ]
        return [*names, *click.Command.shell_complete(self, ctx, incomplete)]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in self._lazy and not name.startswith("-"):
            near = difflib.get_close_matches(name, self._lazy, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise click.UsageError(f"there is no command {name!r}{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_line) for name, (_, help_line) in self._lazy.items() if help_line])
