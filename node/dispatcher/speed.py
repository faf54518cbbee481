"""How fast each model is here, measured on the jobs themselves. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from node.jobs import Job, Usage

MEMORY = 0.8  # of an exponential mean: what is kept of the old value at each job
SMALLEST_SAMPLE = 8  # tokens; shorter answers say little about speed
RECENT_SECONDS = 5.0


@dataclass(slots=True)
class _Speed:
    prompt: float | None = None  # tokens per second while reading
    answer: float | None = None  # tokens per second of one stream while writing
    length: float | None = None  # tokens of an answer


class Speeds:
    """Tokens per second of one stream, by model."""

    def __init__(self) -> None:
        self._models: dict[str, _Speed] = {}

    def note(self, model: str, usage: Usage, reading: float, writing: float) -> None:
        """Learn from a job.

        Args:
            reading: seconds from its slot to the first token. writing: seconds from the first token to the last.
        """
        speed = self._models.setdefault(model, _Speed())
        if usage.prompt_tokens >= SMALLEST_SAMPLE and reading > 0:
            speed.prompt = _mean(speed.prompt, usage.prompt_tokens / reading)
        if usage.completion_tokens:
            length = float(usage.completion_tokens)
            speed.length = length if speed.length is None else speed.length * 0.95 + length * 0.05
        if usage.completion_tokens >= SMALLEST_SAMPLE and writing > 0:
            speed.answer = _mean(speed.answer, (usage.completion_tokens - 1) / writing)

    def seconds(self, model: str, prompt_tokens: int, answer_tokens: int) -> float | None:
        """How long such a job would compute; None until enough has been measured."""
        speed = self._models.get(model)
        if speed is None or speed.answer is None:
            return None
        reading = prompt_tokens / speed.prompt if speed.prompt else 0.0
        return reading + answer_tokens / speed.answer

    def usual(self, model: str) -> int:
        """Tokens of a usual answer; 0 until one has been seen."""
        speed = self._models.get(model)
        return 0 if speed is None or speed.length is None else round(speed.length)


def hopeless(job: Job, speeds: Speeds, now: float) -> bool:
    """Whether it would miss its deadline even if it got a slot now (monotonic seconds), at the measured speed.

    Clients ask for far more than answers need: so a job is taken to be no longer than twice the usual answer.
    """
    tokens = job.request.max_tokens if job.least_tokens is None else job.least_tokens
    if job.deadline is None or tokens is None:
        return False
    needed = speeds.seconds(job.model, 0, min(tokens, 2 * speeds.usual(job.model)))
    return needed is not None and now + needed > job.deadline


class Throughput:
    """Tokens per second over the last few seconds, over all streams together.

    Attributes:
        total: all tokens since the start.
    """

    def __init__(self) -> None:
        self.total = 0
        self._seen: deque[tuple[float, int]] = deque()
        self._sum = 0

    def note(self, now: float, tokens: int) -> None:
        """So many tokens have just come. Arrivals within 50 ms are kept as one."""
        self.total += tokens
        self._sum += tokens
        if self._seen and now - self._seen[-1][0] < 0.05:
            self._seen[-1] = (self._seen[-1][0], self._seen[-1][1] + tokens)
        else:
            self._seen.append((now, tokens))

    def rate(self, now: float) -> float:
        """Tokens per second, averaged over the time since the oldest arrival that still counts."""
        while self._seen and now - self._seen[0][0] > RECENT_SECONDS:
            self._sum -= self._seen.popleft()[1]
        if not self._seen:
            return 0.0
        return self._sum / max(1.0, now - self._seen[0][0])


def _mean(old: float | None, new: float) -> float:
    return new if old is None else old * MEMORY + new * (1 - MEMORY)
