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
        card: bytes of memory of the card that computes; None where the processor does.
    """

    card: int | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """One model; ``meaning`` says size, licence and fit in words."""

    name: str
    title: str
    meaning: str
    size: int
    installed: bool
    fits: bool


def room(known: Facts) -> Room:
    """The memory of the largest card, if the node's engine computes there."""
    sizes = [card.memory_total for card in known.cards if card.memory_total]
    return Room(max(sizes)) if known.on_card and sizes else Room()


def offers(models: Mapping[str, Sequence[Mapping[str, Any]]], space: Room) -> list[Offer]:
    """What is here first, then what can be fetched, the smallest first."""
    here = [_offer(model, space, installed=True) for model in models["installed"]]
    there = [
        _offer(model, space, installed=False)
        for model in models["catalogue"]
        if not model["installed"] and model["purpose"] == "chat"
    ]
    return [*here, *sorted(there, key=lambda offer: offer.size)]


def recommended(fitting: Sequence[Offer], *, on_card: bool) -> str:
    """What is here already; else the largest that is still quick; empty if nothing fits."""
    for offer in fitting:
        if offer.installed:
            return offer.name
    quick = [offer for offer in fitting if on_card or offer.size < SLOW]
    return max(quick, key=lambda offer: offer.size).name if quick else ""


def _offer(model: Mapping[str, Any], space: Room, *, installed: bool) -> Offer:
    fit = model["fit"]
    if space.card is None:
        fits = fit["level"] != "too_big"
        memory = f"needs {shown.size(fit['total'])} of {shown.size(fit['available'])} free memory"
    else:
        fits = fit["total"] + HEADROOM <= space.card
        memory = f"needs {shown.size(fit['total'])} of the card's {shown.size(space.card)}"
    pay = {True: "may work for pay", False: "not for pay", None: "for pay: not known"}[model["commercial"]]
    size = "is here" if installed else f"{shown.size(model['size'])} to fetch"
    meaning = ", ".join((size, f"{model['licence'] or 'unknown licence'} ({pay})", memory))
    if model.get("conditions"):
        meaning += f". Its licence asks: {model['conditions']}"
    return Offer(model["name"], model.get("title") or model["name"], meaning, model["size"], installed, fits)
