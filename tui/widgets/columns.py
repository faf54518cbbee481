"""Columns of fixed width for lists: which fit, and how a row is laid out in them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tui.ink import Line, Span, Tone, cell


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        width: cells; the least for a column that grows.
        rank: the highest is left out first where room is short; 0 stays.
        widest: cells that it grows to where room is left over, the first such column first; beyond that a row would
            fall apart. 0: it does not grow.
    """

    name: str
    title: str
    width: int
    right: bool = False
    rank: int = 0
    widest: int = 0


Layout = tuple[tuple[Column, int], ...]
GAP = 2


def laid_out(columns: Sequence[Column], width: int) -> Layout:
    """The columns that fit into so many cells, and how wide each is."""
    kept = list(columns)
    while kept and _needed(kept) > width:
        worst = max(column.rank for column in kept)
        if worst == 0:
            break
        kept = [column for column in kept if column.rank != worst]
    spare = max(0, width - _needed(kept))
    made: list[tuple[Column, int]] = []
    for column in kept:
        more = min(spare, max(0, column.widest - column.width))
        made.append((column, column.width + more))
        spare -= more
    return tuple(made)


def _needed(columns: Sequence[Column]) -> int:
    return sum(column.width for column in columns) + GAP * len(columns)


def heading(layout: Layout, marked: str = "") -> Line:
    """The titles; the marked column is the one that is sorted by."""
    spans = []
    for column, width in layout:
        title = f"{column.title}▾" if column.name == marked else column.title
        spans += [
            Span(" "),
            cell(title, width, Tone.EMBER if column.name == marked else Tone.DIM, right=column.right),
            Span(" "),
        ]
    return tuple(spans)


def row(layout: Layout, cells: Mapping[str, tuple[str, Tone]]) -> Line:
    """One row; cells are looked up by the columns' names."""
    spans = []
    for column, width in layout:
        text, tone = cells[column.name]
        spans += [Span(" "), cell(text, width, tone, right=column.right), Span(" ")]
    return tuple(spans)
