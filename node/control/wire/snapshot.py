"""The node at one moment, and what is told of it afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from node.control.wire.power import Electricity, PowerToday
from node.control.wire.wallet import WalletMark
from node.hardware.alarm import Alarm
from node.hardware.ceiling import HeatCeiling
from node.hardware.readings import HardwareReading
from node.hardware.series import Trail
from node.jobs import JobState

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
