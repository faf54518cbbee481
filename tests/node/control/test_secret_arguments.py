"""Commands with secret arguments: done once, and the secret is nowhere afterwards."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from typing import Any

import pytest

from node.control.commands import Arguments, Commands
from node.control.errors import ControlError
from wallet.secret import Secret

CANARY = "canary-passphrase-0123456789"


class Told:
    """A table with one command that takes a secret."""

    def __init__(self, *, fails: bool = False) -> None:
        self.recorded: list[tuple[str, Mapping[str, object]]] = []
        self.seen: list[str] = []
        self.given: list[Secret] = []
        self.commands = Commands(self._record)
        self.commands.add("open", self._open, secrets=("passphrase",))
        self._fails = fails

    async def _record(self, name: str, values: Mapping[str, object], uid: int, pid: int) -> None:
        self.recorded.append((name, dict(values)))

    async def _open(self, arguments: Arguments) -> dict[str, Any]:
        secret = arguments.secret("passphrase", longest=100)
        if secret is not None:
            self.given.append(secret)
            self.seen.append(secret.reveal()[:6])
        if self._fails:
            raise ControlError(409, "no", "it does not open")
        return {"name": arguments.text("name")}


async def test_the_handler_has_it_and_the_record_has_not() -> None:
    told = Told()
    values: dict[str, object] = {"name": "mine", "passphrase": CANARY}
    assert await told.commands.give("open", "key-000001", values, 1, 2) == {"name": "mine"}
    assert told.seen == ["canary"]
    assert told.recorded == [("open", {"name": "mine"})]
    assert values == {"name": "mine"}


@pytest.mark.parametrize("fails", [False, True])
async def test_the_memory_of_what_was_done_does_not_hold_it(fails: bool) -> None:
    told = Told(fails=fails)
    for number in range(3):
        try:
            await told.commands.give("open", f"key-00000{number}", {"name": "a", "passphrase": CANARY}, 1, 2)
        except ControlError as error:
            assert error.code == "no"
    assert [bytes(secret) for secret in map(Secret.reveal_bytes, told.given)] == [b""] * 3
    assert CANARY not in "".join(map(repr, reachable(told.commands)))


async def test_without_one_there_is_none() -> None:
    told = Told()
    await told.commands.give("open", "key-000001", {"name": "mine", "passphrase": None}, 1, 2)
    assert told.seen == []


@pytest.mark.parametrize("value", [5, ["x"], "x" * 101])
async def test_one_of_another_kind_is_refused_without_being_repeated(value: object) -> None:
    told = Told()
    with pytest.raises(ControlError, match="passphrase: expected") as caught:
        await told.commands.give("open", "key-000001", {"name": "mine", "passphrase": value}, 1, 2)
    assert "xx" not in caught.value.message


def reachable(root: object) -> list[object]:
    """Texts and bytes that can be reached from an object, through frames of tracebacks too."""
    seen: dict[int, object] = {}
    waiting = [root]
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, type) or type(one).__name__ in ("module", "function"):
            continue
        seen[id(one)] = one
        waiting += gc.get_referents(one)
        if len(seen) > 200_000:
            break
    return [one for one in seen.values() if isinstance(one, str | bytes)]
