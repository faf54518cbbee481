"""Requests, and the jobs that are made of them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from node.rehearsal.horde.people import User, Worker

PASSED = (
    "temperature", "top_p", "top_k", "top_a", "min_p", "typical", "tfs", "rep_pen", "rep_pen_range", "rep_pen_slope",
    "smoothing_factor", "dynatemp_range", "dynatemp_exponent", "sampler_order", "stop_sequence",
    "use_default_badwordsids", "singleline", "frmttriminc", "frmtrmblln", "frmtrmspch", "frmtadsnsp",
)  # fmt: skip
"""The parameters that reach a worker; all others are dropped."""

DEFAULTS: Mapping[str, object] = {
    "max_context_length": 2048,
    "max_length": 80,
    "min_p": 0.0,
    "smoothing_factor": 0.0,
    "dynatemp_range": 0.0,
    "dynatemp_exponent": 1.0,
}
"""What every payload holds, even that of an answer without a job."""


@dataclass
class Request:
    """What a client asked for.

    Attributes:
        left: how many of its answers nobody has taken yet.
        faults: how many of its jobs came to nothing; three end it.
    """

    user: User
    prompt: str
    params: Mapping[str, object]
    models: tuple[str, ...]
    made: float
    left: int = 1
    trusted_workers: bool = False
    validated_backends: bool = False
    slow_workers: bool = True
    workers: tuple[str, ...] = ()
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    touched: float = 0.0
    faults: int = 0
    faulted: bool = False
    cancelled: bool = False
    answers: list[dict[str, object]] = field(default_factory=list)

    @property
    def max_length(self) -> int:
        return _integer(self.params.get("max_length"), 80)

    @property
    def max_context(self) -> int:
        return _integer(self.params.get("max_context_length"), 2048)

    def payload(self) -> dict[str, object]:
        """What a worker is sent."""
        given = {name: self.params[name] for name in PASSED if name in self.params}
        lengths = {"max_length": self.max_length, "max_context_length": self.max_context}
        return {"prompt": self.prompt, "n": 1, **DEFAULTS, **given, **lengths}


@dataclass
class Job:
    """One answer that a worker is to give.

    Attributes:
        fake: it was given to a worker that is paused in silence; nobody waits for it.
    """

    request: Request
    worker: Worker
    model: str
    popped: float
    fake: bool = False
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    state: str = "running"  # ok, censored, csam, faulted, aborted


def _integer(value: object, default: int) -> int:
    return value if isinstance(value, int) else default
