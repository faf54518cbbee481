"""The keys, from the one list of actions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.events import Key
from textual.screen import ModalScreen

from tui import actions
from tui.actions import Action, bindings, written
from tui.closing import ClosesOnce
from tui.ink import BLANK, Line, Span, Tone, cell, dim, wrapped
from tui.keymap import legend
from tui.screens.base import NodeScreen
from tui.widgets.form import titled
from tui.widgets.roll import Roll, Row


@dataclass(frozen=True, slots=True)
class Widths:
    """Cells of the keys, of the words, and of what is said of each."""

    keys: int
    word: int
    help: int


class Help(ClosesOnce[None], ModalScreen[None]):
    """Every key that acts on the screen below, and why one does not act now."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("dialog")

    def __init__(self, below: NodeScreen) -> None:
        super().__init__()
        self._below = below

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = "Keys"
            box.border_subtitle = titled(legend(self._below.node_app.keys, ("dialog.close", "closes")))
            yield Roll(id="keys-list", cursor=False)

    def on_mount(self) -> None:
        roll = self.query_one(Roll)
        roll.focus()
        self.call_after_refresh(self._fill)

    def _fill(self) -> None:
        roll = self.query_one(Roll)
        found: list[tuple[str, Sequence[Action]]] = []
        scopes = [self._below.SCOPE, actions.APP, *(["list"] if self._below.query(Roll) else [])]
        for scope in scopes:
            known = [each for each in self._below.known(scope) if not actions.shadowed(each, self._below.SCOPE)]
            if known:
                found.append((scope, known))
        widths = self._widths([action for _, each in found for action in each], roll.size.width)
        lines: list[Line] = []
        for scope, listed in found:
            lines += [BLANK] if lines else []
            lines.append((Span(actions.SCOPE_TITLES[scope], Tone.BOLD),))
            for action in listed:
                lines += self._explained(action, widths)
        roll.show(tuple(Row(str(index), line) for index, line in enumerate(lines)))

    def _widths(self, shown: Sequence[Action], width: int) -> Widths:
        keys = max(cell_len(_keys(action)) for action in shown) + 2
        word = max(cell_len(self._below.word(action)) for action in shown) + 2
        return Widths(keys, word, max(10, width - keys - word - 2))

    def _explained(self, action: Action, widths: Widths) -> list[Line]:
        reason = self._below.obstacle(action)
        texts = wrapped(f"Not now: {reason}." if reason else action.help, widths.help)
        tone = Tone.FAINT if reason else Tone.EMBER
        head: Line = (
            cell(_keys(action), widths.keys, tone),
            cell(self._below.word(action), widths.word),
            dim(texts[0]),
        )
        return [head, *((Span(" " * (widths.keys + widths.word)), dim(text)) for text in texts[1:])]

    def on_key(self, event: Key) -> None:
        if event.character in ("?", "q"):
            event.stop()
            self.dismiss()

    def action_close(self) -> None:
        self.dismiss()


def _keys(action: Action) -> str:
    return " ".join(written(key) for key in action.keys.split(","))
