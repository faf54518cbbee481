"""What is wrong with the machine: what, by which evidence, and what to do."""

from __future__ import annotations

from node.control.wire import Alarm, Severity
from tui import format as said
from tui.ink import Line, Picture, Span, Tone, crop, dim, spread
from tui.view import View

SIGNS = {
    Severity.GRAVE: ("✖", Tone.BAD),
    Severity.WARNING: ("▲", Tone.WARN),
    Severity.NOTICE: ("●", Tone.EMBER),
}
WIDE = 100  # cells from which what and why stand in one line


def draw(view: View, width: int, height: int) -> Picture:
    alarms = view.snapshot.alarms if view.snapshot else ()
    told = [_told(alarm, width) for alarm in alarms]
    shown = told[: max(1, height // len(told[0]))] if told else []
    more = len(alarms) - len(shown)
    aside = (Span(str(len(alarms))), *((dim(f", {more} not shown"),) if more else ()))
    return Picture(tuple(row for rows in shown for row in rows), aside)


def _told(alarm: Alarm, width: int) -> tuple[Line, ...]:
    sign, tone = SIGNS[alarm.severity]
    what: Line = (
        Span(f"{sign} {alarm.severity}", tone),
        Span(f"  {said.device(alarm.device)} {alarm.title}", Tone.BOLD),
    )
    since: Line = (dim(f"  since {said.hour(alarm.since_at)}"),)
    remedy = crop((dim("  → "), Span(alarm.remedy, Tone.EMBER)), width)
    if width < WIDE:
        return spread(what, since, width), crop((Span("  "), Span(alarm.evidence)), width), remedy
    return spread((*what, Span(f": {alarm.evidence}")), since, width), remedy
