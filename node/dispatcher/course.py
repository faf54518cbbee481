"""What one job did when, what came of it, and the receipt that follows from that. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from node.dispatcher.energy import Spent
from node.jobs import Chunk, Job, JobState, Receipt, Usage
from wallet.money import Amount


@dataclass(slots=True)
class Course:
    """Moments are in the clock's monotonic seconds; None for what has not happened.

    Attributes:
        accepted_wall_ns: when it was accepted, nanoseconds since 1970 in UTC.
        deltas: tokens that have come, as far as the engine lets us count them before it tells the ``usage``.
    """

    accepted_at: float
    accepted_wall_ns: int
    started_at: float | None = None
    first_token_at: float | None = None
    stopped_at: float | None = None
    deltas: int = 0
    usage: Usage | None = None

    @property
    def computing(self) -> bool:
        """It holds a slot, even if it has been told to stop and the engine has not let go yet."""
        return self.started_at is not None and self.stopped_at is None

    @property
    def seconds(self) -> float | None:
        """How long it was in a slot; None if it never was, or still is."""
        return None if self.started_at is None or self.stopped_at is None else self.stopped_at - self.started_at

    @property
    def reading(self) -> float | None:
        """Seconds from its slot to the first token; None if none has come."""
        return None if self.started_at is None or self.first_token_at is None else self.first_token_at - self.started_at

    @property
    def writing(self) -> float | None:
        """Seconds from the first token to the end of the computing; None if there was no such time."""
        return None if self.stopped_at is None or self.first_token_at is None else self.stopped_at - self.first_token_at

    def came(self, chunk: Chunk, now: float) -> None:
        """A piece of the answer."""
        if self.first_token_at is None and (chunk.text or chunk.choice):
            self.first_token_at = now
        if chunk.usage is not None:
            self.usage = chunk.usage
        self.deltas += chunk.deltas

    def receipt(
        self, number: int, job: Job, state: JobState, reason: str, reward: Amount | None, spent: Spent, currency: str
    ) -> Receipt:
        """What the books are told of a job that has stopped.

        Args:
            currency: of what it spent, if that is known.
        """
        stopped = self.accepted_at if self.stopped_at is None else self.stopped_at
        waited_until = stopped if self.started_at is None else self.started_at
        first = self.first_token_at
        return Receipt(
            number=number,
            job_id=job.id,
            network=job.network,
            model=job.model,
            state=state,
            reason=reason,
            usage=self.usage,
            queued_us=_microseconds(waited_until - self.accepted_at),
            first_token_us=None if first is None else _microseconds(first - self.accepted_at),
            compute_us=_microseconds(self.seconds or 0.0),
            energy_mj=spent.energy_mj,
            reward=reward,
            cost_micro=spent.cost_micro,
            currency=currency if spent.cost_micro is not None else "",
        )


def _microseconds(seconds: float) -> int:
    return max(0, round(seconds * 1_000_000))
