"""Who may work: the checks of a pop, and what a check-in changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from node.rehearsal.horde.bodies import Pop
from node.rehearsal.horde.people import User, Worker
from node.rehearsal.horde.refusals import Refused
from node.rehearsal.horde.rules import ANONYMOUS, VALIDATED_BACKENDS
from node.rehearsal.horde.value import uptime_cents

if TYPE_CHECKING:
    from node.rehearsal.horde.horde import Horde


def check_in(horde: Horde, user: User, asked: Pop) -> Worker:
    """Let a worker in and write down what it says of itself.

    Raises:
        Refused: it may not work here.
    """
    if user.key == ANONYMOUS:
        raise Refused(403, "AnonForbiddenWorker", "Anonymous users cannot run workers")
    if horde.refuse_pops is not None:
        raise horde.refuse_pops
    _check_models(horde, user, asked.models)
    now = horde.clock.monotonic()
    worker = horde.workers.get(asked.name)
    if worker is None:
        worker = horde.workers[asked.name] = _welcome(horde, user, asked, now)
    elif worker.owner is not user:
        raise Refused(403, "WrongCredentials", f"The name {asked.name!r} belongs to someone else")
    if (
        worker.checked_in is None
        or now - worker.since < horde.rules.check_in
        or (now - worker.checked_in >= horde.rules.check_in)
    ):
        _note(horde, worker, asked, now)
    worker.last_pop = now
    return worker


def _welcome(horde: Horde, user: User, asked: Pop, now: float) -> Worker:
    if asked.name in horde.image_workers:
        raise Refused(400, "PolymorphicNameConflict", "This name is used by a worker of another type")
    if horde.invite_only:
        raise Refused(403, "WorkerInviteOnly", "This horde takes new workers by invitation only")
    if not asked.models:
        raise Refused(400, "BadRequest", "We cannot accept workers serving unrecognised models.")
    owned = sum(worker.owner is user for worker in horde.workers.values())
    if owned >= (horde.rules.trusted_workers if user.trusted else horde.rules.untrusted_workers):
        raise Refused(403, "TooManyWorkers", "You have as many workers as you may have")
    return Worker(asked.name, user, now)


def _check_models(horde: Horde, user: User, models: Sequence[str]) -> None:
    for model in models:
        _, branded, owner = model.partition("::")
        if branded and owner != user.alias:
            raise Refused(400, "BadRequest", f"This model can only be hosted by {owner}")


def _note(horde: Horde, worker: Worker, asked: Pop, now: float) -> None:
    """A check-in that counts: what the worker says of itself, and how long it has been there."""
    if worker.checked_in is not None and now - worker.checked_in < horde.rules.stale and not worker.maintenance:
        worker.uptime += now - worker.checked_in
        worker.uptime_unpaid += now - worker.checked_in
    worker.checked_in = now
    worker.models, worker.agent = list(asked.models), asked.agent
    worker.max_length, worker.max_context = asked.max_length, asked.max_context
    worker.threads = asked.threads
    if worker.uptime_unpaid > horde.rules.uptime and not worker.paused:
        worker.uptime_unpaid = 0.0
        validated = worker.backend in VALIDATED_BACKENDS
        model = worker.models[0] if worker.models else ""
        cents = uptime_cents(worker.max_context, billions=horde.billions(model), validated=validated)
        worker.uptime_cents += cents
        worker.owner.earn_uptime(cents, now, horde.rules)
        worker.owner.consider_trust(now, horde.rules)
