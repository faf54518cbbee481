"""Answers as the bytes of OpenAI's event stream, for networks that pass them on to their callers as they are."""

from __future__ import annotations

from node.clock import Clock
from node.jobs import Chunk
from node.networks.local.events import CHAT, DONE, EventStream
from node.networks.websocket.answer import Answer


class EventStreams:
    """The streams of all jobs in hand."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._streams: dict[str, EventStream] = {}

    def piece(self, answer: Answer, chunk: Chunk) -> bytes:
        """The events of one chunk, after the opening one before the first; empty if it says nothing to the caller."""
        stream = self._streams.get(answer.job_id)
        if stream is not None:
            return stream.piece(chunk)
        created = self._clock.wall_ns() // 10**9
        stream = EventStream(CHAT, f"chatcmpl-{answer.job_id}", answer.model, created, include_usage=True)
        self._streams[answer.job_id] = stream
        return stream.opening() + stream.piece(chunk)

    def closing(self, answer: Answer) -> bytes:
        """The end of a stream: its finish reason, the usage, and the mark that nothing follows."""
        return self._streams.pop(answer.job_id).closing() + DONE

    def drop(self, answer: Answer) -> None:
        """This one is not ended."""
        self._streams.pop(answer.job_id, None)
