"""The models that could be served here, each with what decides about it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tui import format as shown
from tui.setup.facts import Facts

SLOW = 1_000_000_000
"""Bytes above which a model is no pleasure on a processor."""

HEADROOM = 1 << 30  # bytes that stay free on a card, as node.models.fit has it


@dataclass(frozen=True, slots=True)
class Room:
    """Where a model has to fit.

    Attributes:
        size: bytes of memory that it may use. on_card: they are a card's, else the machine's own.
    """

    size: int
    on_card: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """One model.

    Attributes:
        meaning: size, licence and need in words. conditions: what its licence asks for in return.
    """

    name: str
    title: str
    meaning: str
    size: int
    installed: bool
    fits: bool
    conditions: str = ""


def room(known: Facts) -> Room:
    """The memory of the largest card, if the node's engine computes there, less some headroom; else what is free."""
    sizes = [card.memory_total for card in known.cards if card.memory_total]
    if known.on_card and sizes:
        return Room(max(sizes) - HEADROOM, on_card=True)
    everything = [*known.models["installed"], *known.models["catalogue"]]
    return Room(max((int(model["fit"]["available"]) for model in everything), default=0))


def offers(models: Mapping[str, Sequence[Mapping[str, Any]]], space: Room) -> list[Offer]:
    """What is here first, then what can be fetched, the smallest first."""
    here = [_offer(model, space, installed=True) for model in models["installed"]]
    there = [
        _offer(model, space, installed=False)
        for model in models["catalogue"]
        if not model["installed"] and model["purpose"] == "chat"
    ]
    return [*here, *sorted(there, key=lambda offer: offer.size)]


def recommended(fitting: Sequence[Offer], *, on_card: bool, trial: str = "") -> str:
    """What is here already; else the largest that is still quick; empty if nothing fits.

    Args:
        trial: the model that `stoker try` fetches; that it is here says nothing of what is wanted.
    """
    for offer in fitting:
        if offer.installed and offer.name != trial:
            return offer.name
    quick = [offer for offer in fitting if on_card or offer.size < SLOW]
    return max(quick, key=lambda offer: offer.size).name if quick else ""


def _offer(model: Mapping[str, Any], space: Room, *, installed: bool) -> Offer:
    fit = model["fit"]
    fits = fit["total"] <= space.size
    pay = {True: "may work for pay", False: "not for pay", None: "for pay: not known"}[model["commercial"]]
    size = "is here" if installed else f"{shown.size(model['size'])} to fetch"
    licence = f"{model['licence'] or 'unknown licence'} ({pay})"
    meaning = f"{size}, {licence}, needs {shown.size(fit['total'])} of memory"
    title = model.get("title") or model["name"]
    return Offer(model["name"], title, meaning, model["size"], installed, fits, model["conditions"])
