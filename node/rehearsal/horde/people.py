"""Accounts and workers, with what the stand-in writes down about them."""

from __future__ import annotations

import uuid
from collections import deque
from dataclasses import dataclass, field

from node.rehearsal.horde.rules import Rules


@dataclass
class User:
    """An account. Money in hundredths of kudos.

    Attributes:
        escrow: what is held back until the account is trusted; its owner cannot see it.
        due: what the ledger has not applied yet, with its time.
    """

    alias: str
    key: str
    created: float
    trusted: bool = False
    moderator: bool = False
    flagged: bool = False
    cents: int = 0
    escrow: int = 0
    suspicions: int = 0
    fulfilled: int = 0
    tokens: int = 0
    due: deque[tuple[float, int]] = field(default_factory=deque)

    def credit(self, cents: int, at: float) -> None:
        """The ledger will apply it at that time."""
        self.due.append((at, cents))

    def settle(self, now: float) -> None:
        """Apply what is due."""
        while self.due and self.due[0][0] <= now:
            self.cents += self.due.popleft()[1]

    def earn(self, cents: int, now: float, rules: Rules) -> None:
        """The reward of a job: half of an untrusted owner's goes into escrow."""
        held = 0 if self.trusted else round(round(cents / 100 / 2, 2) * 100)
        self.escrow += held
        self.credit(cents - held, now + rules.ledger)

    def earn_uptime(self, cents: int, now: float, rules: Rules) -> None:
        """The reward of being there: an untrusted owner's goes into escrow whole."""
        if self.trusted:
            self.credit(cents, now + rules.ledger)
        else:
            self.escrow += cents

    def consider_trust(self, now: float, rules: Rules) -> None:
        """Trust comes by age and escrow, and frees the escrow."""
        old_enough = now - self.created >= rules.trust_days * 86_400
        if not self.trusted and old_enough and self.escrow > rules.trust_escrow * 100 and not self.suspicions:
            self.trust(now, rules)

    def trust(self, now: float, rules: Rules) -> None:
        """Make it trusted; what was held back becomes its own."""
        self.trusted = True
        self.credit(self.escrow, now + rules.ledger)
        self.escrow = 0


@dataclass
class Worker:
    """One worker.

    Attributes:
        paid: the reward of each job that counts, hundredths of kudos, by its id.
        faked: how many jobs it did for nothing while it was paused in silence.
        offered: requests of which it had a fake job already.
        samples: tokens a second of its latest jobs. speed: what other rules take from them, refreshed now and then.
    """

    name: str
    owner: User
    since: float
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    models: list[str] = field(default_factory=list)
    max_length: int = 512
    max_context: int = 2048
    agent: str = "unknown:0:unknown"
    threads: int = 1
    info: str | None = None
    maintenance: bool = False
    maintenance_message: str = ""
    flagged_maintenance: bool = False
    paused: bool = False
    suspicions: int = 0
    checked_in: float | None = None
    last_pop: float = 0.0
    uptime: float = 0.0
    uptime_unpaid: float = 0.0
    uptime_cents: int = 0
    paid: dict[str, int] = field(default_factory=dict)
    faked: int = 0
    drops: deque[float] = field(default_factory=deque)
    dropped: int = 0
    offered: set[str] = field(default_factory=set)
    samples: deque[float] = field(default_factory=lambda: deque(maxlen=20))
    speed: float | None = None
    speed_at: float = 0.0

    @property
    def backend(self) -> str:
        """The name of its software, without version and address."""
        return self.agent.split(":", 1)[0]

    def drop(self, now: float, rules: Rules) -> None:
        """It did not finish a job; too many of them within an hour bring maintenance and suspicion."""
        self.dropped += 1
        self.drops.append(now)
        while self.drops and now - self.drops[0] > 3600:
            self.drops.popleft()
        if len(self.drops) > rules.dropped_jobs and not self.maintenance:
            self.maintenance = True
            self.maintenance_message = "Worker put into maintenance automatically: it is dropping too many jobs."
            self.suspect(1, rules)

    def suspect(self, times: int, rules: Rules) -> None:
        """So much more suspicion; untrusted workers are paused by it, and not told."""
        self.suspicions += times
        self.owner.suspicions += times
        if self.suspicions >= rules.suspicions and not self.owner.trusted:
            self.paused = True
