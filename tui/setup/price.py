"""What power costs here, and what the machine draws: asked for once, kept as settings."""

from __future__ import annotations

from dataclasses import dataclass

from node.control.client import ControlClient
from tui.setup.facts import Facts
from tui.setup.settings import settled
from tui.setup.words import Enter, Talk

PRICE, CURRENCY, DRAW = "electricity.price", "electricity.currency", "hardware.cpu_watts"

MORE_PRICE = (
    "What you pay for one kilowatt-hour, such as 0.31; from your bill, everything included. Without it no cost "
    "and no net income can be told. Prices that change by the hour, or day-ahead prices from the exchange, are "
    "set afterwards: `stoker settings list` shows [electricity]."
)
MORE_DRAW = (
    "The draw of the processor at full load, in watts; its TDP is a fair guess. It stands in where nothing on "
    "this machine can measure, and every figure made from it is marked as an estimate."
)


@dataclass(frozen=True, slots=True)
class Price:
    """Of a kilowatt-hour, in millionths of the currency."""

    micro: int
    currency: str

    def hour(self, watts: float) -> int:
        """What an hour at this draw costs, in millionths."""
        return round(self.micro * watts / 1000)


def known_price(known: Facts) -> Price | None:
    """As the settings have it, or as the node knows it now from another source."""
    if fixed := float(known.value(PRICE)):
        return Price(round(fixed * 1e6), known.value(CURRENCY))
    now = known.snapshot.electricity
    return None if now is None or now.price_micro is None else Price(now.price_micro, now.currency)


def ask(client: ControlClient, known: Facts) -> Talk[Price | None]:
    """The price; asked for if it is not known."""
    found = known_price(known)
    return found if found is not None else (yield from ask_anew(client, known))


def ask_anew(client: ControlClient, known: Facts) -> Talk[Price | None]:
    """Ask for the price and its currency, known or not."""
    question = Enter(
        PRICE, "What does a kilowatt-hour cost you?", _present(known, PRICE), MORE_PRICE, nothing="not known"
    )
    price = yield from settled(client, question)
    if not float(price.value):
        return None
    currency = yield from settled(client, Enter(CURRENCY, "In which currency?", known.value(CURRENCY), "Such as EUR."))
    return Price(round(float(price.value) * 1e6), currency.value)


def ask_draw(client: ControlClient, known: Facts) -> Talk[float | None]:
    """The draw at work where nothing measures it; None if nobody knows."""
    question = Enter(
        DRAW,
        "This machine cannot measure its draw. How many watts does the processor take at full load?",
        _present(known, DRAW),
        MORE_DRAW,
        nothing="not known",
    )
    draw = yield from settled(client, question)
    return float(draw.value) or None


def measured(known: Facts) -> bool:
    """Whether anything on this machine measures what it draws."""
    hardware = known.snapshot.hardware
    return hardware is not None and bool(hardware.energy_source)


def known_draw(known: Facts) -> float | None:
    """The draw at work: as measured, else as the owner says."""
    today = known.snapshot.today.power
    if today is not None and today.working_watts:
        return today.working_watts
    return float(known.value(DRAW)) or None


def _present(known: Facts, key: str) -> str:
    """A number as it stands; empty if it is not set."""
    value = float(known.value(key))
    return f"{value:g}" if value else ""
