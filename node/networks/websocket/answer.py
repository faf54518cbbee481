"""An answer as it grows: what the last frame of a job needs to say."""

from __future__ import annotations

from dataclasses import dataclass, field

from node.jobs import Chunk, Usage


@dataclass(slots=True)
class Answer:
    """What has been computed of one job.

    Attributes:
        model: the network's name for the model. place: the connection that it goes through, from 1.
        began_at, first_at, ended_at: monotonic seconds; None until it happens.
        pieces: frames that have carried some of it. sent_bytes: for dialects that count them.
    """

    job_id: str
    model: str
    place: int
    began_at: float
    first_at: float | None = None
    ended_at: float | None = None
    finish_reason: str = ""
    usage: Usage | None = None
    tools: bool = False
    pieces: int = 0
    sent_bytes: int = 0
    _texts: list[str] = field(default_factory=list)
    _thoughts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What a reader sees."""
        return "".join(self._texts)

    @property
    def reasoning(self) -> str:
        """What the model thought on the way."""
        return "".join(self._thoughts)

    @property
    def empty(self) -> bool:
        """Nothing that anyone could read or call."""
        return not (self.tools or self.text.strip() or self.reasoning.strip())

    def add(self, chunk: Chunk, now: float) -> None:
        """Take in what came at this monotonic second."""
        if self.first_at is None and (chunk.text or chunk.choice is not None):
            self.first_at = now
        if chunk.text:
            self._texts.append(chunk.text)
        delta = delta_of(chunk)
        thought = delta.get("reasoning_content")
        if isinstance(thought, str):
            self._thoughts.append(thought)
        self.tools = self.tools or bool(delta.get("tool_calls"))
        self.finish_reason = chunk.finish_reason or self.finish_reason
        self.usage = chunk.usage or self.usage


def delta_of(chunk: Chunk) -> dict[str, object]:
    """What is new in a chunk, as an OpenAI ``delta``: content, reasoning_content, tool_calls, refusal."""
    choice = chunk.choice or {}
    said = choice.get("delta")
    delta = dict(said) if isinstance(said, dict) else {}
    if "reasoning" in delta:
        delta.setdefault("reasoning_content", delta.pop("reasoning"))
    known = {
        key: value for key, value in delta.items() if key in ("reasoning_content", "tool_calls", "refusal") and value
    }
    return {"content": chunk.text, **known} if chunk.text else known
