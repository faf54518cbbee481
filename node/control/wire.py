"""What clients of the control API see: plain frozen dataclasses, cheap to import.

Times ending in ``_at`` are Unix seconds, durations are seconds, sizes are bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from node.hardware.alarm import Alarm, Severity
from node.hardware.ceiling import HeatCeiling
from node.hardware.course import Course
from node.hardware.readings import HOST, GpuProcess, GpuReading, HardwareReading, HostReading, Xid
from node.hardware.series import Trail
from node.jobs import JobState

__all__ = [
    "HOST",
    "PROTOCOL",
    "Alarm",
    "BalanceView",
    "Counts",
    "Course",
    "Earning",
    "Electricity",
    "EngineView",
    "GpuProcess",
    "GpuReading",
    "HardwareReading",
    "HeatCeiling",
    "History",
    "Holding",
    "HostReading",
    "JobState",
    "JobView",
    "LedgerEvent",
    "LogLine",
    "Movement",
    "MovementPage",
    "NodeView",
    "PowerToday",
    "QueueView",
    "SettingView",
    "Severity",
    "Snapshot",
    "StateLine",
    "StateWord",
    "Today",
    "Trail",
    "Transfer",
    "WalletMark",
    "WalletView",
    "Xid",
]

PROTOCOL = 1
"""Major version of the control protocol; a client refuses a newer one."""


class StateWord(StrEnum):
    """What the node is doing, in one word that every screen and command uses."""

    WORKING = "WORKING"
    WAITING = "WAITING"
    RESTING = "RESTING"
    YOURS = "YOURS"
    COOLING = "COOLING"
    DRAINING = "DRAINING"
    BLOCKED = "BLOCKED"


@dataclass(frozen=True, slots=True)
class StateLine:
    """What the node is doing, why, and what would change it.

    Attributes:
        action: what the guard has it do: ``run``, ``slow`` (with fewer slots), ``hold`` (take nothing new) or ``stop``
            (give back what may be given back, and free the cards).
        paused: the owner told it to rest. anyway: the owner told it to run in spite of the limits.
    """

    word: StateWord
    reason: str
    remedy: str = ""
    since_at: float = 0.0
    notes: tuple[str, ...] = ()  # true beside the state, such as "the engine runs on the CPU of a machine with a GPU"
    action: str = "run"
    paused: bool = False
    anyway: bool = False


@dataclass(frozen=True, slots=True)
class NodeView:
    """Who is speaking."""

    name: str
    version: str
    pid: int
    started_at: float
    data_dir: str
    identity: str  # fingerprint of the node's public key
    endpoint: str = ""  # the owner's own OpenAI-compatible address; empty if switched off
    loop_lag_p99_ms: float | None = None


@dataclass(frozen=True, slots=True)
class EngineView:
    """One engine and the model it serves."""

    name: str
    status: str
    detail: str = ""
    remedy: str = ""
    device: str = ""
    models: tuple[str, ...] = ()
    slots: int = 0
    busy: int = 0
    tokens_per_second: float = 0.0
    restarts: int = 0


@dataclass(frozen=True, slots=True)
class JobView:
    """One job: running, waiting, or ended.

    ``tokens`` is a live estimate while it runs and the engine's own count once it has ended. ``progress`` of a prompt
    that is still being read is not known; ``first_token`` is None then.
    """

    number: int
    id: str
    network: str
    model: str
    state: JobState
    client: str = ""
    accepted_at: float = 0.0
    started_at: float | None = None
    ended_at: float | None = None
    deadline_at: float | None = None
    prompt_tokens: int | None = None
    tokens: int = 0
    max_tokens: int | None = None
    tokens_per_second: float | None = None
    first_token: float | None = None  # seconds from acceptance
    queued: float | None = None
    compute: float | None = None
    joules: float | None = None
    cost_micro: int | None = None  # of its share of the energy, in millionths of ``currency``
    currency: str = ""
    reward: str = ""  # as the network stated it, with its asset
    reason: str = ""
    entry: int | None = None  # the ledger entry that holds its latest word


@dataclass(frozen=True, slots=True)
class QueueView:
    """What one network has running and waiting here, and waiting on its own side if it says."""

    network: str
    running: int = 0
    waiting: int = 0
    depth: int | None = None
    connected: bool = True
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many jobs ended how."""

    done: int = 0
    failed: int = 0
    cancelled: int = 0
    expired: int = 0
    returned: int = 0


@dataclass(frozen=True, slots=True)
class Earning:
    """One asset, in its base units: three different claims, never one number."""

    asset: str
    decimals: int
    claimed: int = 0  # what the network stated, job by job
    credited: int = 0  # what its own books showed later
    paid: int = 0  # what came


@dataclass(frozen=True, slots=True)
class PowerToday:
    """What the whole machine took today while a node ran, and what that cost.

    Attributes:
        cost_micro: in millionths of ``currency``; None if no price is known. unpriced_joules: what it leaves out.
        earned_micro: what was claimed today in assets that have a fixed price in this currency; None if there are none.
        idle_watts, working_watts: mean draw without and with jobs.
        carbon_g: grams of CO2; None if not known.
    """

    idle_joules: float = 0.0
    working_joules: float = 0.0
    idle_watts: float | None = None
    working_watts: float | None = None
    cost_micro: int | None = None
    currency: str = ""
    unpriced_joules: float = 0.0
    earned_micro: int | None = None
    carbon_g: float | None = None

    @property
    def net_micro(self) -> int | None:
        """Earned less cost, of what has a price; None if either is not known."""
        known = self.cost_micro is not None and self.earned_micro is not None
        return (self.earned_micro or 0) - (self.cost_micro or 0) if known else None


@dataclass(frozen=True, slots=True)
class Electricity:
    """What power costs now.

    Attributes:
        price_micro: of a kilowatt-hour, in millionths of the currency; None if not known.
        price_source: where that comes from. source: where the energy figures come from. Both in words.
        hour_micro: what an hour costs at the present draw. worth_micro: what a kilowatt-hour of work lately earned.
        carbon: grams of CO2 for a kilowatt-hour.
    """

    currency: str
    price_micro: int | None = None
    price_source: str = ""
    source: str = ""
    watts: float | None = None
    hour_micro: int | None = None
    worth_micro: int | None = None
    carbon: float | None = None


@dataclass(frozen=True, slots=True)
class Today:
    """Since local midnight."""

    since_at: float
    counts: Counts = field(default_factory=Counts)
    prompt_tokens: int = 0
    completion_tokens: int = 0
    compute: float = 0.0
    joules: float | None = None
    earnings: tuple[Earning, ...] = ()
    power: PowerToday | None = None


@dataclass(frozen=True, slots=True)
class Transfer:
    """A download or an import under way."""

    name: str
    done: int
    total: int | None
    rate: float | None = None  # bytes per second
    detail: str = ""


@dataclass(frozen=True, slots=True)
class WalletMark:
    """The active wallet, as the state line shows it."""

    name: str
    address: str
    locked: bool | None = None  # None: there is no key here to lock
    backed_up: bool | None = None  # None: there is nothing here to back up


@dataclass(frozen=True, slots=True)
class WalletView:
    """One named wallet."""

    name: str
    address: str
    chain: str  # solana, base
    store: str  # keyring, vault, credentials, watch-only
    store_detail: str = ""  # a sentence: where the key lies and who may read it
    active: bool = False
    locked: bool | None = None
    backed_up: bool | None = None
    created_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Holding:
    """So much of one asset at an address, in base units."""

    asset: str
    decimals: int
    units: int
    name: str = ""
    mint: str = ""
    known: bool = True  # False: a token nobody here vouches for
    worth: str = ""  # in the currency of the prices, with its code; empty if there is no price
    worth_at: float | None = None
    worth_stale: bool = False


@dataclass(frozen=True, slots=True)
class BalanceView:
    """What an address holds, or why that is not known. Never a number that nobody stated."""

    wallet: str
    address: str
    cluster: str
    at: float | None = None
    holdings: tuple[Holding, ...] = ()
    problem: str = ""
    remedy: str = ""
    endpoints: tuple[str, ...] = ()  # one sentence on each


@dataclass(frozen=True, slots=True)
class Movement:
    """One change of one asset by one transaction."""

    signature: str
    at: float | None
    direction: str  # in, out, self
    asset: str
    decimals: int
    units: int
    counterparty: str = ""
    memo: str = ""
    fee_units: int | None = None
    known: bool = True
    failed: bool = False


@dataclass(frozen=True, slots=True)
class MovementPage:
    """History, newest first; ``older`` fetches the next page."""

    wallet: str
    movements: tuple[Movement, ...] = ()
    older: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The node at one moment, whole."""

    at: float
    tick: int
    node: NodeView
    state: StateLine
    engines: tuple[EngineView, ...] = ()
    slots: int = 0
    busy: int = 0
    tokens_per_second: float = 0.0
    busy_pct: float = 0.0  # share of slot time in use over the last five minutes
    jobs: tuple[JobView, ...] = ()  # running first, then waiting
    recent: tuple[JobView, ...] = ()  # ended, newest first, a handful
    queues: tuple[QueueView, ...] = ()
    today: Today = field(default_factory=lambda: Today(0.0))
    hardware: HardwareReading | None = None
    transfers: tuple[Transfer, ...] = ()
    wallet: WalletMark | None = None
    electricity: Electricity | None = None
    alarms: tuple[Alarm, ...] = ()  # what is wrong with the machine, the gravest first
    ceilings: tuple[HeatCeiling, ...] = ()  # of every sensor that gives a reading


@dataclass(frozen=True, slots=True)
class History:
    """The last minutes, one value a second, oldest first; None where there was no reading."""

    ends_at: float
    tokens_per_second: tuple[float | None, ...] = ()
    busy_slots: tuple[float | None, ...] = ()
    temperature_c: tuple[float | None, ...] = ()
    power_w: tuple[float | None, ...] = ()
    cpu_pct: tuple[float | None, ...] = ()
    trails: tuple[Trail, ...] = ()  # of each card and the host


@dataclass(frozen=True, slots=True)
class LedgerEvent:
    """One entry of the books, as it is written."""

    seq: int
    at: float
    kind: str
    hash: str  # hexadecimal
    summary: str  # one line for a person
    body: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the node's log."""

    seq: int
    at: float
    level: str
    source: str
    message: str


@dataclass(frozen=True, slots=True)
class SettingView:
    """One setting, as a form shows it.

    Attributes:
        key: dotted, as in the file: ``engine.slots``.
        kind: ``text``, ``integer``, ``number``, ``switch``, ``choice`` or ``list``.
        value: as it stands now. default: what it would be. Both as text, the way the file would have it.
        source: ``default``, ``file`` or ``environment``.
        restart: it takes effect at the next start of the node.
    """

    key: str
    kind: str
    value: str
    default: str
    help: str
    source: str = "default"
    choices: tuple[str, ...] = ()
    restart: bool = True
