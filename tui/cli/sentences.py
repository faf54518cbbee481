"""A snapshot of the node as sentences that can be read aloud. Pure."""

from __future__ import annotations

import time
from collections.abc import Iterator

from node.control.wire import (
    Alarm,
    Electricity,
    EngineView,
    GpuReading,
    HostReading,
    JobState,
    JobView,
    PowerToday,
    Snapshot,
    Today,
)
from tui import format as shown

READY = "ready"


def describe(snapshot: Snapshot) -> list[str]:
    """The state and its reason first, then engines, jobs, today, hardware and the node itself."""
    lines = [headline(snapshot), *(sentence(note[:1].upper() + note[1:]) for note in snapshot.state.notes)]
    lines += [_alarm(alarm) for alarm in snapshot.alarms]
    lines += [_engine(engine) for engine in snapshot.engines] or ["No engine is set up."]
    lines += [_transfer(name, done, total) for name, done, total in _transfers(snapshot)]
    lines += list(_jobs(snapshot))
    lines.append(_today(snapshot.today))
    lines += list(_power(snapshot.today.power, snapshot.electricity))
    if snapshot.hardware is not None:
        lines += [_gpu(gpu) for gpu in snapshot.hardware.gpus] or ["No graphics card can be read."]
        lines.append(_host(snapshot.hardware.host))
    lines += list(_node(snapshot))
    return lines


def headline(snapshot: Snapshot) -> str:
    """What the node is doing, why, and what would change it."""
    state = snapshot.state
    busy = f"{snapshot.busy} of {many(snapshot.slots, 'slot')} busy"
    told = [f"{state.word.value}: {sentence(state.reason or busy)}"]
    if state.remedy:
        told.append(f"What would change it: {sentence(state.remedy)}")
    return " ".join(told)


def many(count: int, noun: str) -> str:
    """``1 slot``, ``1,284 slots``, ``2 entries``."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{shown.count(count)} {noun if count == 1 else plural}"


def sentence(text: str) -> str:
    """The text with a full stop, if it has no end of its own."""
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _alarm(alarm: Alarm) -> str:
    return f"Alarm: {alarm.device} {alarm.title}: {sentence(alarm.evidence)} What to do: {sentence(alarm.remedy)}"


def _engine(engine: EngineView) -> str:
    said = f"Engine {engine.name} is {engine.status}"
    if engine.device:
        said += f" on {engine.device}"
    if engine.models:
        said += f", serves {', '.join(engine.models)}, {engine.busy} of {many(engine.slots, 'slot')} busy"
    if engine.tokens_per_second:
        said += f", {shown.speed(engine.tokens_per_second)} tokens a second"
    if engine.restarts:
        said += f", restarted {many(engine.restarts, 'time')}"
    more = [sentence(part) for part in (engine.detail if engine.status != READY else "", engine.remedy) if part]
    return " ".join([f"{said}.", *more])


def _transfers(snapshot: Snapshot) -> Iterator[tuple[str, int, int | None]]:
    for transfer in snapshot.transfers:
        yield transfer.name, transfer.done, transfer.total


def _transfer(name: str, done: int, total: int | None) -> str:
    of_total = f" of {shown.size(total)}" if total else ""
    return f"{name} is being fetched: {shown.size(done)}{of_total}."


def _jobs(snapshot: Snapshot) -> Iterator[str]:
    waiting = sum(job.state is JobState.WAITING for job in snapshot.jobs)
    if not snapshot.jobs:
        yield "No job is in hand."
        return
    yield f"{many(len(snapshot.jobs) - waiting, 'job')} in work, {waiting} waiting."
    for job in snapshot.jobs:
        if job.state is not JobState.WAITING:
            yield f"  {_job(job)}"


def _job(job: JobView) -> str:
    said = f"Job {job.number} for {job.network} with {job.model}: "
    if job.state is JobState.DELIVERING:
        return f"{said}{shown.count(job.tokens)} tokens, being delivered."
    if not job.tokens:
        return f"{said}the prompt is being read."
    of_most = f" of at most {shown.count(job.max_tokens)}" if job.max_tokens else ""
    speed = f", {shown.speed(job.tokens_per_second)} a second" if job.tokens_per_second else ""
    return f"{said}{shown.count(job.tokens)} tokens{of_most}{speed}."


def _today(today: Today) -> str:
    counts = today.counts
    ended = {
        "done": counts.done,
        "failed": counts.failed,
        "cancelled": counts.cancelled,
        "expired": counts.expired,
        "returned": counts.returned,
    }
    parts = [f"{count} {word}" for word, count in ended.items() if count or word in ("done", "failed")]
    said = f"Today: jobs {', '.join(parts)}"
    if today.completion_tokens:
        said += f"; {shown.count(today.completion_tokens)} tokens in {shown.seconds(today.compute)} of computing"
    if today.joules is not None:
        said += f"; {' '.join(shown.energy(today.joules))}"
    for earning in today.earnings:
        columns = (earning.claimed, earning.credited, earning.paid)
        claimed, credited, paid = (shown.units(units, earning.decimals) for units in columns)
        said += f"; {earning.asset} {claimed} claimed, {credited} credited, {paid} paid"
    return f"{said}."


def _power(today: PowerToday | None, now: Electricity | None) -> Iterator[str]:
    """What the machine's power costs, where that is measured or stated."""
    if today is None:
        return
    parts = [f"the machine took {' '.join(shown.energy(today.idle_joules + today.working_joules))} today"]
    if today.cost_micro is not None:
        parts.append(f"for {shown.money(today.cost_micro, today.currency)}")
    if today.net_micro is not None:
        parts.append(f"net {shown.money(today.net_micro, today.currency, sign=True)} (priced assets only)")
    if today.idle_watts is not None:
        parts.append(f"{today.idle_watts:.0f} W idle")
    if today.working_watts is not None:
        parts.append(f"{today.working_watts:.0f} W at work")
    yield f"Power: {', '.join(parts)}."
    if now is not None and now.price_micro is not None:
        hour = "" if now.hour_micro is None else f", {shown.money(now.hour_micro, now.currency)} an hour as it runs"
        price = shown.money(now.price_micro, now.currency)
        yield f"A kilowatt-hour costs {price} ({now.price_source}){hour}."


def _gpu(gpu: GpuReading) -> str:
    if gpu.lost:
        return f"{gpu.name} has gone away: its driver no longer answers."
    parts = []
    if gpu.temperature_c is not None:
        limit = f" of {shown.whole(gpu.temperature_limit_c)}" if gpu.temperature_limit_c is not None else ""
        parts.append(f"{shown.whole(gpu.temperature_c)}{limit} °C")
    if gpu.power_w is not None:
        parts.append(f"{shown.whole(gpu.power_w)} W")
    if gpu.utilisation_pct is not None:
        parts.append(f"{shown.whole(gpu.utilisation_pct)} % busy")
    if gpu.memory_used is not None and gpu.memory_total is not None:
        parts.append(f"{shown.size(gpu.memory_used)} of {shown.size(gpu.memory_total)} memory used")
    if gpu.throttle:
        parts.append(f"held back by {', '.join(gpu.throttle)}")
    return f"{gpu.name}: {', '.join(parts) or 'gives no readings'}."


def _host(host: HostReading) -> str:
    parts = []
    if host.cpu_pct is not None:
        cores = f"{many(host.cpu_count, 'core')} at " if host.cpu_count else ""
        parts.append(f"{cores}{shown.whole(host.cpu_pct)} %")
    if host.cpu_temperature_c is not None:
        parts.append(f"{shown.whole(host.cpu_temperature_c)} °C")
    if host.cpu_power_w is not None:
        parts.append(f"{shown.whole(host.cpu_power_w)} W")
    if host.memory_used is not None and host.memory_total is not None:
        parts.append(f"{shown.size(host.memory_used)} of {shown.size(host.memory_total)} memory used")
    if host.disk_free is not None:
        parts.append(f"{shown.size(host.disk_free)} of disk free")
    return f"{host.cpu_name or 'Processor'}: {', '.join(parts) or 'gives no readings'}."


def _node(snapshot: Snapshot) -> Iterator[str]:
    node = snapshot.node
    if node.endpoint:
        yield f"Your own endpoint is {node.endpoint}."
    since = time.strftime("%Y-%m-%d %H:%M", time.localtime(node.started_at))
    yield f"Node {node.name} {node.version} is process {node.pid} since {since}, in {node.data_dir}."
