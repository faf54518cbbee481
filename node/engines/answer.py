"""An OpenAI stream, event by event, into chunks."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from json import loads

from node.engines.base import EngineError, EngineFault
from node.engines.faults import error_from_object
from node.jobs import Chunk, Usage

DONE = b"[DONE]"
BARE = frozenset({"role", "content"})


class AnswerReader:
    """Collects what arrived until somebody takes it; consecutive plain text becomes one chunk.

    Attributes:
        finished: the engine has said why its answer ends.
        done: it has said that nothing follows.
        waiting: characters that nobody has taken yet.
    """

    def __init__(self) -> None:
        self.finished = False
        self.done = False
        self.waiting = 0
        self._chunks: deque[Chunk] = deque()
        self._texts: list[str] = []
        self._usage: Usage | None = None

    def feed(self, data: bytes) -> None:
        """One event.

        Raises:
            EngineError: the event is an error, or not what a stream may hold.
        """
        if data.startswith(DONE):
            self.end()
            return
        try:
            event = loads(data.decode())
            choices = event.get("choices") or ()
            for choice in choices:
                self._choice(choice)
            usage = event.get("usage")
            if usage is not None:
                self._usage = _usage(usage)
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
            raise EngineError(
                EngineFault.CRASHED, f"the engine sent an event that is not an OpenAI stream event ({error})"
            ) from None
        if not choices and "error" in event:
            raise error_from_object(event["error"])

    def end(self) -> None:
        """Nothing follows; the usage, of which some engines send a running total, is the last one said."""
        if not self.done and self._usage is not None:
            self._add(Chunk(usage=self._usage))
        self.done = True

    def take(self) -> Chunk | None:
        """The next chunk; None if nothing has arrived."""
        if self._chunks:
            chunk = self._chunks.popleft()
            self.waiting -= len(chunk.text)
            return chunk
        if self._texts:
            chunk = self._merged()
            self.waiting -= len(chunk.text)
            return chunk
        return None

    def _choice(self, choice: Mapping[str, object]) -> None:
        delta = choice.get("delta")
        if delta is None:
            text = choice.get("text") or ""
            more = False
        else:
            if not isinstance(delta, Mapping):
                raise TypeError("delta is not an object")
            text = delta.get("content") or ""
            more = not (delta.keys() <= BARE) and any(delta[key] for key in delta.keys() - BARE)
        if not isinstance(text, str):
            raise TypeError("text is not a string")
        finish = choice.get("finish_reason")
        if finish is None and not more and not choice.get("index") and choice.get("logprobs") is None:
            if text:
                self._texts.append(text)
                self.waiting += len(text)
            return
        self._rich(choice, text, finish, more)

    def _rich(self, choice: Mapping[str, object], text: str, finish: object, more: bool) -> None:
        if finish is not None and not isinstance(finish, str):
            raise TypeError("finish_reason is not a string")
        first = not choice.get("index")
        whole = more or not first or choice.get("logprobs") is not None
        self._add(
            Chunk(
                text=text,
                deltas=1 if text or more else 0,
                choice=choice if whole else None,
                finish_reason=finish if first else None,
            )
        )
        self.finished = self.finished or finish is not None

    def _add(self, chunk: Chunk) -> None:
        if self._texts:
            self._chunks.append(self._merged())
        self._chunks.append(chunk)
        self.waiting += len(chunk.text)

    def _merged(self) -> Chunk:
        texts = self._texts
        chunk = Chunk(text="".join(texts), deltas=len(texts))
        texts.clear()
        return chunk


def _usage(usage: Mapping[str, object]) -> Usage:
    prompt, completion = usage["prompt_tokens"], usage.get("completion_tokens", 0)
    if type(prompt) is not int or type(completion) is not int or prompt < 0 or completion < 0:
        raise TypeError("usage holds something that is not a number of tokens")
    return Usage(prompt, completion)
