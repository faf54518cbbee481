"""What is written into the books: one frozen record for each kind of entry.

``to_body`` flattens a record into integers and texts, leaving out what is None; ``from_body`` reads it back and
tolerates fields that a newer Stoker added.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, Self, cast

from node.jobs import JobState, Receipt, Usage
from node.ledger.chain import Body
from node.ledger.flat import Flat, bounded_units, expected, plain
from wallet.money import Amount, Asset

__all__ = [
    "EnergyUsed",
    "JobAccepted",
    "JobFinished",
    "NodeStarted",
    "NodeStopped",
    "OwnerCommand",
    "Record",
    "Settlement",
    "StateChanged",
    "read",
]

MAX_WORTH = 10**15
"""Bound of what one settlement is worth, in millionths: a thousand million of any currency."""


def _line(text: str) -> str:
    """One line that a terminal can show, whatever strangers wrote into it."""
    return "".join(sign if sign.isprintable() else " " for sign in text).rstrip()


@dataclass(frozen=True, slots=True)
class NodeStarted(Flat):
    """A node began to run. ``identity`` is the fingerprint of its key."""

    kind: ClassVar[str] = "node_started"
    version: str
    identity: str

    def summary(self) -> str:
        return _line(f"node started, version {self.version}")


@dataclass(frozen=True, slots=True)
class NodeStopped(Flat):
    """The node stopped in order."""

    kind: ClassVar[str] = "node_stopped"
    reason: str

    def summary(self) -> str:
        return _line(f"node stopped: {self.reason}")


@dataclass(frozen=True, slots=True)
class StateChanged(Flat):
    """The node's state word, why, and what would change it."""

    kind: ClassVar[str] = "state_changed"
    word: str
    reason: str
    remedy: str

    def summary(self) -> str:
        return _line(f"{self.word}: {self.reason}")


@dataclass(frozen=True, slots=True)
class OwnerCommand(Flat):
    """The owner told the node to do something. ``uid`` and ``pid`` are the peer's, where the system tells."""

    kind: ClassVar[str] = "owner_command"
    command: str
    arguments: str
    uid: int | None
    pid: int | None

    def summary(self) -> str:
        return _line(f"owner: {self.command} {self.arguments}")


@dataclass(frozen=True, slots=True)
class JobAccepted(Flat):
    """A job is in hand. Written before its first token.

    Attributes:
        number: the node's own running number; never used twice.
        expires_in_ms: how long its network will wait from now; None if it sets no limit.
    """

    kind: ClassVar[str] = "job_accepted"
    number: int
    job_id: str
    network: str
    model: str
    client: str
    expires_in_ms: int | None

    def summary(self) -> str:
        return _line(f"#{self.number} {self.network} accepted, {self.model}")


@dataclass(frozen=True, slots=True)
class JobFinished:
    """A job ended, in the words and figures of its receipt."""

    kind: ClassVar[str] = "job_finished"
    receipt: Receipt

    def to_body(self) -> dict[str, int | str]:
        receipt = self.receipt
        values: dict[str, int | str | None] = {
            "number": receipt.number,
            "job_id": receipt.job_id,
            "network": receipt.network,
            "model": receipt.model,
            "state": receipt.state.value,
            "reason": receipt.reason,
            "queued_us": receipt.queued_us,
            "first_token_us": receipt.first_token_us,
            "compute_us": receipt.compute_us,
            "energy_mj": receipt.energy_mj,
            "cost_micro": receipt.cost_micro,
            "currency": receipt.currency or None,
        }
        if receipt.usage is not None:
            values["prompt_tokens"] = receipt.usage.prompt_tokens
            values["completion_tokens"] = receipt.usage.completion_tokens
        body = {name: plain(name, value) for name, value in values.items() if value is not None}
        if receipt.reward is not None:
            asset = receipt.reward.asset
            body |= {
                "asset": plain("asset", asset.code),
                "decimals": asset.decimals,
                "units": bounded_units(receipt.reward.units),
            }
        return body

    @classmethod
    def from_body(cls, body: Mapping[str, object]) -> Self:
        """
        Raises:
            ValueError: a field is missing or of the wrong type; names it.
        """

        def text(name: str) -> str:
            return cast("str", expected(cls.kind, body, name, str))

        def integer(name: str) -> int:
            return cast("int", expected(cls.kind, body, name, int))

        def maybe(name: str) -> int | None:
            return integer(name) if name in body else None

        usage = Usage(integer("prompt_tokens"), integer("completion_tokens")) if "prompt_tokens" in body else None
        reward = None
        if "units" in body:
            reward = Amount(integer("units"), Asset(text("asset"), integer("decimals")))
        return cls(
            Receipt(
                number=integer("number"),
                job_id=text("job_id"),
                network=text("network"),
                model=text("model"),
                state=JobState(text("state")),
                reason=text("reason"),
                usage=usage,
                queued_us=integer("queued_us"),
                first_token_us=maybe("first_token_us"),
                compute_us=integer("compute_us"),
                energy_mj=maybe("energy_mj"),
                reward=reward,
                cost_micro=maybe("cost_micro"),
                currency=text("currency") if "currency" in body else "",
            )
        )

    def summary(self) -> str:
        receipt = self.receipt
        parts = [f"#{receipt.number} {receipt.network} {receipt.state}"]
        if receipt.usage is not None:
            parts.append(f"{receipt.usage.completion_tokens} tok")
        parts.append(f"{receipt.compute_us / 1e6:.1f} s")
        if receipt.reward is not None:
            parts.append(str(receipt.reward))
        return _line(", ".join(parts) + (f": {receipt.reason}" if receipt.reason else ""))


@dataclass(frozen=True, slots=True)
class EnergyUsed(Flat):
    """What the whole machine took in a span of time, an hour at most while the node runs in order.

    Attributes:
        since_ns, until_ns: nanoseconds since 1970 in UTC.
        idle_mj, working_mj: millijoules without and with jobs; idle_ms, working_ms: for how long.
        cost_micro: in millionths of ``currency``, may be negative; None if no price was known.
        unpriced_mj: the part of the energy that the cost leaves out.
        carbon_ug: micrograms of CO2; None if not known.
        source: where the energy figures come from, in words.
    """

    kind: ClassVar[str] = "energy_used"
    since_ns: int
    until_ns: int
    idle_mj: int
    working_mj: int
    idle_ms: int
    working_ms: int
    cost_micro: int | None
    unpriced_mj: int
    carbon_ug: int | None
    currency: str
    source: str

    def summary(self) -> str:
        minutes = (self.until_ns - self.since_ns) / 60e9
        cost = "" if self.cost_micro is None else f", {self.cost_micro / 1e6:.4f} {self.currency}"
        return _line(f"{(self.idle_mj + self.working_mj) / 3.6e9:.4f} kWh in {minutes:.0f} min{cost}")


@dataclass(frozen=True, slots=True)
class Settlement(Flat):
    """What was later seen in a network's books (``credited``) or on chain (``paid``).

    Attributes:
        units: in base units; negative where a network took something back.
        refers: the number of the job that it is for; None if it is for many.
        reference: the network's or the chain's own name for it, such as a transaction signature.
        worth_micro: what it was worth when it was written down, in millionths of ``currency`` (as in ISO 4217).
        price_source: where the rate came from, and the rate, in words. All three are None where no price was known.
        received_ns: when it came, as the network or the chain has it, nanoseconds since 1970 in UTC; None: just now.
    """

    kind: ClassVar[str] = "settlement"
    network: str
    asset: str
    decimals: int
    units: int
    claim: Literal["credited", "paid"]
    refers: int | None
    reference: str
    worth_micro: int | None = None
    currency: str | None = None
    price_source: str | None = None
    received_ns: int | None = None

    def __post_init__(self) -> None:
        if self.claim not in ("credited", "paid"):
            raise ValueError(f"settlement.claim: expected 'credited' or 'paid', got {self.claim!r}")
        Asset(self.asset, self.decimals)
        if len({self.worth_micro is None, not self.currency, not self.price_source}) != 1:
            raise ValueError("settlement: worth_micro, currency and price_source are given together or not at all")
        if not -MAX_WORTH <= (self.worth_micro or 0) <= MAX_WORTH:
            raise ValueError(f"settlement.worth_micro: {self.worth_micro} does not fit the books")

    @property
    def amount(self) -> Amount:
        return Amount(self.units, Asset(self.asset, self.decimals))

    def summary(self) -> str:
        return _line(f"{self.network} {self.claim} {self.amount}")


Record = NodeStarted | NodeStopped | StateChanged | OwnerCommand | JobAccepted | JobFinished | Settlement | EnergyUsed

_KINDS: dict[str, type[Record]] = {
    record.kind: record
    for record in (
        NodeStarted,
        NodeStopped,
        StateChanged,
        OwnerCommand,
        JobAccepted,
        JobFinished,
        Settlement,
        EnergyUsed,
    )
}


def read(kind: str, body: Body) -> Record:
    """The record of an entry.

    Raises:
        ValueError: the kind is unknown, or the body is not one of this kind.
    """
    record = _KINDS.get(kind)
    if record is None:
        raise ValueError(f"unknown kind of entry {kind!r}; expected one of {', '.join(_KINDS)}")
    return record.from_body(body)
