"""The manual page, made from the commands themselves, so that it never says anything else. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import click

from tui.cli.exits import MEANINGS

ENVIRONMENT = {
    "STOKER_HOME": "The data directory, unless --data-dir names one.",
    "STOKER_PLAIN": "If set, every command writes one fact a line, as with --plain.",
    "STOKER_GROUP__NAME": "A setting for the node that is started, such as STOKER_ENGINE__SLOTS=2; it goes before the "
    "file.",
    "NO_COLOR": "If set, neither the commands nor the app use colours.",
    "TEXTUAL_THEME": "The app's colours, such as stoker-light.",
}
FILES = {
    "~/.local/share/stoker": "The data directory on Linux; its stoker.toml holds the settings.",
}


def page(root: click.Group, version: str) -> str:
    """``stoker(1)`` in roff (man macros): every listed command with its options and examples.

    Source of the format: man(7).
    """
    context = click.Context(root, info_name="stoker")
    lines = [f'.TH STOKER 1 "" "stoker {version}" "User Commands"', ".nh", ".ad l"]
    lines += [".SH NAME", r"stoker \- let your own GPU earn"]
    lines += [".SH SYNOPSIS", *_usage(context)]
    lines += [".SH DESCRIPTION", *_paragraphs(root.help or "")]
    lines += [".SH OPTIONS", *_options(context)]
    lines.append(".SH COMMANDS")
    for below in _below(context):
        lines += _command(below)
    lines += [".SH EXIT STATUS", *_list((str(code.value), meaning) for code, meaning in MEANINGS.items())]
    lines += [".SH ENVIRONMENT", *_list(ENVIRONMENT.items()), ".SH FILES", *_list(FILES.items())]
    return "\n".join(lines) + "\n"


def _below(context: click.Context) -> Iterator[click.Context]:
    """The contexts of the commands under this one, those under them behind each."""
    group = context.command
    if not isinstance(group, click.Group):
        return
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is not None and not command.hidden:
            inner = click.Context(command, info_name=name, parent=context)
            yield inner
            yield from _below(inner)


def _command(context: click.Context) -> list[str]:
    command = context.command
    title = context.command_path.removeprefix("stoker ")
    return [
        f".SS {_text(title)}",
        *_usage(context),
        *_paragraphs(command.help or ""),
        *_options(context),
        *_examples(command.epilog or ""),
    ]


def _usage(context: click.Context) -> list[str]:
    pieces = " ".join(piece for piece in context.command.collect_usage_pieces(context) if piece != "[OPTIONS]")
    return [".PP", rf"\fB{_text(context.command_path)}\fR {_text(pieces)}"]


def _options(context: click.Context) -> list[str]:
    shown = [each for each in context.command.params if isinstance(each, click.Option) and not each.hidden]
    records = (option.get_help_record(context) for option in shown)
    return _list(record for record in records if record is not None)


def _examples(epilog: str) -> list[str]:
    shown = [line.strip() for line in epilog.replace("\b", "").splitlines() if line.startswith("  ")]
    return [".PP", "Example:", ".RS", ".nf", *(_text(line) for line in shown), ".fi", ".RE"] if shown else []


def _list(pairs: Iterable[tuple[str, str]]) -> list[str]:
    return [line for term, text in pairs for line in (".TP", rf"\fB{_text(term)}\fR", _text(text) or r"\&")]


def _paragraphs(text: str) -> list[str]:
    parts = re.split(r"\n\s*\n", text.replace("\b", "").strip())
    return [line for part in parts if part for line in (".PP", _text(" ".join(part.split())))]


def _text(text: str) -> str:
    """A line that roff takes as it is: no escapes, no request at its start, hyphens that can be copied."""
    text = text.replace("\\", r"\e").replace("-", r"\-")
    text = "".join(letter if letter.isascii() else rf"\[u{ord(letter):04X}]" for letter in text)
    return rf"\&{text}" if text.startswith((".", "'")) else text
