"""The two lines at the top of every screen: what the node is doing, why, and what would change it."""

from __future__ import annotations

from node.control.wire import Snapshot, StateWord, WalletMark
from tui import format as said
from tui.hardware.facts import warmth
from tui.ink import Line, Ranked, Span, Tone, bold, crop, dim, ends, join, measure, spread
from tui.view import View, drawn_power, hottest, lowest_ceiling
from tui.widgets.sheet import Drawing

WORDS = {
    StateWord.WORKING: ("●", Tone.GOOD),
    StateWord.WAITING: ("○", Tone.PLAIN),
    StateWord.RESTING: ("‖", Tone.GLOW3),
    StateWord.YOURS: ("◆", Tone.EMBER),
    StateWord.COOLING: ("▼", Tone.WARN),
    StateWord.DRAINING: ("▽", Tone.WARN),
    StateWord.BLOCKED: ("✖", Tone.BAD),
}


def first_line(view: View, width: int) -> Line:
    """The word, the slots, and at the right the machine."""
    snapshot = view.snapshot
    name = (Span(f" {view.name or 'stoker'}", Tone.EMBER),)
    if view.gone:
        word = join([(Span("✖ LOST", Tone.BAD),), (dim("it is tried again by itself"),)])
        return spread((*name, Span("  "), *word), (), width)
    if snapshot is None:
        return spread((*name, Span("  "), dim("○ connecting")), (), width)
    state = snapshot.state
    left = [
        (0, name),
        (0, (_word(state.word),)),
        (0, (Span("view held", Tone.WARN),) if view.held else ()),
        (2, _slots(snapshot)),
        (5, _networks(snapshot)),
    ]
    return ends(left, _machine(snapshot), width - 1)


def second_line(view: View, width: int) -> Line:
    """The reason and the remedy; what else is true stands behind them."""
    snapshot = view.snapshot
    if view.gone:
        remedy = () if view.name else (dim("  →  "), Span("stoker --headless", Tone.EMBER))
        reason = crop((Span(f" {view.gone}"),), max(0, width - measure(remedy)))
        return (*reason, *remedy)
    if snapshot is None:
        return (dim(" the node has not answered yet"),)
    state = snapshot.state
    parts: list[Span] = [Span(" "), Span(state.reason)]
    if state.remedy:
        parts += [dim("  →  "), Span(state.remedy, Tone.EMBER)]
    for note in state.notes:
        parts += [Span("  ▲ ", Tone.WARN), dim(note)]
    return crop(parts, width)


def _word(word: StateWord) -> Span:
    sign, tone = WORDS[word]
    return Span(f"{sign} {word}", tone)


def _slots(snapshot: Snapshot) -> Line:
    if not snapshot.slots:
        return (dim("no slots"),)
    return (bold(f"{snapshot.busy}"), dim(f" of {snapshot.slots} slot" + ("s" if snapshot.slots != 1 else "")))


def _networks(snapshot: Snapshot) -> Line:
    running = [(queue.network, queue.running) for queue in snapshot.queues if queue.running]
    return (dim(" · ".join(f"{network} {count}" for network, count in running)),) if running else ()


def _machine(snapshot: Snapshot) -> list[Ranked]:
    """Ranked from what must stay to what goes first."""
    hardware = snapshot.hardware
    gpus = hardware.gpus if hardware else ()
    name = said.device(gpus[0].name) if gpus else "CPU only"
    if len(gpus) > 1:
        name += f" ×{len(gpus)}"
    heat, watts = hottest(hardware), drawn_power(hardware)
    up = said.uptime(snapshot.at - snapshot.node.started_at)
    return [
        (7, (dim(name),)),
        (1, (Span(f"{said.whole(heat):>3}", warmth(heat, lowest_ceiling(snapshot))), dim(" °C"))),
        (3, (Span(f"{said.whole(watts):>3}"), dim(" W"))),
        (4, _hourly(snapshot)),
        (2, _key(snapshot.wallet)),
        (6, (dim("up "), Span(up))),
    ]


def _hourly(snapshot: Snapshot) -> Line:
    power = snapshot.electricity
    if power is None or power.hour_micro is None:
        return ()
    return (Span(said.money(power.hour_micro, power.currency)), dim("/h"))


def _key(wallet: WalletMark | None) -> Line:
    """Whether the active wallet's key is in the node's memory; nothing where there is no key."""
    if wallet is None or wallet.locked is None:
        return ()
    lock = dim("⚿ locked") if wallet.locked else Span("⚿ unlocked", Tone.EMBER)
    return (lock, Span("  ▲", Tone.WARN), dim(" no backup")) if wallet.backed_up is False else (lock,)


def draw(view: View, width: int, height: int) -> tuple[Line, ...]:
    """Both lines."""
    return first_line(view, width), second_line(view, width)


class StateLine(Drawing):
    """Two lines, always the same ones, on every screen."""

    def __init__(self) -> None:
        super().__init__(draw, id="state")
