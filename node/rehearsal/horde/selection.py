"""Which request a worker gets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from node.rehearsal.horde.bodies import Pop
from node.rehearsal.horde.people import Worker
from node.rehearsal.horde.rules import VALIDATED_BACKENDS
from node.rehearsal.horde.work import Request

if TYPE_CHECKING:
    from node.rehearsal.horde.horde import Horde


def choose(horde: Horde, worker: Worker, asked: Pop, skipped: Counter[str]) -> Request | None:
    """The request that this worker gets next; counts into ``skipped`` why others were passed over."""
    fitting = [request for request in horde.requests if _fits(horde, request, worker, asked)]
    fitting.sort(key=lambda request: (_rank(request, worker, asked), -request.user.cents, request.made))
    for request in fitting:
        if request.trusted_workers and not worker.owner.trusted:
            skipped["untrusted"] += 1
        elif request.workers and worker.id not in request.workers:
            skipped["worker_id"] += 1
        elif worker.maintenance and request.user is not worker.owner:
            continue
        elif not worker.paused or request.id not in worker.offered:
            return request
    return None


def _rank(request: Request, worker: Worker, asked: Pop) -> int:
    """The owner comes first, then those whom the worker prefers."""
    return 0 if request.user is worker.owner else 1 if request.user.alias in asked.priority else 2


def _fits(horde: Horde, request: Request, worker: Worker, asked: Pop) -> bool:
    return (
        request.left > 0
        and not request.faulted
        and request.max_length <= asked.max_length
        and request.max_context <= asked.max_context
        and (not request.models or not set(request.models).isdisjoint(asked.models))
        and (not request.validated_backends or worker.backend in VALIDATED_BACKENDS)
        and (request.slow_workers or _fast_enough(horde, worker, asked.models))
    )


def _fast_enough(horde: Horde, worker: Worker, models: Sequence[str]) -> bool:
    now = horde.clock.monotonic()
    if worker.samples and now - worker.speed_at >= horde.rules.refresh:
        worker.speed, worker.speed_at = sum(worker.samples) / len(worker.samples), now
    billions = max((horde.billions(model) or 0.0 for model in models), default=0.0)
    needed = 3 if billions >= 20 else 4 if billions >= 13 else 5
    return (worker.speed or 1.0) >= needed
