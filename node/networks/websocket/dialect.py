"""What sets one network of the family apart from another: the words of its frames."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from node.engines.base import EngineError
from node.jobs import Chunk
from node.networks.base import JobEnded
from node.networks.websocket.answer import Answer
from node.networks.websocket.frames import Frame, printable
from node.networks.websocket.link import Link, Lost
from wallet.money import Amount


@dataclass(frozen=True, slots=True)
class Announced:
    """One model as it is announced: the network's name for it, and the context it runs with."""

    name: str
    context: int


@dataclass(frozen=True, slots=True)
class Announcement:
    """What one connection offers.

    Attributes:
        place: its number among this network's connections, from 1.
        jobs: how many jobs at once: as many as there are tickets for.
    """

    place: int
    models: tuple[Announced, ...]
    jobs: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A job that the network wants done.

    Attributes:
        model: the network's name. body: an OpenAI chat request, unchecked.
        seconds: how long from now the answer is wanted.
    """

    id: str
    model: str
    body: Mapping[str, object]
    seconds: float


@dataclass(frozen=True, slots=True)
class Cancel:
    """The network wants a job no longer."""

    id: str


@dataclass(frozen=True, slots=True)
class Ack:
    """The network has an answer, and says what it is worth."""

    id: str
    reward: Amount | None


@dataclass(frozen=True, slots=True)
class Reply:
    """Something to be answered at once."""

    frame: Frame


Heard = Offer | Cancel | Ack | Reply | None


@dataclass(frozen=True, slots=True)
class Load:
    """How busy one connection is.

    Attributes:
        in_hand: jobs whose answer is not finished. silence: seconds since we last said anything.
    """

    in_hand: int
    silence: float


class Refused(Exception):
    """The network does not let us in.

    Attributes:
        rest: seconds after which it may; None if something has to change first.
        remedy: what the owner can do about it; empty if nothing, or if nobody knows.
    """

    def __init__(self, reason: str, rest: float | None = None, remedy: str = "") -> None:
        super().__init__(reason)
        self.reason = printable(reason)
        self.rest = rest
        self.remedy = remedy


class Dialect(Protocol):
    """The words of one network.

    Attributes:
        url: where to dial. tls: what to trust there; None for what the system trusts.
        jobs_per_link: how many jobs one connection carries at once; None for any number.
        ack_seconds: how long the network's word on an answer may take; None if it gives none.
        pulse_seconds: how often ``pulse`` is asked.
    """

    url: str
    tls: ssl.SSLContext | None
    jobs_per_link: int | None
    ack_seconds: float | None
    pulse_seconds: float

    async def greet(self, link: Link, announcement: Announcement) -> None:
        """Say who we are and what we offer, on a fresh connection.

        Raises:
            Refused: we are not let in.
        """

    def lost(self, lost: Lost) -> Refused | None:
        """What a connection's end means, where it means more than bad luck."""

    def hear(self, frame: Frame) -> Heard:
        """What a frame says; None if nothing that matters.

        Raises:
            Garbage: it lacks what it needs.
        """

    def piece(self, answer: Answer, chunk: Chunk) -> Frame | None:
        """The frame that carries a piece of an answer, if it carries anything."""

    def done(self, answer: Answer) -> tuple[Frame, ...]:
        """The frames that end an answer."""

    def failed(self, answer: Answer, error: EngineError) -> Frame | None:
        """How a failure is told; None to hand the job back by leaving."""

    def ended(self, answer: Answer, ended: JobEnded) -> Frame | None:
        """How it is told that we end a job ourselves; None to hand it back by leaving."""

    def cancelled(self, answer: Answer) -> Frame | None:
        """How a cancellation is confirmed; None to say nothing."""

    def crowded(self, offer: Offer) -> Frame | None:
        """How a job beyond our tickets is refused; None if it may wait in hand instead."""

    def pulse(self, load: Load) -> Frame | None:
        """What keeps the connection alive, if anything has to be said now."""
