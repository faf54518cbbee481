"""Which work a network may have here at all. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from node.models.licences import Licence


@dataclass(frozen=True, slots=True)
class Bar:
    """Why not, and what the owner can do about it."""

    reason: str
    remedy: str = ""


UNBOXED = Bar(
    "strangers' prompts reach no engine outside a box, and this one is in none",
    "stoker doctor says why; with engine.box off you allow it all the same",
)


NOTHING_SERVED = ("no model is served yet", "stoker status says why")
"""What every network waits for, and the way to it."""


def bar_of_box(*, boxed: bool, allowed_without: bool) -> Bar | None:
    """Whether strangers' prompts may reach the engine.

    Args:
        boxed: the engine computes in a box. allowed_without: the owner has switched that off by name.
    """
    return None if boxed or allowed_without else UNBOXED


def bar_of_licence(licence: Licence, *, pays_money: bool) -> str:
    """Why this model is not offered to such a network; empty if it is. What is not known is allowed."""
    if pays_money and licence.commercial is False:
        return f"its licence forbids work for pay ({licence.name}, says {licence.source})"
    return ""


def admitted(
    models: Mapping[str, str], licence: Callable[[str], Licence], *, pays_money: bool
) -> tuple[dict[str, str], dict[str, str]]:
    """Models that may be offered, and why the others may not, by our names."""
    bars = {served: bar_of_licence(licence(served), pays_money=pays_money) for served in models}
    return (
        {served: name for served, name in models.items() if not bars[served]},
        {served: bar for served, bar in bars.items() if bar},
    )
