"""How a generation request is said to an OpenAI-compatible server."""

from __future__ import annotations

import json
from collections.abc import Mapping

from node.jobs import GenerationRequest


def path_of(request: GenerationRequest) -> str:
    """The endpoint under the server's root."""
    return "/v1/completions" if request.messages is None else "/v1/chat/completions"


def body_of(request: GenerationRequest, *, model: str | None = None) -> bytes:
    """The JSON body: always a stream, always with usage at its end.

    Args:
        model: the server's own name for the model, where it differs from the one that jobs use.
    """
    body: dict[str, object] = dict(request.options)
    body["model"] = request.model if model is None else model
    if request.messages is None:
        body["prompt"] = request.prompt
    else:
        body["messages"] = request.messages
    if request.max_tokens is not None:
        body["max_tokens"] = request.max_tokens
    body["stream"] = True
    body["stream_options"] = {"include_usage": True}
    return json.dumps(body, separators=(",", ":"), default=_plain).encode()


def _plain(value: object) -> dict[object, object]:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a request holds a {type(value).__name__}, which JSON cannot say")
