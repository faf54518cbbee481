"""Asks for a passphrase and hands it to the node."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Label, Static

from tui.actions import bindings
from tui.link import TROUBLE, ask, explain
from tui.widgets.form import Form, titled
from tui.widgets.secret_field import SecretField


class Unlock(Form[bool]):
    """True if the wallet was unlocked. The passphrase goes from the field into one call, and is kept nowhere."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("unlock")

    def __init__(self, name: str, where: str) -> None:
        super().__init__()
        self._name = name
        self._where = where
        self._asking = False

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = titled(f"Unlock {self._name}")
            box.border_subtitle = self.legend(
                ("unlock.enter", "unlocks"), ("^u", "clears"), ("dialog.close", "leaves it locked")
            )
            yield Static(
                f"The key lies {self._where}. Unlocked, the node can sign with it until it is locked again.",
                id="text",
                markup=False,
            )
            yield Label("passphrase", classes="label")
            yield SecretField(id="passphrase")
            yield Static("", id="note", classes="note", markup=False)

    def on_mount(self) -> None:
        self.query_one(SecretField).focus()

    # The passphrase is fetched inside: an argument would be kept in the worker's description.
    @work(group="write")
    async def action_unlock(self) -> None:
        field = self.query_one(SecretField)
        if self._asking:
            return
        if field.empty:
            self.say("nothing was typed yet", wrong=True)
            return
        self._asking = True
        self.say("unlocking; it takes up to a second, by design")
        try:
            await ask(partial(self.node_app.client.command, "unlock_wallet", name=self._name, passphrase=field.take()))
        except TROUBLE as error:
            self.say(explain(error), wrong=True)
        else:
            self.dismiss(True)
        finally:
            self._asking = False
