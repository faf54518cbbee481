"""What the stand-in goes by: the AI Horde's numbers, each of which a test may set otherwise."""

from __future__ import annotations

from dataclasses import dataclass

ANONYMOUS = "0000000000"
VALIDATED_BACKENDS = frozenset(
    {"AI Horde Worker", "AI Horde Worker~aphrodite~oai", "AI Horde Worker~aphrodite~kai", "KoboldCppEmbedWorker",
     "TabbyAPI"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rules:
    """Seconds and counts.

    Attributes:
        ttl: a text job is aborted so long after its pop, by a cleaner that comes every ``cleaning``.
        check_in: pops within so many seconds change nothing of a worker, except within its first ones.
        stale: a worker that has not popped for so long is offline.
        cached: how old answers about users and workers may be. ledger: how late balances are.
        uptime: accumulated time that is rewarded once.
        dropped_jobs: more of them in an hour bring maintenance.
        suspicions: so many, and an untrusted worker is paused in silence.
        untrusted_workers, trusted_workers: of one account.
        trust_days, trust_escrow: age of an account in days and escrow in kudos for trust.
        polls_per_second, reads_per_minute, writes_per_minute: for each address.
    """

    ttl: float = 150.0
    cleaning: float = 60.0
    check_in: float = 30.0
    stale: float = 300.0
    cached: float = 30.0
    ledger: float = 3.0
    refresh: float = 30.0
    uptime: float = 600.0
    request_lives: float = 1200.0
    message_lives: float = 12 * 3600.0
    dropped_jobs: int = 20
    suspicions: int = 5
    untrusted_workers: int = 3
    trusted_workers: int = 20
    trust_days: float = 7.0
    trust_escrow: int = 50_000
    polls_per_second: int = 60
    reads_per_minute: int = 90
    writes_per_minute: int = 30
