"""How the networks that the node works for look over the wire."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class NetworkState(StrEnum):
    """How it goes with one network, in one word.

    ``off``: switched off by the owner. ``joining``: no answer yet. ``ready``: connected, no job in hand. ``working``:
    jobs in hand. ``slowed``: it gets fewer jobs in hand than it could have, for ``reason``. ``parked``: nothing is
    asked of it until ``retry_at``, or until the owner has changed something. ``barred``: this node may not work for it
    as it is, such as with an engine outside its box.
    """

    OFF = "off"
    JOINING = "joining"
    READY = "ready"
    WORKING = "working"
    SLOWED = "slowed"
    PARKED = "parked"
    BARRED = "barred"


@dataclass(frozen=True, slots=True)
class Coin:
    """So much of one asset, in base units."""

    asset: str
    decimals: int
    units: int


@dataclass(frozen=True, slots=True)
class NetworkModel:
    """One model as a network sees it.

    Attributes:
        served: our name for it. name: the network's.
        known: whether it is on the network's list. validated: whether it pays our software in full; None: no such rule.
        a_job, an_hour: expected rewards of a usual job, and of an hour in which every slot is busy; None: not known.
        barred: why it is not offered, such as its licence; empty if it is.
    """

    served: str
    name: str
    known: bool | None = None
    validated: bool | None = None
    a_job: Coin | None = None
    an_hour: Coin | None = None
    barred: str = ""


@dataclass(frozen=True, slots=True)
class Rewards:
    """One asset that a network pays in, since the books began, and in the last hour.

    Attributes:
        held: what it probably holds back and shows nobody: our estimate; None where it holds nothing back.
    """

    asset: str
    decimals: int
    claimed: int = 0
    credited: int = 0
    paid: int = 0
    held: int | None = None
    hour_claimed: int = 0
    hour_credited: int = 0
    hour_paid: int = 0


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that a network said, or that went wrong with it."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class NetworkView:
    """One network that the owner has joined.

    Attributes:
        kind: which protocol: ``horde``, ``aipg``, ``usepod``.
        reason, remedy: of the state, for a person. retry_at: when it is tried again, where that is known.
        detail: how the account stands, in the network's own words and figures.
        share_pct: of the engine's busy time in the last hour. weight: the owner's.
        pay_micro: measured income for a second of the engine, in millionths of ``currency``; None without a price.
        depth: jobs that wait in the network for our models. running, waiting: jobs of it in hand here.
        hour_done, hour_failed: jobs that ended in the last hour.
        seen_at: when it was last asked how we stand.
        accepted_at: when the owner accepted its page.
    """

    name: str
    kind: str
    title: str
    state: NetworkState
    reason: str = ""
    remedy: str = ""
    since_at: float = 0.0
    retry_at: float | None = None
    enabled: bool = True
    url: str = ""
    worker_name: str = ""
    weight: float = 1.0
    models: tuple[NetworkModel, ...] = ()
    running: int = 0
    waiting: int = 0
    depth: int | None = None
    detail: str = ""
    share_pct: float | None = None
    pay_micro: float | None = None
    currency: str = ""
    hour_done: int = 0
    hour_failed: int = 0
    rewards: tuple[Rewards, ...] = ()
    faults: tuple[Remark, ...] = ()  # newest first
    messages: tuple[Remark, ...] = ()  # from its moderators, newest first
    maintenance: bool | None = None  # None: it has no such switch
    seen_at: float | None = None
    accepted_at: float = 0.0
    key_kept: str = ""  # where its key is kept, in words


@dataclass(frozen=True, slots=True)
class PagePart:
    """One heading of a network's page and what stands under it."""

    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class NetworkKind:
    """A network that can be joined, and the page to be read before.

    Attributes:
        needs_key: an API key of the owner's account; a network without makes a key of its own here.
        home: its usual address. page_version: changes when the page does; what is accepted is this one.
        experimental: the notice that has to be agreed to as well; empty for most.
        account: the web page where an account and its key are had; empty where that is not known, or none is needed.
    """

    kind: str
    title: str
    summary: str
    home: str
    needs_key: bool
    pays: str
    page: tuple[PagePart, ...]
    page_version: str
    experimental: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at before joining. ``remedy`` is empty where nothing is needed."""

    good: bool
    what: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found before joining a network, or of one that was joined."""

    findings: tuple[Finding, ...] = ()
    models: tuple[NetworkModel, ...] = ()
