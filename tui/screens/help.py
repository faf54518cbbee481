"""The keys, from the one list of actions."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.events import Key
from textual.screen import ModalScreen

from tui import actions
from tui.actions import Action, bindings, written
from tui.ink import BLANK, Line, Span, Tone, cell, dim, wrapped
from tui.screens.base import NodeScreen
from tui.widgets.roll import Roll, Row

KEYS, WORD = 12, 15


class Help(ModalScreen[None]):
    """Every key that acts on the screen below, and why one does not act now."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("dialog")

    def __init__(self, below: NodeScreen) -> None:
        super().__init__()
        self._below = below

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = "Keys"
            box.border_subtitle = "esc closes"
            yield Roll(id="keys-list", cursor=False)

    def on_mount(self) -> None:
        roll = self.query_one(Roll)
        roll.focus()
        self.call_after_refresh(self._fill)

    def _fill(self) -> None:
        roll = self.query_one(Roll)
        lines: list[Line] = []
        scopes = [self._below.SCOPE, actions.APP, *(["list"] if self._below.query(Roll) else [])]
        for scope in scopes:
            found = [each for each in self._below.known(scope) if not actions.shadowed(each, self._below.SCOPE)]
            if not found:
                continue
            lines += [BLANK] if lines else []
            lines.append((Span(actions.SCOPE_TITLES[scope], Tone.BOLD),))
            for action in found:
                lines += self._explained(action, roll.size.width)
        roll.show(tuple(Row(str(index), line) for index, line in enumerate(lines)))

    def _explained(self, action: Action, width: int) -> list[Line]:
        reason = self._below.obstacle(action)
        keys = " ".join(written(key) for key in action.keys.split(","))
        texts = wrapped(f"Not now: {reason}." if reason else action.help, max(10, width - KEYS - WORD - 1))
        tone = Tone.FAINT if reason else Tone.EMBER
        head: Line = (cell(keys, KEYS, tone), cell(self._below.word(action), WORD), dim(texts[0]))
        return [head, *((Span(" " * (KEYS + WORD)), dim(text)) for text in texts[1:])]

    def on_key(self, event: Key) -> None:
        if event.character in ("?", "q"):
            event.stop()
            self.dismiss()

    def action_close(self) -> None:
        self.dismiss()
