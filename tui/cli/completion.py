"""One prompt to the node's own endpoint, and its answer as it comes: server-sent events in OpenAI's form."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Any

from node.control.client import ControlClient, Refused

LONGEST_EVENT = 4 << 20


@dataclass(frozen=True, slots=True)
class Completion:
    """What came back.

    Attributes:
        job: the node's number of the job, or None if it did not say.
        prompt_tokens, completion_tokens: as the engine counted them.
    """

    job: int | None
    text: str
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int


def ask(
    node: ControlClient, model: str, prompt: str, *, max_tokens: int | None, heard: Callable[[str], None]
) -> Completion:
    """Send a prompt and hand each piece of the answer on as it comes. Closing the connection cancels the job.

    Raises:
        Refused: the node, or its engine in the midst of the answer, says no.
    """
    request: dict[str, object] = {
        "model": model,
        "messages": [{"role": "user", "content": prompt}],
        "stream": True,
        "stream_options": {"include_usage": True},
        **({"max_tokens": max_tokens} if max_tokens else {}),
    }
    pieces: list[str] = []
    finish_reason = ""
    usage: dict[str, Any] = {}
    with node.stream("/v1/chat/completions", request) as answer:
        number = answer.headers.get("x-stoker-job", "")
        for event in events(answer):
            if error := event.get("error"):
                raise Refused(502, str(error.get("code") or ""), str(error.get("message")), "stoker logs")
            usage = event.get("usage") or usage
            for choice in event.get("choices", []):
                finish_reason = choice.get("finish_reason") or finish_reason
                if text := choice.get("delta", {}).get("content"):
                    pieces.append(text)
                    heard(text)
    return Completion(
        job=int(number) if number.isdigit() else None,
        text="".join(pieces),
        finish_reason=finish_reason,
        prompt_tokens=int(usage.get("prompt_tokens", 0)),
        completion_tokens=int(usage.get("completion_tokens", 0)),
    )


def events(answer: HTTPResponse) -> Iterator[dict[str, Any]]:
    """The JSON object of each event up to ``[DONE]``."""
    while line := answer.readline(LONGEST_EVENT):
        if not line.startswith(b"data:"):
            continue
        data = line[5:].strip()
        if data == b"[DONE]":
            return
        yield json.loads(data)
