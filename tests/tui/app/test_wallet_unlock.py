"""Unlocking: the passphrase goes to the node and is in this process no longer."""

from __future__ import annotations

from dataclasses import replace

from fake_node import MAIN, MARK, WORKING, FakeNode, digest
from memory import Canary
from screens import press, shown, until, written
from scripted_control import ScriptedControl, refusal
from textual.events import Paste

from node.control.client import ControlClient, Refused
from tui.screens.wallet.unlock import Unlock
from tui.widgets.secret_field import SecretField

KEPT = replace(WORKING, wallet=MARK)
PASSPHRASE = Canary("xCAN", "ARY7q")
LETTERS = PASSPHRASE.letters


def node_with_vault() -> FakeNode:
    return FakeNode(KEPT, wallets=(MAIN,))


class Wired(FakeNode):
    """A fake node that is given its commands over a real control socket."""

    def __init__(self, control: ScriptedControl) -> None:
        super().__init__(KEPT, wallets=(MAIN,))
        self._client = ControlClient(control.directory)

    def command(self, name: str, /, *, key: str | None = None, **arguments: object) -> dict[str, object]:
        return self._client.command(name, key=key, **arguments)


async def test_the_field_shows_dots_and_the_node_is_told_what_was_typed() -> None:
    node = node_with_vault()
    async with shown(node, "5", "U", *LETTERS) as pilot:
        assert "•" * len(LETTERS) in written(pilot)
        assert "CANARY" not in written(pilot)
        await press(pilot, "enter")
        await until(pilot, lambda: bool(node.told))
        assert node.told == [("unlock_wallet", {"name": "main", "passphrase": digest(PASSPHRASE.whole())})]
        await until(pilot, lambda: not pilot.app.screen.is_modal)


async def test_the_canary_is_found_while_it_is_in_the_field() -> None:
    async with shown(node_with_vault(), "5", "U", *LETTERS):
        assert PASSPHRASE.holders()


async def test_after_unlocking_the_passphrase_is_nowhere_in_memory() -> None:
    node = node_with_vault()
    async with shown(node, "5", "U", *LETTERS, "enter") as pilot:
        await until(pilot, lambda: not pilot.app.screen.is_modal)
        await PASSPHRASE.forgotten()


async def test_after_a_refusal_the_passphrase_is_nowhere_in_memory_and_the_field_is_empty() -> None:
    node = node_with_vault()
    node.refusal = Refused(409, "wrong_passphrase", "passphrase: it does not open the vault", "try again")
    async with shown(node, "5", "U", *LETTERS, "enter") as pilot:
        await until(pilot, lambda: "✖ passphrase: it does not open the vault: try again" in written(pilot))
        assert pilot.app.screen.query_one(SecretField).empty
        await PASSPHRASE.forgotten()


async def test_the_control_client_keeps_nothing_of_a_passphrase_that_the_node_refused() -> None:
    with ScriptedControl() as control:
        control.on("POST", "/commands/unlock_wallet", refusal(409, "wrong_passphrase", "passphrase: wrong"))
        async with shown(Wired(control), "5", "U", *LETTERS, "enter") as pilot:
            await until(pilot, lambda: "✖ passphrase: wrong" in written(pilot))
            assert control.asked.pop().body["arguments"] == {"name": "main", "passphrase": PASSPHRASE.whole()}
            await PASSPHRASE.forgotten()


async def test_after_leaving_without_an_answer_the_passphrase_is_nowhere_in_memory() -> None:
    node = node_with_vault()
    async with shown(node, "5", "U", *LETTERS, "escape") as pilot:
        await until(pilot, lambda: not pilot.app.screen.is_modal)
        await PASSPHRASE.forgotten()
        assert node.told == []


async def test_a_passphrase_that_was_pasted_is_forgotten_too() -> None:
    node = node_with_vault()
    async with shown(node, "5", "U") as pilot:
        pilot.app.screen.post_message(Paste(PASSPHRASE.whole() + "\n"))
        await until(pilot, lambda: not pilot.app.screen.query_one(SecretField).empty)
        await press(pilot, "enter")
        await until(pilot, lambda: not pilot.app.screen.is_modal)
        assert node.told == [("unlock_wallet", {"name": "main", "passphrase": digest(PASSPHRASE.whole())})]
        await PASSPHRASE.forgotten()


async def test_nothing_can_be_copied_out_of_the_field() -> None:
    async with shown(node_with_vault(), "5", "U", *LETTERS, "ctrl+a", "ctrl+x", "ctrl+c") as pilot:
        assert pilot.app.clipboard == ""


async def test_an_empty_passphrase_is_not_sent() -> None:
    node = node_with_vault()
    async with shown(node, "5", "U", "a", "ctrl+u", "enter") as pilot:
        assert "✖ nothing was typed yet" in written(pilot)
        assert node.told == []


async def test_letters_that_are_keys_elsewhere_are_letters_here() -> None:
    node = node_with_vault()
    async with shown(node, "5", "U", *"q?dp1l", "backspace", "enter") as pilot:
        await until(pilot, lambda: bool(node.told))
        assert node.told == [("unlock_wallet", {"name": "main", "passphrase": digest("q?dp1")})]
        assert pilot.app.return_value is None


async def test_no_palette_and_no_screenshot_are_offered_over_the_field() -> None:
    async with shown(node_with_vault(), "5", "U", "a") as pilot:
        modal = pilot.app.screen
        assert isinstance(modal, Unlock)
        assert list(pilot.app.get_system_commands(modal)) == []
        await press(pilot, "ctrl+p")
        assert pilot.app.screen is modal
