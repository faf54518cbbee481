"""Asks in which form and where to write the earnings as a file."""

from __future__ import annotations

from functools import partial

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from tui.link import TROUBLE, ask, explain
from tui.screens.earnings import sheets, spans
from tui.widgets.form import Form

NOTE = "a new file, readable by you alone"


class Write(Form[str]):
    """Gives the path of the file that was written. It never writes over another one."""

    def __init__(self, since: int | None, span: str, now: float) -> None:
        super().__init__()
        self._since = since
        self._span = span
        self._now = now

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = "Write the earnings to a file"
            box.border_subtitle = self.legend(
                ("enter", "writes it"), ("tab", "other field"), ("dialog.close", "leaves it")
            )
            yield Label(f"form, for {self._span}", classes="label")
            yield OptionList(*(Option(f"{form:<9}{meaning}", id=form) for form, meaning in sheets.FORMS.items()))
            yield Label("file", classes="label", id="path-label")
            yield Input(self._suggested("generic"), id="path", max_length=1000, select_on_focus=False)
            yield Static(NOTE, id="note", classes="note", markup=False)

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False
        self.query_one(OptionList).focus()

    def _suggested(self, form: str) -> str:
        return f"~/stoker-{form}-{spans.day(self._now)}.csv"

    @property
    def _form(self) -> str:
        return list(sheets.FORMS)[self.query_one(OptionList).highlighted or 0]

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        field = self.query_one(Input)
        if field.value in map(self._suggested, sheets.FORMS):
            field.value = self._suggested(self._form)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.query_one(Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.submit()

    @work(exclusive=True, group="write")
    async def submit(self) -> None:
        """Fetch the sheet and write it."""
        path = self.query_one(Input).value.strip()
        if not path:
            self.say("nothing yet: expected a path", wrong=True)
            return
        self.say("the books are being read")
        try:
            text = await ask(partial(sheets.fetch, self.node_app.client, self._form, self._since))
            written = await ask(partial(sheets.write, path, text))
        except FileExistsError:
            self.say(f"{path} is there already: expected a name that is free", wrong=True)
        except TROUBLE as error:
            self.say(explain(error), wrong=True)
        else:
            self.dismiss(f"{written}, {sheets.lines(text)}")
