"""A question with a few answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.events import Key
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui.widgets.form import Form, titled


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer: what it is called inside, the key that gives it, the word, and what it means."""

    id: str
    key: str
    word: str
    meaning: str


class Dialog(Form[str]):
    """Asks; the answer is a choice's id, or an empty string if there was none."""

    def __init__(self, title: str, text: str, choices: Sequence[Choice]) -> None:
        super().__init__()
        self._title = title
        self._text = text
        self._choices = tuple(choices)

    def compose(self) -> ComposeResult:
        width = max(len(choice.word) for choice in self._choices)
        with Vertical(id="box") as box:
            box.border_title = titled(self._title)
            box.border_subtitle = self.legend(("enter", "chooses"), ("dialog.close", "closes"))
            yield Static(self._text, id="text", markup=False)
            yield OptionList(
                *(
                    Option(
                        Content.assemble(
                            (f" {choice.key} ", "bold $ember"),
                            f" {choice.word:<{width}}  ",
                            (choice.meaning, "$ink-dim"),
                        ),
                        id=choice.id,
                    )
                    for choice in self._choices
                )
            )

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option.id or "")

    def on_key(self, event: Key) -> None:
        for choice in self._choices:
            if event.character == choice.key:
                event.stop()
                self.dismiss(choice.id)

    def action_close(self) -> None:
        self.dismiss("")
