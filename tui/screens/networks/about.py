"""One network in words: why it is as it is, how the account stands, what was earned, where its key is. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from node.control.wire import NetworkView, Rewards
from tui import format as said
from tui.ink import Line, Picture, Ranked, Span, Tone, bold, cell, crop, dim, fitting, wrapped
from tui.keymap import SHIPPED, Keys, hint
from tui.screens.networks.listing import TROUBLED, state

LABEL = 10
FIGURE, UNIT = 13, 7  # most cells of one column of rewards; cells of an asset's name

NOTHING: Line = (cell("earned", LABEL, Tone.DIM), dim("nothing yet"))


def picture(network: NetworkView, now: float, width: int, height: int, keys: Keys = SHIPPED) -> Picture:
    """The panel's lines, the most important first; what does not fit is behind ``enter``."""
    word, tone = state(network)
    since = dim(f" since {said.day(network.since_at, now)}") if network.since_at else Span("")
    lines = lines_of(network, now, width, keys)
    if len(lines) > height:
        lines = lines_of(network, now, width, keys, brief=True)
    if len(lines) > height:
        lines = [*lines[: max(1, height - 1)], (dim("and more:  "), hint("list.open", keys))]
    return Picture(tuple(lines[:height]), (bold(network.name), Span("  "), Span(word, tone), since))


def lines_of(network: NetworkView, now: float, width: int, keys: Keys = SHIPPED, *, brief: bool = False) -> list[Line]:
    """Everything but models, faults and messages; ``brief``: one line for what was earned of an asset."""
    lines = [*_why(network, now, width, keys), *_standing(network, now, width)]
    lines += (_briefly if brief else _rewards)(network.rewards, width)
    lines += [_share(network, width), _worker(network)]
    if network.key_kept:
        lines += _labelled("key", network.key_kept, width)
    if network.accepted_at:
        lines.append((_label("joined"), dim(f"its page was accepted on {said.stamp(network.accepted_at)[:10]}")))
    return [crop(line, width) for line in lines]


def _why(network: NetworkView, now: float, width: int, keys: Keys) -> list[Line]:
    """Reason, remedy, and when it is tried again."""
    tone = state(network)[1] if network.state in TROUBLED else Tone.PLAIN
    lines: list[Line] = [(Span(text, tone),) for text in wrapped(network.reason, width)] if network.reason else []
    if network.retry_at is not None and network.retry_at > now:
        lines.append((dim("asked again in "), Span(said.seconds(network.retry_at - now))))
    if network.remedy:
        told = wrapped(network.remedy, width - 3)
        lines += [(dim("→  " if at == 0 else "   "), Span(text, Tone.EMBER)) for at, text in enumerate(told)]
    if network.maintenance:
        lines.append(
            (Span("▲ in maintenance", Tone.WARN), dim("   it gets no jobs:  "), hint("networks.maintenance", keys))
        )
    return lines


def _standing(network: NetworkView, now: float, width: int) -> list[Line]:
    if not network.detail:
        return []
    lines = _labelled("standing", network.detail, width)
    if network.seen_at is not None and now - network.seen_at > 120:
        lines.append((_label(""), Span("▲ ", Tone.WARN), dim(f"as of {said.ago(now - network.seen_at)}")))
    return lines


def _rewards(rewards: Sequence[Rewards], width: int) -> list[Line]:
    """Three columns that are never added up, and what is probably held back, each asset by itself."""
    if not rewards:
        return [NOTHING]
    estimated = any(reward.held is not None for reward in rewards)
    titles = ["claimed", "credited", "paid", *(["held est."] if estimated else [])]
    size = min(FIGURE, (width - LABEL - UNIT) // len(titles))
    lines: list[Line] = [(_label("earned"), *(cell(title, size, Tone.DIM, right=True) for title in titles))]
    for reward in rewards:
        unit = cell(f"  {reward.asset}", UNIT, Tone.DIM)
        lines.append((_label("  in all"), *_figures(reward, size, len(titles)), unit))
        lines.append((_label("  an hour"), *_figures(reward, size, len(titles), "hour_"), unit))
    if estimated:
        lines += [
            (_label(""), dim(text)) for text in wrapped("~ is held back: our estimate, shown to nobody", width - LABEL)
        ]
    return lines


def _briefly(rewards: Sequence[Rewards], width: int) -> list[Line]:
    lines: list[Line] = []
    for reward in rewards:
        figures = ((1, "claimed", reward.claimed), (0, "credited", reward.credited), (3, "paid", reward.paid))
        parts: list[Ranked] = [
            (rank, (Span(said.units(amount, reward.decimals)), dim(f" {word}"))) for rank, word, amount in figures
        ]
        if reward.held is not None:
            held = Span(f"~{said.units(reward.held, reward.decimals)}", Tone.WARN)
            parts.append((2, (held, dim(" held est."))))
        lines.append((_label("earned"), *fitting([(0, (Span(reward.asset),)), *parts], width - LABEL)))
    return lines or [NOTHING]


def _figures(reward: Rewards, size: int, columns: int, span: str = "") -> Line:
    amounts = [getattr(reward, f"{span}{name}") for name in ("claimed", "credited", "paid")]
    figures = [cell(said.units(amount, reward.decimals), size, right=True) for amount in amounts]
    if len(figures) < columns:
        held = "" if reward.held is None or span else f"~{said.units(reward.held, reward.decimals)}"
        figures.append(cell(held, size, Tone.WARN, right=True))
    return tuple(figures)


def _share(network: NetworkView, width: int) -> Line:
    """How much of the engine it gets, and what it pays for it."""
    parts: list[Ranked] = [(2, (dim("weight "), Span(f"{network.weight:g}")))]
    if network.share_pct is not None:
        parts.insert(0, (0, (bold(f"{network.share_pct:.0f} %"), dim(" of the last hour"))))
    if network.pay_micro is not None:
        hourly = said.money(round(network.pay_micro * 3600), network.currency)
        parts.append((1, (Span(hourly), dim(" an engine hour"))))
    return (_label("share"), *fitting(parts, width - LABEL, "   "))


def _worker(network: NetworkView) -> Line:
    host = network.url.partition("://")[2].partition("/")[0] or network.url
    if not network.worker_name:
        return (_label("address"), Span(host))
    return (_label("worker"), Span(network.worker_name), dim(" at "), Span(host))


def _labelled(name: str, text: str, width: int) -> list[Line]:
    told = wrapped(text, width - LABEL)
    return [(_label(name if at == 0 else ""), Span(part)) for at, part in enumerate(told)]


def _label(name: str) -> Span:
    return cell(name, LABEL, Tone.DIM)
