"""Settings as rows, and the chosen one in words. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from node.control.wire import SettingView
from tui.ink import Line, Span, Tone, cell, dim, wrapped
from tui.search import matches
from tui.widgets import columns
from tui.widgets.columns import Column, Layout

COLUMNS = (
    Column("key", "setting", 26),
    Column("value", "value", 14, widest=48),
    Column("default", "default", 22, rank=1),
    Column("source", "from", 12),
)


def chosen(settings: Iterable[SettingView], pattern: str) -> list[SettingView]:
    """The settings that have this text in their key, value or help."""
    return [one for one in settings if not pattern or matches(pattern, one.key, one.value, one.help)]


def layout(width: int) -> Layout:
    return columns.laid_out(COLUMNS, width - 1)


def heading(layout: Layout) -> Line:
    return columns.heading(layout)


def line(layout: Layout, setting: SettingView, pending: bool) -> Line:
    """One row; a value that waits for the next start is marked."""
    own = setting.source != "default"
    value = shown(setting.value) + (" ▲" if pending else "")
    return columns.row(
        layout,
        {
            "key": (setting.key, Tone.PLAIN),
            "value": (value, Tone.WARN if pending else Tone.BOLD if own else Tone.PLAIN),
            "default": (shown(setting.default), Tone.DIM),
            "source": (setting.source, Tone.PLAIN if own else Tone.DIM),
        },
    )


def shown(value: str) -> str:
    return value if value else "(empty)"


def about(setting: SettingView, width: int) -> tuple[Line, ...]:
    """What a setting means, what it may be, and how to change it."""
    rows: list[Line] = [(Span(text),) for text in wrapped(setting.help, width)]
    kind = "one of " + ", ".join(setting.choices) if setting.choices else KINDS.get(setting.kind, setting.kind)
    rows.append((cell("value", 9, Tone.DIM), Span(shown(setting.value), Tone.BOLD), dim(f"   {setting.source}")))
    rows.append((cell("default", 9, Tone.DIM), Span(shown(setting.default))))
    rows.append((cell("expects", 9, Tone.DIM), Span(kind)))
    when = "at the next start of the node" if setting.restart else "at once"
    rows.append((cell("works", 9, Tone.DIM), Span(when, Tone.WARN if setting.restart else Tone.PLAIN)))
    if setting.source == "environment":
        rows.append((Span("The environment sets it and wins over the file.", Tone.WARN),))
    return tuple(rows)


KINDS = {
    "text": "text",
    "integer": "a whole number",
    "number": "a number",
    "switch": "true or false",
    "list": "values with commas between them",
}
