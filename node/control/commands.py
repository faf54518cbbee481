"""What the node can be told. Each command goes into the ledger with who gave it; a repeated key does nothing twice."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from node.control.errors import ControlError
from wallet.secret import Secret

REMEMBERED = 1000
KEY = re.compile(r"[A-Za-z0-9_.:-]{8,100}")

Handler = Callable[["Arguments"], Awaitable[dict[str, Any]]]
Record = Callable[[str, Mapping[str, object], int, int], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of one command, read with their types. Secret ones are wiped once the command is done."""

    command: str
    values: Mapping[str, object]
    secrets: Mapping[str, Secret] = field(default_factory=dict)

    def text(self, name: str, default: str | None = None, *, longest: int = 4000) -> str:
        value = self.values.get(name, default)
        if not isinstance(value, str) or len(value) > longest:
            raise self._wrong(name, value, f"a text of at most {longest} characters")
        return value

    def number(self, name: str, default: int | None = None, *, least: int = 0, most: int = 2**53) -> int:
        value = self.values.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self._wrong(name, value, f"a whole number from {least} to {most}")
        return value

    def optional_number(self, name: str, *, least: int = 0, most: int = 2**53) -> int | None:
        return None if self.values.get(name) is None else self.number(name, least=least, most=most)

    def secret(self, name: str, *, longest: int = 4000) -> Secret | None:
        """A secret argument, in bytes of at most ``longest``; None if it was not given."""
        secret = self.secrets.get(name)
        if secret is not None and len(secret) > longest:
            raise ControlError(400, "bad_argument", f"{self.command}: {name}: expected at most {longest} bytes")
        return secret

    def _wrong(self, name: str, value: object, expected: str) -> ControlError:
        return ControlError(400, "bad_argument", f"{self.command}: {name}: got {value!r:.60}; expected {expected}")


class Commands:
    """The table of commands and the memory of those already done.

    Secret arguments are taken out of the request before anything else sees it: the record of the command, the memory
    of what was done, and whatever prints a request never have them.
    """

    def __init__(self, record: Record) -> None:
        self._handlers: dict[str, Handler] = {}
        self._secrets: dict[str, tuple[str, ...]] = {}
        self._record = record
        self._done: OrderedDict[str, tuple[str, asyncio.Future[dict[str, Any]]]] = OrderedDict()

    def add(self, name: str, handler: Handler, *, secrets: tuple[str, ...] = ()) -> None:
        """Put a command into the table; ``secrets`` are the arguments that must not be seen."""
        self._handlers[name] = handler
        self._secrets[name] = secrets

    async def give(
        self, name: str, key: str, values: MutableMapping[str, object], uid: int, pid: int
    ) -> dict[str, Any]:
        """Do a command, once for each key. Its secret arguments are taken out of ``values``.

        Raises:
            ControlError: there is no such command, or it cannot be done.
        """
        secrets = _taken_out(name, self._secrets.get(name, ()), values)
        handler = self._handlers.get(name)
        if handler is None:
            raise ControlError(
                404, "unknown_command", f"there is no command {name!r}; known: {', '.join(self._handlers)}"
            )
        if not KEY.fullmatch(key):
            raise ControlError(400, "bad_key", f"key: got {key!r:.60}; expected 8 to 100 letters, digits or _.:-")
        known = self._done.get(key)
        if known is not None:
            if known[0] != name:
                raise ControlError(409, "key_reused", f"key {key!r} was used for {known[0]}")
            return await asyncio.shield(known[1])
        doing = asyncio.ensure_future(self._do(handler, Arguments(name, values, secrets), uid, pid))
        self._done[key] = (name, doing)
        while len(self._done) > REMEMBERED:
            self._done.popitem(last=False)
        return await asyncio.shield(doing)

    async def _do(self, handler: Handler, arguments: Arguments, uid: int, pid: int) -> dict[str, Any]:
        try:
            result = await handler(arguments)
        finally:
            for secret in arguments.secrets.values():
                secret.wipe()
        await self._record(arguments.command, arguments.values, uid, pid)
        return result


def _taken_out(command: str, names: tuple[str, ...], values: MutableMapping[str, object]) -> dict[str, Secret]:
    found = {}
    for name in names:
        value = values.pop(name, None)
        if value is None:
            continue
        if not isinstance(value, str):
            raise ControlError(400, "bad_argument", f"{command}: {name}: expected a text")
        found[name] = Secret(value)
    return found
