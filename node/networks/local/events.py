"""Answers as server-sent events, OpenAI's way: what does not change in a stream is built once."""

from __future__ import annotations

import json
from dataclasses import dataclass

from node.jobs import Chunk, Usage
from node.networks.local.errors import ApiError

DONE = b"data: [DONE]\n\n"


@dataclass(frozen=True, slots=True)
class Shape:
    """What sets chats and completions apart.

    Attributes:
        id_prefix: how the ids of answers begin.
        whole, part: the ``object`` of a whole answer and of an event.
        before, after: the JSON of an event's choice on both sides of its text.
        opening: the choice that opens a stream, if one does. ending: the last choice, before its finish reason.
    """

    id_prefix: str
    whole: str
    part: str
    before: str
    after: str
    opening: str
    ending: str
    chat: bool


CHAT = Shape(
    id_prefix="chatcmpl-",
    whole="chat.completion",
    part="chat.completion.chunk",
    before='{"index":0,"delta":{"content":',
    after='},"finish_reason":null}',
    opening='{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}',
    ending='{"index":0,"delta":{},"finish_reason":',
    chat=True,
)

COMPLETION = Shape(
    id_prefix="cmpl-",
    whole="text_completion",
    part="text_completion",
    before='{"index":0,"text":',
    after=',"logprobs":null,"finish_reason":null}',
    opening="",
    ending='{"index":0,"text":"","logprobs":null,"finish_reason":',
    chat=False,
)


class EventStream:
    """Turns the chunks of one answer into the bytes of its events."""

    def __init__(self, shape: Shape, answer_id: str, model: str, created: int, *, include_usage: bool) -> None:
        self.finish_reason = "stop"
        self.usage: Usage | None = None
        self._shape = shape
        self._include_usage = include_usage
        self._head = (
            f'data: {{"id":{json.dumps(answer_id)},"object":"{shape.part}","created":{created},'
            f'"model":{json.dumps(model)},"choices":['
        )
        self._tail = '],"usage":null}\n\n' if include_usage else "]}\n\n"
        self._before = self._head + shape.before
        self._after = shape.after + self._tail

    def opening(self) -> bytes:
        """What comes before the first chunk."""
        return self._event(self._shape.opening) if self._shape.opening else b""

    def piece(self, chunk: Chunk) -> bytes:
        """The event of one chunk; empty if it says nothing to the client."""
        if chunk.finish_reason is not None:
            self.finish_reason = chunk.finish_reason
        if chunk.usage is not None:
            self.usage = chunk.usage
        if chunk.choice is not None:
            return self._event(json.dumps({**chunk.choice, "index": 0, "finish_reason": None}))
        if chunk.text:
            return f"{self._before}{json.dumps(chunk.text)}{self._after}".encode()
        return b""

    def closing(self) -> bytes:
        """What comes after the last chunk, but for ``DONE``."""
        end = self._event(f"{self._shape.ending}{json.dumps(self.finish_reason)}}}")
        if not self._include_usage:
            return end
        return end + f'{self._head}],"usage":{json.dumps(usage_fields(self.usage))}}}\n\n'.encode()

    def failure(self, error: ApiError) -> bytes:
        """The event that ends a stream which cannot go on."""
        return b"data: " + error.body() + b"\n\n"

    def _event(self, choice: str) -> bytes:
        return f"{self._head}{choice}{self._tail}".encode()


def usage_fields(usage: Usage | None) -> dict[str, int] | None:
    """The tokens as the engine counted them; None if it never said."""
    if usage is None:
        return None
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.total_tokens,
    }
