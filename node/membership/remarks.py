"""What a network said or did wrong, the newest first, as much as is worth remembering. Pure."""

from __future__ import annotations

from collections import deque

from node.control.wire.networks import Remark

MOST = 20
LONGEST = 500


class Remarks:
    """A short memory that does not repeat itself."""

    def __init__(self) -> None:
        self._remarks: deque[Remark] = deque(maxlen=MOST)

    def add(self, at: float, text: str) -> bool:
        """Remember a text (at seconds since 1970); whether it is news: the newest again, or an old one, is none."""
        line = "".join(sign if sign.isprintable() else " " for sign in text)[:LONGEST].strip()
        if not line or any(one.text == line for one in self._remarks):
            return False
        self._remarks.appendleft(Remark(at, line))
        return True

    def again(self, at: float, text: str) -> None:
        """Remember something that may happen many times: an old one moves to the front with its new time."""
        old = next((one for one in self._remarks if one.text == text), None)
        if old is not None:
            self._remarks.remove(old)
        self.add(at, text)

    def newest_first(self) -> tuple[Remark, ...]:
        return tuple(self._remarks)
