"""The one type that secrets travel in: nothing that prints, formats, copies or pickles it sees what it holds."""

from __future__ import annotations

import hmac
from typing import NoReturn, SupportsIndex


class Secret:
    """A text or some bytes that must not be seen.

    Its ``repr``, ``str`` and ``format`` are a placeholder, it cannot be pickled, copied or hashed, and it compares in
    constant time. ``wipe`` overwrites what it holds; copies that Python made on the way (of a ``str`` above all) are
    beyond its reach, so reveal late, and only to what needs it.
    """

    __slots__ = ("__held",)

    def __init__(self, value: str | bytes | bytearray) -> None:
        self.__held = bytearray(value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value)

    def reveal(self) -> str:
        """The text.

        Raises:
            ValueError: it holds bytes that are no UTF-8 text.
        """
        try:
            return self.__held.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            raise ValueError("the secret is not a text") from None

    def reveal_bytes(self) -> bytes:
        """The bytes; of a text, its UTF-8 form."""
        return bytes(self.__held)

    def wipe(self) -> None:
        """Overwrite what is held; afterwards the secret is empty."""
        self.__held[:] = bytes(len(self.__held))
        self.__held.clear()

    def __len__(self) -> int:
        return len(self.__held)

    def __bool__(self) -> bool:
        return bool(self.__held)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self.__held, other.__held)

    __hash__ = None  # type: ignore[assignment]  # a hash is a trace

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError("a secret cannot be pickled or copied")

    def __getstate__(self) -> NoReturn:
        raise TypeError("a secret cannot be pickled or copied")
