"""What a network said, and what went wrong with it, newest first. Pure."""

from __future__ import annotations

from node.control.wire import NetworkView, Remark
from tui import format as said
from tui.ink import Line, Picture, Span, Tone, cell, crop, dim, wrapped
from tui.keymap import SHIPPED, Keys, hint

TIME, SORT = 11, 10
MESSAGE, FAULT = "message", "✖ fault"


def picture(network: NetworkView, now: float, width: int, height: int, keys: Keys = SHIPPED) -> Picture:
    """The panel's lines; where there is no room for whole remarks, one line of each."""
    lines = lines_of(network, now, width)
    if len(lines) > height:
        lines = [crop((*_head(remark, sort, now), Span(remark.text)), width) for remark, sort in _newest(network)]
    if len(lines) > height:
        lines = [
            *lines[: max(1, height - 1)],
            (dim(f"and {len(lines) - height + 1} more:  "), hint("list.open", keys)),
        ]
    faults = len(network.faults)
    counts = (Span(str(faults), Tone.WARN if faults else Tone.PLAIN), dim(" fault" if faults == 1 else " faults"))
    return Picture(tuple(lines[:height]), counts)


def lines_of(network: NetworkView, now: float, width: int) -> list[Line]:
    """Every remark, long ones on several lines."""
    if not network.faults and not network.messages:
        return [(dim("Nothing went wrong, and nobody said anything."),)]
    return [line for remark, sort in _newest(network) for line in _lines(remark, sort, now, width)]


def _newest(network: NetworkView) -> list[tuple[Remark, str]]:
    found = [*((remark, MESSAGE) for remark in network.messages), *((remark, FAULT) for remark in network.faults)]
    return sorted(found, key=lambda pair: -pair[0].at)


def _lines(remark: Remark, sort: str, now: float, width: int) -> list[Line]:
    told = wrapped(remark.text, max(10, width - TIME - SORT))
    head: Line = _head(remark, sort, now)
    return [(*(head if at == 0 else (cell("", TIME + SORT),)), Span(text)) for at, text in enumerate(told)]


def _head(remark: Remark, sort: str, now: float) -> Line:
    tone = Tone.EMBER if sort == MESSAGE else Tone.BAD
    return cell(said.day(remark.at, now), TIME, Tone.DIM), cell(sort, SORT, tone)
