"""Joining a network: who the worker is and with which key, a test, and then the decision."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Input, Label, Static

from node.control.wire import NetworkKind
from tui.actions import bindings
from tui.link import PATIENCE, TROUBLE, ask, explain
from tui.screens.networks.trial import Trial
from tui.widgets.form import Form, titled
from tui.widgets.secret_field import SecretField

LABELS = {"worker_name": "worker name", "url": "address", "name": "called here"}
NOTES = {
    "worker_name": "how the network calls this machine; everybody can see it",
    "url": "as it is, unless you run a network of your own",
    "name": "what you call it; two accounts need two names",
}
KEY_NOTE = "of your account there; it goes to the node's key store"


class Join(Form[str]):
    """Gives the name of the network that was joined.

    The key goes from its field into one call after the other and is kept nowhere: whoever goes back types it again.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings("joining")

    def __init__(self, kind: NetworkKind, name: str) -> None:
        super().__init__()
        self._kind = kind
        self._called = name

    def compose(self) -> ComposeResult:
        with Vertical(id="box") as box:
            box.border_title = titled(f"Join {self._kind.title}")
            box.border_subtitle = self.legend(
                ("joining.test", "tests it"), ("tab", "other field"), ("dialog.close", "leaves it")
            )
            yield from self._field("worker_name")
            if self._kind.needs_key:
                yield Label("API key", classes="label")
                yield SecretField(id="key")
                yield Static(KEY_NOTE, id="key-note", classes="note", markup=False)
            yield from self._field("url", self._kind.home)
            yield from self._field("name", self._called)
            yield Static("", id="note", classes="note", markup=False)

    def _field(self, name: str, value: str = "") -> ComposeResult:
        yield Label(LABELS[name], classes="label")
        yield Input(value, id=name, max_length=300, select_on_focus=False)
        yield Static(NOTES[name], id=f"{name}-note", classes="note", markup=False)

    def on_mount(self) -> None:
        for field in self.query(Input):
            field.cursor_blink = False
        self.query_one("#worker_name", Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._blame("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_test()

    # The key is fetched inside: an argument would be kept in the worker's description.
    @work(exclusive=True, group="joining")
    async def action_test(self) -> None:
        """Look at the network with what was typed, show what was found, and join on a yes."""
        if not self._filled():
            return
        arguments = self._arguments()
        if self._kind.needs_key:
            arguments["key"] = self.query_one(SecretField).take()
        client = self.node_app.client
        try:
            trial = Trial(
                self._kind.title, asyncio.ensure_future(ask(partial(client.examine_network, arguments))), joining=True
            )
            if not await self.app.push_screen_wait(trial):
                self._back()
                return
            self.say("joining")
            await ask(partial(client.order, "add_network", arguments, timeout=PATIENCE))
        except TROUBLE as error:
            self._blame(explain(error))
        else:
            self.dismiss(str(arguments["name"]))

    def _back(self) -> None:
        """Nothing was joined: what has to be typed again is where the cursor stands."""
        self.say("nothing was joined" + ("; the key has to be typed again" if self._kind.needs_key else ""))
        if self._kind.needs_key:
            self.query_one(SecretField).focus()

    def _arguments(self) -> dict[str, object]:
        """Everything but the key."""
        typed = {name: self._value(name) for name in NOTES}
        agreed = {"options": {"asked_them": True}} if self._kind.experimental else {}
        return {"kind": self._kind.kind, **typed, "accepted_page": self._kind.page_version, **agreed}

    def _filled(self) -> bool:
        """Whether every field has something in it; says so where one has not."""
        empty = [name for name in NOTES if not self._value(name)]
        if self._kind.needs_key and self.query_one(SecretField).empty:
            empty.insert(1 if empty[:1] == ["worker_name"] else 0, "key")
        self._blame("nothing was typed yet" if empty else "", *empty[:1])
        return not empty

    def _value(self, name: str) -> str:
        return self.query_one(f"#{name}", Input).value.strip()

    def _blame(self, text: str, field: str = "") -> None:
        """Say what is wrong, under its field if it has one: the one named, or the one that a refusal begins with."""
        notes = {**NOTES, **({"key": KEY_NOTE} if self._kind.needs_key else {})}
        wrong = field or next((name for name in notes if text.startswith(name)), "")
        for name, hint in notes.items():
            self.say(text if name == wrong else hint, wrong=name == wrong, under=f"#{name}-note")
        self.say("" if wrong else text, wrong=bool(text) and not wrong)
        if wrong:
            self.query_one(f"#{wrong}").focus()
