"""Commands: done once for each key, written down with who gave them, refused with what was expected."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from node.control.commands import REMEMBERED, Arguments, Commands
from node.control.errors import ControlError

KEY = "key-0001"


class Owner:
    """A table of commands whose deeds and records are kept."""

    def __init__(self) -> None:
        self.done: list[Mapping[str, object]] = []
        self.recorded: list[tuple[str, Mapping[str, object], int, int]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.table = Commands(self._record)
        for name in ("greet", "leave"):
            self.table.add(name, self._do)
        self.table.add("fail", self._fail)

    async def give(self, name: str, key: str = KEY, **values: object) -> dict[str, Any]:
        return await self.table.give(name, key, values, 1000, 77)

    async def _record(self, name: str, values: Mapping[str, object], uid: int, pid: int) -> None:
        self.recorded.append((name, values, uid, pid))

    async def _do(self, arguments: Arguments) -> dict[str, Any]:
        await self.gate.wait()
        self.done.append(arguments.values)
        return {"count": len(self.done)}

    async def _fail(self, _: Arguments) -> dict[str, Any]:
        raise ControlError(409, "busy", "not now")


@pytest.fixture
async def owner() -> Owner:
    return Owner()


async def refused(owner: Owner, name: str, key: str = KEY) -> ControlError:
    with pytest.raises(ControlError) as refusal:
        await owner.give(name, key)
    return refusal.value


async def test_a_command_is_done_and_written_down_with_who_gave_it(owner: Owner) -> None:
    assert await owner.give("greet", whom="you") == {"count": 1}
    assert owner.recorded == [("greet", {"whom": "you"}, 1000, 77)]


async def test_a_repeated_key_does_nothing_twice_and_gets_the_same_answer(owner: Owner) -> None:
    assert [await owner.give("greet") for _ in range(3)] == [{"count": 1}] * 3
    assert len(owner.recorded) == 1


async def test_a_repetition_while_the_first_is_still_being_done_waits_for_it(owner: Owner) -> None:
    owner.gate.clear()
    both = [asyncio.create_task(owner.give("greet")) for _ in range(2)]
    await asyncio.sleep(0)
    owner.gate.set()
    assert await asyncio.gather(*both) == [{"count": 1}] * 2


async def test_a_client_that_goes_away_does_not_undo_its_command(owner: Owner) -> None:
    owner.gate.clear()
    asking = asyncio.create_task(owner.give("greet"))
    await asyncio.sleep(0)
    asking.cancel()
    owner.gate.set()
    assert await owner.give("greet") == {"count": 1}


async def test_another_key_is_another_command(owner: Owner) -> None:
    assert await owner.give("greet", "key-0001") == {"count": 1}
    assert await owner.give("greet", "key-0002") == {"count": 2}


async def test_a_key_of_another_command_is_refused(owner: Owner) -> None:
    await owner.give("greet")
    error = await refused(owner, "leave")
    assert (error.status, error.code, error.message) == (409, "key_reused", f"key {KEY!r} was used for greet")


async def test_a_refused_command_is_not_written_down(owner: Owner) -> None:
    assert (await refused(owner, "fail")).message == "not now"
    assert owner.recorded == []


async def test_an_unknown_command_is_answered_with_the_known_ones(owner: Owner) -> None:
    error = await refused(owner, "dance")
    assert (error.status, error.message) == (404, "there is no command 'dance'; known: greet, leave, fail")


@pytest.mark.parametrize("key", ["", "short", "x" * 101, "with space", "new\nline", "ключ-0001"])
async def test_a_key_that_is_none_is_refused(owner: Owner, key: str) -> None:
    assert (await refused(owner, "greet", key)).code == "bad_key"


async def test_only_so_many_keys_are_remembered(owner: Owner) -> None:
    for number in range(REMEMBERED + 1):
        await owner.give("greet", f"key-{number:05}")
    assert await owner.give("greet", "key-00001") == {"count": 2}
    assert await owner.give("greet", "key-00000") == {"count": REMEMBERED + 2}


ARGUMENTS = Arguments("greet", {"whom": "you", "times": 3, "flag": True, "nothing": None, "long": "x" * 50})


def test_arguments_are_read_with_their_types() -> None:
    assert ARGUMENTS.text("whom") == "you"
    assert ARGUMENTS.text("how", "kindly") == "kindly"
    assert ARGUMENTS.number("times", most=3) == 3
    assert ARGUMENTS.optional_number("nothing") is None
    assert ARGUMENTS.optional_number("absent") is None


@pytest.mark.parametrize(
    ("read", "complaint"),
    [
        (lambda: ARGUMENTS.text("times"), "greet: times: got 3; expected a text of at most 4000 characters"),
        (lambda: ARGUMENTS.text("absent"), "greet: absent: got None; expected a text"),
        (lambda: ARGUMENTS.text("long", longest=49), "greet: long: got 'xxx"),
        (lambda: ARGUMENTS.number("whom"), "greet: whom: got 'you'; expected a whole number from 0 to"),
        (lambda: ARGUMENTS.number("flag"), "greet: flag: got True; expected a whole number"),
        (lambda: ARGUMENTS.number("times", most=2), "greet: times: got 3; expected a whole number from 0 to 2"),
        (lambda: ARGUMENTS.optional_number("times", least=4), "greet: times: got 3; expected a whole number from 4"),
    ],
)
def test_a_wrong_argument_is_named_with_its_command(read: Any, complaint: str) -> None:
    with pytest.raises(ControlError) as refusal:
        read()
    assert refusal.value.message.startswith(complaint)
    assert (refusal.value.status, refusal.value.code) == (400, "bad_argument")
