"""What workers may send, checked as the schema of the AI Horde checks it. Unknown fields are ignored."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass

from node.rehearsal.horde.refusals import Refused, schema

VERSION = re.compile(r"[0-9]+(\.[0-9]+){0,2}([-+.][0-9A-Za-z.-]+)?")
FORBIDDEN = ("colab", "tpu", "google")
PROFANE = ("fuck", "nazi")
STATES = ("ok", "censored", "faulted", "csam")


@dataclass(frozen=True, slots=True)
class Pop:
    """A pop as it was understood."""

    name: str
    models: tuple[str, ...]
    max_length: int
    max_context: int
    agent: str
    threads: int
    amount: int
    priority: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Submit:
    """A submit as it was understood."""

    id: str
    generation: str
    state: str


def read_pop(body: Mapping[str, object]) -> Pop:
    """
    Raises:
        Refused: a field is not as it should be.
    """
    name = body.get("name")
    if not isinstance(name, str):
        raise schema(name="'name' is a required property")
    name = html.escape(name[:100], quote=False)
    if any(word in name.lower() for word in FORBIDDEN):
        raise Refused(400, "BadRequest", "This worker name is reserved")
    if any(word in name.lower() for word in PROFANE):
        raise Refused(400, "ProfaneWorkerName", "The worker name contains profanity")
    agent = body.get("bridge_agent", "unknown:0:unknown")
    if not isinstance(agent, str) or len(agent) > 1000:
        raise schema(bridge_agent="too long")
    if any(word in agent.lower() for word in PROFANE):
        raise Refused(400, "ProfaneBridgeAgent", "The bridge agent contains profanity")
    priority = _texts(body, "priority_usernames", 0, 100)
    if any("#" not in user for user in priority):
        raise Refused(400, "InvalidPriorityUsername", "Priority usernames need the form alias#id")
    return Pop(
        name=name,
        models=_texts(body, "models", 3, 255)[:200],
        max_length=_integer(body, "max_length", 512, 1, 1 << 20),
        max_context=_integer(body, "max_context_length", 2048, 1, 1 << 21),
        agent=_agent(agent),
        threads=_integer(body, "threads", 1, 1, 50),
        amount=_integer(body, "amount", 1, 1, 20),
        priority=priority,
    )


def read_submit(body: Mapping[str, object]) -> Submit:
    """
    Raises:
        Refused: a field is not as it should be.
    """
    for field in ("id", "generation"):
        if not isinstance(body.get(field), str):
            raise schema(**{field: f"'{field}' is a required property"})
    state = body.get("state", "ok")
    if state not in STATES:
        raise schema(state=f"{state!r} is not one of {list(STATES)}")
    metadata = body.get("gen_metadata", [])
    if not isinstance(metadata, list) or len(metadata) > 50:
        raise schema(gen_metadata="is too long")
    for entry in metadata:
        if not isinstance(entry, dict) or (entry.get("type"), entry.get("value")) != ("censorship", "csam"):
            raise schema(gen_metadata=f"{entry!r:.100} is not of a known type")
    return Submit(str(body["id"]), str(body["generation"]).replace("\0", ""), str(state))


def _agent(text: str) -> str:
    parts = text.split(":", 2)
    return text if len(parts) == 3 and VERSION.fullmatch(parts[1]) else "unknown:0:unknown"


def _integer(body: Mapping[str, object], field: str, default: int, least: int, most: int) -> int:
    value = body.get(field, default)
    if type(value) is not int:
        raise schema(**{field: f"{value!r:.100} is not of type 'integer'"})
    if value < least:
        raise schema(**{field: f"{value} is less than the minimum of {least}"})
    if value > most:
        raise schema(**{field: f"{value} is greater than the maximum of {most}"})
    return value


def _texts(body: Mapping[str, object], field: str, least: int, most: int) -> tuple[str, ...]:
    values = body.get(field, [])
    if not isinstance(values, list):
        raise schema(**{field: f"{values!r:.100} is not of type 'array'"})
    for value in values:
        if not isinstance(value, str) or not least <= len(value) <= most:
            raise schema(**{field: f"{value!r:.100} is too short, too long or no text"})
    return tuple(values)
