"""What a job is, from the moment it is taken to its receipt. Frozen and pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from wallet.money import Amount


class JobState(StrEnum):
    """Where a job stands. The last five are final; an accepted job ends in exactly one of them."""

    WAITING = "waiting"  # in hand, no slot yet
    RUNNING = "running"  # holds a slot of an engine
    DELIVERING = "delivering"  # computed, the slot is free again, the network has not confirmed yet
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"  # by the client, the network or the owner
    EXPIRED = "expired"  # its deadline passed
    RETURNED = "returned"  # given back to its network unfinished

    @property
    def final(self) -> bool:
        return self in FINAL_STATES


FINAL_STATES = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED, JobState.EXPIRED, JobState.RETURNED})

EMPTY: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """What an engine is asked for, in OpenAI's words.

    Exactly one of ``messages`` (a chat) and ``prompt`` (a completion) is set.

    Attributes:
        model: the name under which the node serves the model.
        max_tokens: upper bound of new tokens; None leaves it to the context.
        options: further OpenAI fields, already checked by the adapter that made the request
            (temperature, top_p, seed, stop, tools, response_format, logprobs, ...), passed through as they are.
    """

    model: str
    messages: tuple[Mapping[str, object], ...] | None = None
    prompt: str | None = None
    max_tokens: int | None = None
    options: Mapping[str, object] = field(default_factory=lambda: EMPTY)

    def __post_init__(self) -> None:
        if (self.messages is None) == (self.prompt is None):
            raise ValueError("a generation request has either messages or a prompt")


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the engine counted them, never as stream chunks were counted."""

    prompt_tokens: int
    completion_tokens: int

    @property
    def total_tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class Chunk:
    """One piece of an answer as it leaves the engine.

    Attributes:
        text: new text; what arrived together is one chunk, so it may hold several tokens.
        deltas: how many stream events of the engine were merged here (a live estimate of tokens, never billed).
        choice: the engine's own choice object where it carries more than text
            (tool calls, log probabilities, reasoning); ``text`` then repeats its text, if any.
        finish_reason: set once, on the chunk that ends the answer: stop, length, tool_calls, ...
        usage: set once, at the end.
    """

    text: str = ""
    deltas: int = 0
    choice: Mapping[str, object] | None = None
    finish_reason: str | None = None
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work that a network gave us.

    Attributes:
        id: unique within its network.
        network: the adapter's name.
        client: who asked, as the network tells (an access key's name, a peer); for the owner's eyes only.
        deadline: monotonic seconds after which nobody wants the answer; None where the network sets none.
        least_tokens: the shortest answer that its network takes where the whole one would be late; None: only the
            whole one.
    """

    id: str
    network: str
    request: GenerationRequest
    client: str = ""
    deadline: float | None = None
    least_tokens: int | None = None

    @property
    def model(self) -> str:
        return self.request.model


@dataclass(frozen=True, slots=True)
class Receipt:
    """How a job ended and what it took. Integers, for the books.

    Attributes:
        number: the node's own running number of the job.
        state: one of the final states.
        reason: why it ended so, in words; empty for an ordinary DONE.
        usage: None if the engine never said.
        queued_us: from acceptance to its slot, microseconds.
        first_token_us: from acceptance to the first token; None if there was none.
        compute_us: how long it held its slot.
        energy_mj: its share of the energy, millijoules; None where nothing measures it.
        reward: as the network stated it; None where the work is unpaid or the network is silent.
        cost_micro: what its share of the energy cost, in millionths of ``currency``; None where no price is known.
    """

    number: int
    job_id: str
    network: str
    model: str
    state: JobState
    reason: str = ""
    usage: Usage | None = None
    queued_us: int = 0
    first_token_us: int | None = None
    compute_us: int = 0
    energy_mj: int | None = None
    reward: Amount | None = None
    cost_micro: int | None = None
    currency: str = ""

    def __post_init__(self) -> None:
        if not self.state.final:
            raise ValueError(f"a receipt is for a job that ended, not for one that is {self.state}")
