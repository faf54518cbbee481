"""One movement with everything that is known of it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.events import Resize

from node.control.wire import Movement
from tui import format as said
from tui.actions import bindings
from tui.ink import Line, Span, Tone, cell, clean, dim, wrapped
from tui.screens.wallet import history
from tui.widgets.form import Form
from tui.widgets.sheet import Sheet

LABEL = 11


class MovementDetail(Form[None]):
    """Signature, counterparty and memo in full."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("movement")

    def __init__(self, movement: Movement, chain: str) -> None:
        super().__init__()
        self._movement = movement
        self._chain = chain

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = "Movement"
            box.border_subtitle = self.legend(("movement.copy", "copies the signature"), ("dialog.close", "closes"))
            yield Sheet(id="facts")

    def on_resize(self, event: Resize) -> None:
        self.call_after_refresh(self._fill)

    def _fill(self) -> None:
        sheet = self.query_one(Sheet)
        lines = told(self._movement, self._chain, sheet.size.width)
        sheet.styles.height = len(lines)
        self.call_after_refresh(sheet.show, lines)

    def action_copy_signature(self) -> None:
        self.app.copy_to_clipboard(clean(self._movement.signature))
        self.notify("Copied the signature.", markup=False)


def told(movement: Movement, chain: str, width: int) -> tuple[Line, ...]:
    """The facts of a movement, long ones on several lines."""
    word, tone = history.direction(movement)
    rows: list[Line] = [
        (cell("what", LABEL, Tone.DIM), Span(word, tone)),
        (
            cell("amount", LABEL, Tone.DIM),
            Span(history.amount(movement), Tone.BOLD),
            dim(f" {history.asset(movement)}"),
        ),
        (cell("fee", LABEL, Tone.DIM), Span(history.fee(movement, chain))),
        (cell("when", LABEL, Tone.DIM), Span(said.stamp(movement.at))),
    ]
    token = "" if movement.known else f"{movement.asset} nobody here vouches for this token"
    for name, text in (
        *((("token", token),) if token else ()),
        ("with", movement.counterparty),
        ("memo", movement.memo),
        ("signature", movement.signature),
    ):
        for at, part in enumerate(wrapped(clean(text) or said.DASH, max(1, width - LABEL))):
            rows.append((cell(name if at == 0 else "", LABEL, Tone.DIM), Span(part)))
    return tuple(rows)
