"""How claimed, credited and paid agree for each network and asset: the differences, since when, and why. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from node.control.wire import Reconciliation
from tui import format as said
from tui.ink import BLANK, Line, Picture, Span, Tone, bold, crop, dim, fitting, join, measure, wrapped
from tui.keymap import SHIPPED, Keys, hint

COLUMNS = ("claimed", "credited", "paid")


def picture(
    found: Sequence[Reconciliation] | None, now: float, width: int, height: int, keys: Keys = SHIPPED
) -> Picture:
    """The panel's lines: what differs first; the sentences that explain are left out where there is no room."""
    if found is None:
        return Picture(((dim("The books are being asked."),),))
    if not found:
        return Picture(((dim("Nothing was claimed yet: there is nothing to compare."),),))
    ordered = sorted(found, key=agrees)
    lines = lines_of(ordered, now, width)
    if len(lines) > height:
        lines = [line for line in lines if line]
    if len(lines) > height:
        lines = [line for row in ordered for line in _facts(row, now, width)]
    if len(lines) > height:
        lines = [*lines[: max(1, height - 1)], (dim("and more:  "), hint("earnings.explain", keys))]
    open_ones = sum(not agrees(row) for row in found)
    aside: Line = (
        (Span(f"▲ {open_ones}", Tone.WARN), dim(" differ")) if open_ones else (Span("✔ all agree", Tone.GOOD),)
    )
    return Picture(tuple(lines[:height]), aside)


def lines_of(found: Sequence[Reconciliation], now: float, width: int) -> list[Line]:
    """Everything: the figures, the differences with their dates, and the sentences that explain them."""
    lines: list[Line] = []
    for row in found:
        lines += [BLANK] if lines else []
        lines += _facts(row, now, width)
        for sentence in row.explanation:
            lines += [(Span("  "), dim(text)) for text in wrapped(sentence, width - 2)]
    return lines


def agrees(row: Reconciliation) -> bool:
    """Whether nothing is open: all that was claimed is credited, and what can be paid is paid."""
    return not row.uncredited and not row.unpaid and not row.waiting_jobs and not row.held


def _facts(row: Reconciliation, now: float, width: int) -> list[Line]:
    def amount(units: int) -> Span:
        return Span(said.units(units, row.decimals))

    sign = Span("✔ ", Tone.GOOD) if agrees(row) else Span("▲ ", Tone.WARN)
    name: Line = (sign, bold(f"{row.network} {row.asset}"))
    sums = [(word, amount(units)) for word, units in zip(COLUMNS, (row.claimed, row.credited, row.paid), strict=True)]
    head = join([name, *((dim(f"{word} "), figure) for word, figure in sums)])
    if measure(head) > width:
        head = (*name, Span("  "), *join([(figure,) for _, figure in sums], " › "))
    lines = [head]
    uncredited = row.uncredited or 0
    if uncredited or row.waiting_jobs:
        word = "not credited" if uncredited >= 0 else "more credited than claimed"
        jobs = f"{row.waiting_jobs} {'job' if row.waiting_jobs == 1 else 'jobs'} not in its books"
        lines.append(
            _fact(
                (amount(abs(uncredited)), dim(f" {word}")),
                dim(jobs) if row.waiting_jobs else None,
                _dated("since", row.oldest_claim_at, now),
                width,
            )
        )
    if row.unpaid:
        paid = _dated("last paid", row.last_payment_at, now) or dim("never paid yet")
        lines.append(_fact((amount(row.unpaid), dim(" not paid")), paid, None, width))
    if row.held is not None:
        held = Span(f"~{said.units(row.held, row.decimals)}", Tone.WARN)
        lines.append(_fact((held, dim(" held back, our estimate")), dim("in no other figure"), None, width))
    return [crop(line, width) for line in lines]


def _fact(what: Line, first: Span | None, second: Span | None, width: int) -> Line:
    """A difference with what is known of it, as much as fits."""
    known = [(rank, (span,)) for rank, span in ((2, first), (1, second)) if span is not None]
    return (Span("  "), *fitting([(0, what), *known], width - 2, "   "))


def _dated(word: str, at: float | None, now: float) -> Span | None:
    return None if at is None else dim(f"{word} {said.day(at, now)}")
