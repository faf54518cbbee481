"""Why there are no jobs, from the network's figures. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from node.networks.horde.answers import ModelStatus, Modes, Performance
from node.networks.horde.pace import Offer


def depth(statuses: Sequence[ModelStatus], ours: Collection[str]) -> int:
    """How many requests wait that name one of our models."""
    return round(sum(status.jobs for status in statuses if status.name in ours))


def why_no_jobs(
    statuses: Sequence[ModelStatus],
    performance: Performance,
    modes: Modes,
    ours: Collection[str],
    offers: Collection[Offer],
    skipped: Mapping[str, int],
) -> str:
    """One sentence for the owner of a worker that gets nothing."""
    if modes.maintenance_mode:
        return "the whole network is in maintenance"
    if skipped.get("untrusted"):
        return f"{skipped['untrusted']} requests want a trusted worker, and this account is not trusted yet"
    if skipped.get("worker_id"):
        return f"{skipped['worker_id']} requests name other workers"
    waiting = depth(statuses, ours)
    if waiting:
        lengths = ", ".join(f"{one.max_length} tokens in a context of {one.max_context}" for one in offers)
        return (
            f"{waiting} requests wait for our models, but none that we may have: longer than what is announced "
            f"({lengths}), or want a validated or faster worker"
        )
    if not performance.queued_text_requests:
        return "nobody waits for text just now"
    wanted = sorted((status for status in statuses if status.jobs), key=lambda status: -status.jobs)[:3]
    names = ", ".join(f"{status.name} ({status.jobs:.0f})" for status in wanted)
    told = f"; most wanted: {names}" if names else ""
    return f"{performance.queued_text_requests} requests wait, none of them for our models{told}"
