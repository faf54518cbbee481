"""What an address holds: exact figures, what they are worth, and the last known ones when there is trouble. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from node.control.wire import BalanceView, Holding
from tui import format as said
from tui.ink import Line, Picture, Span, Tone, bold, cell, clip, crop, dim, wrapped
from tui.keymap import SHIPPED, Keys, hint

NAME = 9  # cells of an asset's code


def newer(before: BalanceView | None, after: BalanceView) -> BalanceView:
    """The later answer; where it could not say what is held, with what was known of the same address before."""
    same = before is not None and (before.address, before.cluster) == (after.address, after.cluster)
    if after.problem and not after.holdings and before is not None and same:
        return replace(after, holdings=before.holdings, at=before.at)
    return after


def picture(
    balance: BalanceView | None, trouble: str, now: float, width: int, height: int, keys: Keys = SHIPPED
) -> Picture:
    """The panel's lines: first what is wrong, then what is held."""
    if balance is None:
        return Picture(((dim(trouble or "The chain is being asked."),),), (dim(said.DASH),))
    problem = _problem(balance, trouble, width)
    aside = _age(balance, now)
    if not balance.holdings:
        if problem:
            return Picture((*problem, *_endpoints(balance, width))[:height], aside)
        return Picture(((dim("Nothing yet.  "), hint("wallet.receive", keys), dim("  shows where to be paid")),), aside)
    room = max(1, height - len(problem))
    lines = _holdings(balance, now, room, stale=bool(problem))
    spare = _endpoints(balance, width) if problem else ()
    return Picture(tuple(crop(line, width) for line in (*problem, *lines, *spare)[:height]), aside)


def _problem(balance: BalanceView, trouble: str, width: int) -> list[Line]:
    text = trouble or balance.problem
    if not text:
        return []
    lines: list[Line] = [
        (Span("▲ " if at == 0 else "  ", Tone.WARN), Span(part)) for at, part in enumerate(wrapped(text, width - 2))
    ]
    if balance.remedy and not trouble:
        lines += [
            (dim("→ " if at == 0 else "  "), Span(part, Tone.EMBER))
            for at, part in enumerate(wrapped(balance.remedy, width - 2))
        ]
    return lines


def _endpoints(balance: BalanceView, width: int) -> tuple[Line, ...]:
    return tuple((dim(f"  {clip(text, width - 2)}"),) for text in balance.endpoints)


def _age(balance: BalanceView, now: float) -> Line:
    where = dim(balance.cluster)
    if balance.at is None:
        return (where,)
    if balance.problem or now - balance.at > 120:
        return (where, dim("   as of "), Span(said.ago(now - balance.at), Tone.WARN))
    return (where, dim(f"   at {said.clock(balance.at)}"))


def _holdings(balance: BalanceView, now: float, room: int, *, stale: bool) -> list[Line]:
    """Known assets first; figures stand with their decimal points under each other."""
    chosen = sorted(balance.holdings, key=lambda holding: not holding.known)
    total = "" if stale else _total(balance.holdings)
    fitting = room - (1 if total else 0)
    if len(chosen) > fitting:
        fitting = max(1, fitting - 1)
    shown = chosen[:fitting]
    figures = [said.exact(holding.units, holding.decimals).partition(".") for holding in shown]
    before = max(len(whole) for whole, _, _ in figures)
    behind = max(len(dot + rest) for _, dot, rest in figures)
    priced = max((len(holding.worth) for holding in shown), default=0)
    lines: list[Line] = []
    for holding, (whole, dot, rest) in zip(shown, figures, strict=True):
        tone = Tone.DIM if stale or not holding.known else Tone.PLAIN
        figure = Span(f"{whole:>{before}}{dot + rest:<{behind}}  ", tone)
        lines.append((figure, cell(_name(holding), NAME, tone), *_worth(holding, now, priced, stale=stale)))
    if len(chosen) > len(shown):
        more = len(chosen) - len(shown)
        lines.append((dim(f"and {more} more:  "), Span(f"stoker wallet balance {balance.wallet}", Tone.EMBER)))
    if total:
        width = before + behind + 2 + NAME
        lines.append((cell("together", width, Tone.DIM), bold(f"  {total:>{priced}}"), *_unpriced(chosen)))
    return lines


def _name(holding: Holding) -> str:
    return holding.asset if holding.known or not holding.mint else said.ends(holding.mint)


def _worth(holding: Holding, now: float, width: int, *, stale: bool) -> Line:
    if not holding.known:
        return (dim(f"  {'':>{width}}  unknown"),)
    if not holding.worth:
        return (dim(f"  {said.DASH:>{width}}  no price"),)
    worth = Span(f"  {holding.worth:>{width}}", Tone.DIM if stale or holding.worth_stale else Tone.PLAIN)
    if not holding.worth_stale:
        return (worth,)
    age = f"  price of {said.ago(now - holding.worth_at)}" if holding.worth_at is not None else "  an old price"
    return (worth, Span(age, Tone.WARN))


def _total(holdings: Iterable[Holding]) -> str:
    """What the priced ones are worth together; empty unless there are several, all in one currency."""
    priced = [holding.worth.rpartition(" ") for holding in holdings if holding.known and holding.worth]
    currencies = {currency for _, _, currency in priced}
    if len(priced) < 2 or len(currencies) != 1:
        return ""
    try:
        total = sum((Decimal(figure.replace(",", "")) for figure, _, _ in priced), Decimal(0))
    except InvalidOperation:
        return ""
    return f"{total:,.2f} {currencies.pop()}"


def _unpriced(holdings: Iterable[Holding]) -> Line:
    count = sum(not (holding.known and holding.worth) for holding in holdings)
    return (dim(f"  {count} not priced"),) if count else ()
