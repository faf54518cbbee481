"""Whether a secret is still in this process's memory, as a living object."""

from __future__ import annotations

import asyncio
import gc
import time
from dataclasses import dataclass

from patience import PATIENCE

KINDS = (str, bytes, bytearray, list)
UNTRACKED = (dict, tuple)  # the collector leaves those alone that have nothing but texts and numbers


@dataclass(frozen=True)
class Canary:
    """A secret to look for. It is kept in two parts: one that is whole somewhere would be found there."""

    head: str
    tail: str

    @property
    def letters(self) -> tuple[str, ...]:
        """As it is typed."""
        return (*self.head, *self.tail)

    def whole(self) -> str:
        return self.head + self.tail

    def holders(self) -> list[str]:
        """The kinds of living objects that have it: in a text, in bytes, or as a list of its letters."""
        gc.collect()
        held = gc.get_referents(*gc.get_objects())
        held += gc.get_referents(*(one for one in held if type(one) in UNTRACKED and not gc.is_tracked(one)))
        found = [one for one in held if isinstance(one, KINDS) and self._is_in(one)]
        return [type(one).__name__ for one in gc.get_referrers(*found)] if found else []

    async def forgotten(self) -> None:
        """Wait until nothing has it: a call that used it may be about to end.

        Raises:
            AssertionError: something keeps it.
        """
        end = time.monotonic() + PATIENCE
        while holders := self.holders():
            assert time.monotonic() < end, holders
            await asyncio.sleep(0.01)

    def _is_in(self, value: str | bytes | bytearray | list[object]) -> bool:
        if isinstance(value, str):
            return self.head in value and value.partition(self.head)[2].startswith(self.tail)
        if isinstance(value, list):
            return len(value) >= len(self.head + self.tail) and tuple(value[: len(self.letters)]) == self.letters
        return bytes(value.partition(self.head.encode())[2]).startswith(self.tail.encode())
