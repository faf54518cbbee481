"""The first frame of a worker: what the coordinator makes of it, and what it refuses. Pure but for the books."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from node.networks.aipg.strikes import Strikes
from node.rehearsal.aipg.books import Account, Books

CONNECTING = frozenset({"worker.connect", "inference.submit"})
FORMATS = ("openai-chat", "openai-responses", "anthropic")
KINDS = ("text", "image", "video", "audio", "3d")
LONGEST_COLUMN = 120


class Dropped(Exception):
    """The socket is cut without a close frame and without a word."""


class Turned(Exception):
    """Refused with an error frame and a close code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Registration:
    """A worker as the coordinator understood it. ``models`` is whatever the worker sent: nothing checks it."""

    name: str
    account: Account
    models: object
    job_types: tuple[str, ...]
    api_formats: tuple[str, ...]
    max_context_length: object

    def serves(self, model: str) -> bool:
        return isinstance(self.models, list) and model in self.models


def read_first(message: str | bytes) -> Mapping[str, object]:
    """The frame's object.

    Raises:
        Dropped: it is binary, no JSON, or no object.
    """
    if isinstance(message, bytes):
        raise Dropped
    try:
        frame = json.loads(message)
    except ValueError:
        raise Dropped from None
    if not isinstance(frame, dict):
        raise Dropped
    return frame


def register(frame: Mapping[str, object], books: Books, strikes: Mapping[str, Strikes]) -> Registration:
    """Check in the coordinator's order.

    Raises:
        Turned, Dropped: as the protocol says.
    """
    models = frame.get("models", [])
    if isinstance(models, list) and any(_retired(model) for model in models):
        raise Turned(4003, "Retired model identity: flux.1-krea-dev")
    if "worker_profile" in frame:
        raise Turned(4003, "worker_profile is for managed audio only")
    secret, name = frame.get("apikey"), frame.get("name")
    if not secret or not name or not isinstance(secret, str) or not isinstance(name, str):
        raise Turned(4001, "Missing apikey or name")
    key = books.keys.get(secret)
    if key is None or key.revoked:
        raise Turned(4001, "Invalid API key")
    if not key.scopes & CONNECTING:
        raise Turned(4003, "API key lacks worker.connect scope")
    if key.label.startswith("worker:") and key.label != f"worker:{name}":
        raise Turned(4003, "worker credential targets another rig")
    if name in strikes and strikes[name].barred_for:
        raise Turned(4003, "Worker recently evicted for failed generations; retry shortly.")
    known = books.names.get(name)
    if known is not None and known.account is not key.account:
        raise Turned(4003, "worker name already registered to another account")
    if max(len(name), len(str(frame.get("bridge_agent", "grid-ws")))) > LONGEST_COLUMN:
        raise Dropped
    return Registration(
        name,
        key.account,
        models,
        _chosen(frame.get("job_types", frame.get("worker_type")), KINDS) or ("text",),
        _chosen(frame.get("api_formats"), FORMATS) or ("openai-chat",),
        frame.get("max_context_length", 2048),
    )


def _chosen(given: object, known: tuple[str, ...]) -> tuple[str, ...]:
    listed = given if isinstance(given, list) else [given]
    return tuple(one for one in listed if one in known)


def _retired(model: object) -> bool:
    plain = str(model).lower().replace("_", "-").replace(" ", "-")
    return plain.startswith(("flux.1-krea-dev", "flux1-krea-dev"))
