"""``stoker tune``: tokens a second, watts and tokens a joule at several power limits."""

from __future__ import annotations

import json
from typing import Any

import click

from tui import format as shown
from tui.cli.lazy import example
from tui.cli.session import Session, pass_session
from tui.cli.terminal.output import narrate, table, write, write_json

HEADER = ("LIMIT", "TOKENS/S", "WATTS", "TOKENS/J", "BEST")
NAMES = {"speed": "speed", "efficient": "efficiency", "profit": "profit"}


@click.command(epilog=example("stoker tune", "stoker tune --settle 5 --window 20 --json"))
@click.option("--card", default=0, show_default=True, type=click.IntRange(0, 64), help="The card's number.")
@click.option("--settle", default=15.0, show_default=True, type=click.FloatRange(0.1, 3600), help="Seconds to settle.")
@click.option("--window", default=60.0, show_default=True, type=click.FloatRange(0.1, 3600), help="Seconds to measure.")
@click.option("--earned", type=float, help="What a million tokens earn, in your currency: finds the best profit, too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON line for each point; the last has the best.")
@pass_session
def tune(session: Session, card: int, settle: float, window: float, earned: float | None, as_json: bool) -> None:
    """Measure real work at power limits from the card's default down to half of it, in random order.

    Where the node may not set limits it measures the present one, and says which command sets another. The limits that
    were found are put back at the end.
    """
    node = session.node
    proposals = {found["index"]: found for found in node.get("/power")["cards"]}
    if not as_json:
        _introduce(proposals.get(card))
    wishes = {"card": card, "settle": settle, "window": window, "micro_per_token": earned}
    points: list[dict[str, Any]] = []
    summary: dict[str, Any] = {}
    with node.stream("/power/tune", wishes) as answer:
        for line in answer:
            said = json.loads(line)
            if as_json:
                write_json(said, compact=True)
            elif "point" in said:
                points.append(said["point"])
                narrate(_sentence(said["point"]))
            summary = said
    if not as_json:
        _conclude(points, summary, proposals.get(card))


def _introduce(found: dict[str, Any] | None) -> None:
    if found is None:
        narrate("There is no NVIDIA card whose limit could be set; measuring as it is.")
        return
    proposal = found["proposal"]
    narrate(f"The limit is {found['limit']:.0f} W. A good start: {proposal['watts']} W, {proposal['reason']}.")


def _sentence(point: dict[str, Any]) -> str:
    at = "as it is" if point["limit_w"] is None else f"at {point['limit_w']} W"
    power = "" if point["watts"] is None else f", drawing {point['watts']:.0f} W"
    return f"Measured {at}: {shown.speed(point['tokens_per_second'])} tokens a second{power}."


def _conclude(points: list[dict[str, Any]], summary: dict[str, Any], found: dict[str, Any] | None) -> None:
    best = summary.get("best", {})
    rows = [_row(point, best) for point in sorted(points, key=lambda point: point["limit_w"] or 0)]
    write(table(HEADER, rows, right=range(4)))
    if summary.get("swept"):
        for name, command in summary.get("commands", {}).items():
            narrate(f"Best {NAMES[name]}: {command}")
    elif found is not None:
        narrate(f"The node may not set limits here. Set one, then measure again: {found['proposal']['command']}")


def _row(point: dict[str, Any], best: dict[str, Any]) -> tuple[str, ...]:
    won = ", ".join(NAMES[name] for name, winner in best.items() if winner == point)
    per_joule = point["tokens_per_joule"]
    return (
        shown.DASH if point["limit_w"] is None else f"{point['limit_w']} W",
        shown.speed(point["tokens_per_second"]),
        shown.whole(point["watts"]),
        shown.DASH if per_joule is None else f"{per_joule:.3f}",
        won,
    )
