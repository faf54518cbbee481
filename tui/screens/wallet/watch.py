"""Asks for an address to watch."""

from __future__ import annotations

from functools import partial

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Label, Static

from tui.link import TROUBLE, ask, explain
from tui.widgets.form import Form

ADDRESS_HINT = "of Solana, or of Base: 0x and 40 digits. Only the address; its key stays where it is."
NAME_HINT = "what you call it here"


class Watch(Form[str]):
    """Gives the name of the wallet that the node watches from now on. What is wrong stands under its field."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._suggested = name

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = "Watch an address you own"
            box.border_subtitle = self.legend(
                ("enter", "watches it"), ("tab", "other field"), ("dialog.close", "leaves it")
            )
            yield Label("address", classes="label")
            yield Input(id="address", max_length=200)
            yield Static(ADDRESS_HINT, id="address-note", classes="note", markup=False)
            yield Label("name", classes="label")
            yield Input(self._suggested, id="name", max_length=64, select_on_focus=False)
            yield Static(NAME_HINT, id="name-note", classes="note", markup=False)

    def on_mount(self) -> None:
        for field in self.query(Input):
            field.cursor_blink = False
        self.query_one("#address", Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._blame("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.submit()

    @work(exclusive=True, group="write")
    async def submit(self) -> None:
        """Have the node watch the address."""
        name, address = (self.query_one(field, Input).value.strip() for field in ("#name", "#address"))
        if not address:
            self._blame("address", "nothing yet: paste the address that you want to be paid at")
            return
        if not name:
            self._blame("name", "nothing yet: expected letters, digits, dots, - and _")
            return
        try:
            await ask(partial(self.node_app.client.command, "watch_wallet", name=name, address=address))
        except TROUBLE as error:
            text = explain(error)
            self._blame("name" if text.startswith("name") else "address", text)
        else:
            self.dismiss(name)

    def _blame(self, field: str, text: str = "") -> None:
        """Say what is wrong under one field; ``field`` empty takes it back."""
        for one, hint in (("address", ADDRESS_HINT), ("name", NAME_HINT)):
            wrong = one == field
            self.say(text if wrong else hint, wrong=wrong, under=f"#{one}-note")
        if field:
            self.query_one(f"#{field}", Input).focus()
