"""Answers in one piece: the chunks of a job put together again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from node.jobs import Chunk, Usage
from node.networks.local.events import Shape, usage_fields


class WholeAnswer:
    """Collects the chunks of one answer."""

    def __init__(self, shape: Shape, answer_id: str, model: str, created: int) -> None:
        self._shape = shape
        self._frame = {"id": answer_id, "object": shape.whole, "created": created, "model": model}
        self._texts: list[str] = []
        self._said: dict[str, list[str]] = {}  # further text of the message: reasoning, refusal
        self._calls: dict[int, dict[str, Any]] = {}
        self._logprobs: dict[str, list[object]] = {}
        self._finish_reason = "stop"
        self._usage: Usage | None = None

    def add(self, chunk: Chunk) -> None:
        if chunk.text:
            self._texts.append(chunk.text)
        if chunk.choice is not None:
            self._add_choice(chunk.choice)
        if chunk.finish_reason is not None:
            self._finish_reason = chunk.finish_reason
        if chunk.usage is not None:
            self._usage = chunk.usage

    def body(self) -> bytes:
        """The JSON of the answer."""
        return json.dumps({**self._frame, "choices": [self._choice()], "usage": usage_fields(self._usage)}).encode()

    def _choice(self) -> dict[str, object]:
        text = "".join(self._texts)
        ending = {"logprobs": self._logprobs or None, "finish_reason": self._finish_reason}
        if not self._shape.chat:
            return {"index": 0, "text": text, **ending}
        message: dict[str, object] = {"role": "assistant", "content": text}
        message.update({name: "".join(pieces) for name, pieces in self._said.items()})
        if self._calls:
            message["tool_calls"] = [call for _, call in sorted(self._calls.items())]
            message["content"] = text or None
        return {"index": 0, "message": message, **ending}

    def _add_choice(self, choice: Mapping[str, object]) -> None:
        logprobs = choice.get("logprobs")
        if isinstance(logprobs, Mapping):
            for name, values in logprobs.items():
                if isinstance(values, list):
                    self._logprobs.setdefault(name, []).extend(values)
        delta = choice.get("delta")
        if not isinstance(delta, Mapping):
            return
        for name, value in delta.items():
            if name == "tool_calls" and isinstance(value, list):
                for call in value:
                    self._add_call(call)
            elif isinstance(value, str) and name not in ("content", "role"):
                self._said.setdefault(name, []).append(value)

    def _add_call(self, piece: object) -> None:
        """Tool calls come in pieces that name their place: the first says what is called, all append arguments."""
        if not isinstance(piece, Mapping):
            return
        place = piece.get("index", 0)
        call = self._calls.setdefault(
            place if isinstance(place, int) else 0,
            {"id": "", "type": "function", "function": {"name": "", "arguments": ""}},
        )
        call["id"] = piece.get("id") or call["id"]
        function = piece.get("function")
        if isinstance(function, Mapping):
            for name in ("name", "arguments"):
                call["function"][name] += function.get(name) or ""
