"""What came and went: pages put together, and one movement as a row. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from node.control.wire import Movement, MovementPage
from tui import format as said
from tui.ink import Line, Span, Tone, dim
from tui.keymap import SHIPPED, Keys, hint
from tui.widgets import columns
from tui.widgets.columns import Column, Layout
from tui.widgets.roll import Row

MOST = 500  # movements that are kept
COLUMNS = (
    Column("when", "when", 10),
    Column("direction", "what", 9),
    Column("amount", "amount", 14, right=True),
    Column("asset", "asset", 9),
    Column("counterparty", "with", 9, rank=1),
    Column("memo", "memo", 8, rank=2, widest=56),
    Column("fee", "fee", 12, right=True, rank=3),
    Column("signature", "signature", 9, rank=4),
)

DIRECTIONS = {
    "in": ("↓ in", Tone.GOOD, "+"),
    "out": ("↑ out", Tone.PLAIN, "-"),
    "self": ("· self", Tone.DIM, ""),
    "unknown": ("? unknown", Tone.DIM, ""),
}
NATIVE = {"solana": ("SOL", 9), "base": ("ETH", 18)}
"""In what a chain takes its fees, and its decimals."""


def refreshed(before: MovementPage | None, first: MovementPage) -> MovementPage:
    """The newest page, with the older ones that were fetched before where they still join on to it."""
    if before is None or before.wallet != first.wallet:
        return first
    if first.problem:
        return MovementPage(before.wallet, before.movements, before.older, first.problem)
    known = {movement.signature for movement in first.movements}
    if not any(movement.signature in known for movement in before.movements):
        return first
    rest = tuple(movement for movement in before.movements if movement.signature not in known)
    older = before.older if rest else first.older
    return MovementPage(first.wallet, (*first.movements, *rest)[:MOST], older)


def lengthened(before: MovementPage | None, page: MovementPage) -> MovementPage:
    """With an older page behind it; a page that could not be fetched changes only what is wrong."""
    if before is None:
        return page
    if page.problem:
        return MovementPage(before.wallet, before.movements, before.older, page.problem)
    known = {movement.signature for movement in before.movements}
    fresh = tuple(movement for movement in page.movements if movement.signature not in known)
    movements = (*before.movements, *fresh)
    return MovementPage(before.wallet, movements[:MOST], page.older if len(movements) < MOST else "")


def keyed(movements: Iterable[Movement]) -> dict[str, Movement]:
    """The movements under a key for each; one transaction may move several assets."""
    found: dict[str, Movement] = {}
    for movement in movements:
        base = key = f"{movement.signature}:{movement.asset}"
        number = 1
        while key in found:
            number += 1
            key = f"{base}:{number}"
        found[key] = movement
    return found


def layout(width: int) -> Layout:
    return columns.laid_out(COLUMNS, width - 1)


def heading(layout: Layout) -> Line:
    return columns.heading(layout)


def rows(layout: Layout, movements: Iterable[Movement], chain: str, now: float, *, stale: bool) -> tuple[Row, ...]:
    """Every movement in one line; dimmed where it is only what was known last."""
    return tuple(
        Row(key, _faded(row(layout, movement, chain, now)) if stale else row(layout, movement, chain, now))
        for key, movement in keyed(movements).items()
    )


def row(layout: Layout, movement: Movement, chain: str, now: float) -> Line:
    """One movement in one line."""
    word, tone = direction(movement)
    certain = movement.known and not movement.failed
    return columns.row(
        layout,
        {
            "when": (said.day(movement.at, now), Tone.DIM),
            "direction": (word, tone),
            "amount": (amount(movement), Tone.PLAIN if certain else Tone.DIM),
            "asset": (asset(movement), Tone.PLAIN if movement.known else Tone.DIM),
            "counterparty": (said.ends(movement.counterparty) or said.DASH, Tone.DIM),
            "memo": (movement.memo, Tone.PLAIN),
            "fee": (fee(movement, chain), Tone.DIM),
            "signature": (said.ends(movement.signature), Tone.DIM),
        },
    )


def direction(movement: Movement) -> tuple[str, Tone]:
    """Which way it went, with a sign so that the colour is never alone."""
    if movement.failed:
        return "✖ failed", Tone.BAD
    word, tone, _ = DIRECTIONS.get(movement.direction, (movement.direction, Tone.PLAIN, ""))
    return word, tone


def amount(movement: Movement) -> str:
    """The exact figure, with its sign; a dash where nothing of ours moved, or nobody knows whether."""
    if not movement.units:
        return said.DASH
    sign = DIRECTIONS.get(movement.direction, ("", Tone.PLAIN, ""))[2]
    return sign + said.exact(abs(movement.units), movement.decimals)


def asset(movement: Movement) -> str:
    """The asset's code; one that nobody here vouches for is only called unknown, whatever it calls itself."""
    return movement.asset if movement.known else "unknown"


def fee(movement: Movement, chain: str) -> str:
    """What the transaction cost us, in the chain's own coin."""
    if not movement.fee_units or chain not in NATIVE:
        return said.DASH
    code, decimals = NATIVE[chain]
    return f"{said.exact(movement.fee_units, decimals)} {code}"


def tally(page: MovementPage | None, trouble: str, keys: Keys = SHIPPED) -> Line:
    """The line above the list."""
    line = [Span(" "), Span("History", Tone.BOLD)]
    if page is not None and page.movements:
        line += [dim("  "), Span(str(len(page.movements)))]
        if page.older:
            line += [dim("   "), hint("wallet.older", keys), dim(" older")]
    if problem := trouble or (page.problem if page else ""):
        line += [Span("   ▲ ", Tone.WARN), dim(problem)]
    return tuple(line)


def _faded(line: Line) -> Line:
    return tuple(Span(span.text, Tone.DIM, span.action) for span in line)
