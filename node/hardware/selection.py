"""Which of the machine's cards are the node's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from node.hardware.readings import GpuReading


class Selection:
    """The owner's choice. Pure.

    Args:
        wanted: numbers, UUIDs or PCI addresses of cards; a UUID may be cut short as long as it is longer than eight
            characters. Empty: every card is the node's.
    """

    def __init__(self, wanted: Sequence[str] = ()) -> None:
        self._wanted = tuple(wanted)

    def of(self, cards: Iterable[GpuReading]) -> tuple[GpuReading, ...]:
        """The chosen ones among these."""
        if not self._wanted:
            return tuple(cards)
        return tuple(card for card in cards if any(_is(card, name) for name in self._wanted))

    def absences(self, cards: Iterable[GpuReading]) -> tuple[str, ...]:
        """A sentence for each chosen card that is not among these."""
        present = tuple(cards)
        return tuple(
            f"hardware.gpus names {name}, and there is no such card."
            for name in self._wanted
            if not any(_is(card, name) for card in present)
        )


def _is(card: GpuReading, name: str) -> bool:
    if name.isdecimal():
        return card.index == int(name)
    name = name.lower()
    return len(name) > 8 and (card.uuid.lower().startswith(name) or card.address.lower().endswith(name))
