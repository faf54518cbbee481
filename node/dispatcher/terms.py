"""On what terms each network works here: its weight against the others, and how many jobs it may have in hand. Pure.

Pay makes the weights and conduct the limits; this ties both to the allocation. The owner's own use is under neither:
its weight is fixed and high, so that it is served ahead, and the floor under the others keeps them from starving.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from node.dispatcher.allocation import Allocation
from node.dispatcher.pay import Pay, shares
from node.dispatcher.probation import Conduct, End, Probation, Verdict
from node.jobs import JobState
from wallet.money import Amount

OWN_WEIGHT = 8.0  # what a weight of the owner's own use counts against that of a network: 80 % beside two of them
PRESENT_SECONDS = 60.0  # after its last job, a network still counts where the floor is measured
UNDELIVERED_A_SLOT = 16  # finished answers that a network may keep waiting before it gets no more jobs

Worth = Callable[[Amount], int | None]
"""An amount in millionths of the owner's currency; None where it has no price."""


@dataclass(slots=True)
class _Member:
    weight: float
    own: bool
    seen_at: float | None = None
    undelivered: int = 0


class Terms:
    """Keeps the allocation's weights and limits in step with what is known of the networks."""

    def __init__(self, allocation: Allocation, worth: Worth) -> None:
        self._allocation = allocation
        self._worth = worth
        self._members: dict[str, _Member] = {}
        self._pay = Pay()
        self._probation = Probation()

    def join(self, network: str, weight: float, *, own: bool) -> None:
        """A network takes part from now on.

        Args:
            own: it is the owner's own use.
        """
        self._members[network] = _Member(weight * OWN_WEIGHT if own else weight, own)

    def leave(self, network: str) -> None:
        """A network takes part no longer; when it comes back, nothing is held against it."""
        self._members.pop(network, None)
        self._pay.forget(network)
        self._probation.forget(network)

    def weigh(self, network: str, weight: float) -> None:
        """The owner has given a network another weight."""
        member = self._members[network]
        member.weight = weight * OWN_WEIGHT if member.own else weight

    def ended(self, network: str, ending: End, seconds: float, reward: Amount | None, now: float) -> None:
        """A job has ended after so many seconds in its slot."""
        member = self._members.get(network)
        if member is None or member.own:
            return
        self._probation.note(network, ending, now)
        if ending.state is JobState.DONE:
            worth = None if reward is None else self._worth(reward)
            if worth is not None:
                self._pay.note(network, seconds, worth)
        elif not ending.recalled and ending.fault is None:
            self._pay.note(network, seconds, None)

    def review(self, now: float, undelivered: Mapping[str, int]) -> None:
        """Set weights and limits anew.

        Args:
            undelivered: how many finished answers wait for each network to take them.
        """
        for network, member in self._members.items():
            member.undelivered = undelivered.get(network, 0)
            if any(self._allocation.counts(network)):
                member.seen_at = now
            if not member.own:
                self._allocation.confine(network, self._most(network, now))
        weights = self._weights(now)
        present = {network for network in weights if self._is_present(network, now)}
        for network in weights:
            group = {other: weights[other] for other in present | {network}}
            self._allocation.weigh(network, shares(group)[network] * sum(group.values()))

    def conduct(self, network: str, now: float) -> Conduct:
        """How a network behaves."""
        member = self._members.get(network)
        conduct = self._probation.conduct(network, now)
        if member is not None and conduct.verdict is not Verdict.PARKED and self._clogged(member):
            return Conduct(Verdict.SLOWED, f"it has {member.undelivered} finished answers yet to take")
        return conduct

    def pay(self, network: str) -> float | None:
        """What a network pays for a second of a slot, in millionths of the owner's currency; None if not known."""
        return self._pay.measured(network)

    def _weights(self, now: float) -> dict[str, float]:
        own = {network: member.weight for network, member in self._members.items() if member.own}
        others = {network: member.weight for network, member in self._members.items() if not member.own}
        return own | self._pay.weights(others, now)

    def _most(self, network: str, now: float) -> int | None:
        verdict = self.conduct(network, now).verdict
        if verdict is Verdict.PARKED or self._clogged(self._members[network]):
            return 0
        return 1 if verdict is Verdict.SLOWED else None

    def _clogged(self, member: _Member) -> bool:
        return member.undelivered >= UNDELIVERED_A_SLOT * (1 + self._allocation.slots())

    def _is_present(self, network: str, now: float) -> bool:
        seen_at = self._members[network].seen_at
        return seen_at is not None and now - seen_at <= PRESENT_SECONDS
