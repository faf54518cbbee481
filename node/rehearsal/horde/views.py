"""How the stand-in tells about accounts, workers and queues, in the words of its API."""

from __future__ import annotations

import math
from collections.abc import Iterable

from node.rehearsal.horde.horde import Horde
from node.rehearsal.horde.people import User, Worker


def user_view(horde: Horde, user: User) -> dict[str, object]:
    """``GET /find_user``. Escrow is for moderators only, so it is not here."""
    owned = [worker.id for worker in horde.workers.values() if worker.owner is user]
    number = int(user.alias.rpartition("#")[2])
    return {
        "username": user.alias,
        "id": number,
        "kudos": user.cents // 100,
        "kudos_details": {"accumulated": user.cents / 100, "gifted": 0.0, "received": 0.0},
        "worker_count": len(owned),
        "worker_ids": owned,
        "trusted": user.trusted,
        "flagged": user.flagged,
        "moderator": user.moderator,
        "concurrency": 30,
        "account_age": math.floor(horde.clock.monotonic() - user.created),
        "records": {
            "fulfillment": {"text": user.fulfilled, "image": 0, "interrogation": 0},
            "contribution": {"tokens": user.tokens, "megapixelsteps": 0.0},
        },
    }


def worker_view(horde: Horde, worker: Worker) -> dict[str, object]:
    """``GET /workers/{id}``. That a worker is paused is for moderators only, so it is not here."""
    generated = sum(worker.paid.values())
    speed = sum(worker.samples) / len(worker.samples) if worker.samples else 0.0
    return {
        "id": worker.id,
        "name": worker.name,
        "type": "text",
        "owner": worker.owner.alias,
        "requests_fulfilled": len(worker.paid),
        "uncompleted_jobs": worker.dropped,
        "kudos_rewards": (generated + worker.uptime_cents) / 100,
        "kudos_details": {"generated": generated / 100, "uptime": worker.uptime_cents / 100},
        "performance": f"{speed:.1f} tokens per second" if worker.samples else "No requests fulfilled yet",
        "threads": worker.threads,
        "uptime": math.floor(worker.uptime),
        "maintenance_mode": worker.maintenance,
        "info": worker.info,
        "trusted": worker.owner.trusted,
        "flagged": worker.flagged_maintenance,
        "online": horde.clock.monotonic() - worker.last_pop <= horde.rules.stale,
        "models": list(worker.models),
        "bridge_agent": worker.agent,
        "max_length": worker.max_length,
        "max_context_length": worker.max_context,
        "team": {"name": None, "id": None},
    }


def models_view(horde: Horde) -> list[dict[str, object]]:
    """``GET /status/models?type=text``"""
    now = horde.clock.monotonic()
    online = [worker for worker in horde.workers.values() if now - worker.last_pop <= horde.rules.stale]
    names = {model for worker in online for model in worker.models}
    names |= {model for request in horde.requests for model in request.models}
    views: list[dict[str, object]] = []
    for name in sorted(names):
        waiting = [request for request in horde.requests if name in request.models and request.left > 0]
        tokens = sum(request.max_length * request.left for request in waiting)
        serving = [worker for worker in online if name in worker.models]
        speed = sum(_speed(worker) for worker in serving)
        view = {
            "name": name,
            "count": sum(worker.threads for worker in serving),
            "performance": speed,
            "queued": float(tokens),
            "jobs": float(sum(request.left for request in waiting)),
            "eta": round(tokens / speed) if speed else 10_000,
            "type": "text",
        }
        views.append(view)
    return views


def performance_view(horde: Horde) -> dict[str, object]:
    """``GET /status/performance``"""
    now = horde.clock.monotonic()
    online = [worker for worker in horde.workers.values() if now - worker.last_pop <= horde.rules.stale]
    return {
        "queued_text_requests": sum(request.left for request in horde.requests),
        "text_worker_count": len(online),
        "text_thread_count": sum(worker.threads for worker in online),
        "queued_tokens": sum(request.left * request.max_length for request in horde.requests),
        "past_minute_tokens": 0,
    }


def books_view(horde: Horde) -> dict[str, object]:
    """The stand-in's own books, whole: what no worker of the real network could see is here too."""
    for user in horde.users.values():
        user.settle(horde.clock.monotonic())
    return {
        "users": [_account(user) for user in horde.users.values()],
        "workers": [
            {
                "name": worker.name,
                "paid_cents": dict(worker.paid),
                "uptime_cents": worker.uptime_cents,
                "dropped": worker.dropped,
                "faked": worker.faked,
                "paused": worker.paused,
                "maintenance": worker.maintenance,
            }
            for worker in horde.workers.values()
        ],
        "answers": sum(len(request.answers) for request in horde.requests),
        "queued": sum(request.left for request in horde.requests),
        "running": sum(job.state == "running" for job in horde.jobs.values()),
    }


def reference_view(horde: Horde) -> dict[str, object]:
    """The network's list of models, in the form of its text model reference."""
    return {name: {"name": name, "parameters": count} for name, count in horde.reference.items()}


def _account(user: User) -> dict[str, object]:
    due = sum(cents for _, cents in user.due)
    return {
        "username": user.alias,
        "cents": user.cents + due,
        "escrow_cents": user.escrow,
        "trusted": user.trusted,
        "suspicions": user.suspicions,
    }


def _speed(worker: Worker) -> float:
    samples: Iterable[float] = worker.samples
    return sum(samples) / len(worker.samples) if worker.samples else 0.0
