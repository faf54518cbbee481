"""The field in which a setting is changed, with what is wrong right under it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Label, Static

from node.control.wire import SettingView
from tui.actions import bindings


class Editor(Vertical):
    """Hidden until it is opened for one setting."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("editor")

    @dataclass
    class Entered(Message):
        """This value is to be written."""

        setting: SettingView
        value: str

    @dataclass
    class Left(Message):
        """The person went away without a change."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._setting: SettingView | None = None

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Label("", classes="label", markup=False)
            yield Input(max_length=4000)
        yield Static("", id="wrong", markup=False)

    @property
    def is_open(self) -> bool:
        return self.has_class("-open")

    @property
    def choices(self) -> tuple[str, ...]:
        """The values that can be gone through."""
        if self._setting is None:
            return ()
        return ("true", "false") if self._setting.kind == "switch" else self._setting.choices

    def open(self, setting: SettingView) -> None:
        """Begin with the value as it stands."""
        self._setting = setting
        self.query_one(Label).update(f"{setting.key} =")
        self.wrong("")
        field = self.query_one(Input)
        field.cursor_blink = False
        field.value = setting.value
        self.add_class("-open")
        field.focus()

    def wrong(self, text: str) -> None:
        """Say what is wrong with the value; empty if nothing is."""
        hint = "up and down go through " + ", ".join(self.choices) if self.choices else "enter writes it, esc leaves it"
        line = self.query_one("#wrong", Static)
        line.set_class(not text, "-fine")
        line.update(f"✖ {text}" if text else hint)

    def close(self) -> None:
        """Hide the field."""
        self.remove_class("-open")

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self._setting is not None:
            self.post_message(self.Entered(self._setting, event.value.strip()))

    def action_choose(self, by: int) -> None:
        if not self.choices:
            return
        field = self.query_one(Input)
        at = self.choices.index(field.value) if field.value in self.choices else -by
        field.value = self.choices[(at + by) % len(self.choices)]

    def action_close(self) -> None:
        self.close()
        self.post_message(self.Left())
