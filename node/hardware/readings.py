"""What the sensors say, frozen. A value that the machine cannot give is None, never an exception and never a zero."""

from __future__ import annotations

from dataclasses import dataclass

HOST = "host"
"""The name of the machine around the cards among the devices."""


@dataclass(frozen=True, slots=True)
class GpuProcess:
    """A program that uses a card.

    Attributes:
        name: as the host calls it; empty if it may not be seen.
        kind: ``compute``, ``graphics``, or ``both``.
        memory: bytes of the card's memory; None if the driver does not say.
        ours: it is the node or one of its children, such as the engine.
    """

    pid: int
    name: str
    kind: str
    memory: int | None = None
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Xid:
    """An error that the driver reported of a card: NVIDIA's number for it, and when (Unix seconds)."""

    at: float
    number: int


@dataclass(frozen=True, slots=True)
class GpuReading:
    """One card, once.

    Units: degrees Celsius, watts, percent, bytes, MHz; ``energy_mj`` is the card's own counter in millijoules.

    Attributes:
        address: on the PCI bus.
        margin_c: how many degrees are left until the card slows itself down, where it says so itself.
        power_min_w, power_max_w: between which the power limit may be set.
        pcie_generation, pcie_width: of the link as it is now; cards lower the generation while they rest.
        pcie_replays: transfers that had to be repeated, since the driver was loaded.
        ecc_corrected, ecc_uncorrected: memory errors over the card's life.
        remapped_rows: rows of memory replaced by spare ones. remap_pending: a replacement waits for a reset.
        remap_failed: there was no spare row left.
        mig: the card is cut into instances; utilisation is then unknown.
        processes: the programs that use it; None if the driver does not say.
        xids: the latest errors that the driver reported, oldest first.
        throttle: why the clocks are held back, in words; empty if they are not.
        lost: the card has gone away (fell off the bus, driver gone); its other values are then None.
        throttle_fault: a reason in ``throttle`` is a fault (heat, power brake), not the ordinary power limit.
        power_includes_cpu: an APU, whose power reading covers the processor too.
    """

    index: int
    name: str
    uuid: str = ""
    backend: str = ""
    temperature_c: float | None = None
    temperature_limit_c: float | None = None
    hot_spot_c: float | None = None
    memory_temperature_c: float | None = None
    power_w: float | None = None
    power_limit_w: float | None = None
    power_default_w: float | None = None
    energy_mj: int | None = None
    utilisation_pct: float | None = None
    memory_used: int | None = None
    memory_total: int | None = None
    clock_mhz: int | None = None
    memory_clock_mhz: int | None = None
    fan_pct: float | None = None
    throttle: tuple[str, ...] = ()
    lost: bool = False
    throttle_fault: bool = False
    power_includes_cpu: bool = False
    address: str = ""
    margin_c: float | None = None
    power_min_w: float | None = None
    power_max_w: float | None = None
    clock_max_mhz: int | None = None
    pcie_generation: int | None = None
    pcie_generation_max: int | None = None
    pcie_width: int | None = None
    pcie_width_max: int | None = None
    pcie_replays: int | None = None
    ecc_corrected: int | None = None
    ecc_uncorrected: int | None = None
    remapped_rows: int | None = None
    remap_pending: bool = False
    remap_failed: bool = False
    mig: bool = False
    processes: tuple[GpuProcess, ...] | None = None
    xids: tuple[Xid, ...] = ()

    @property
    def key(self) -> str:
        """What names this card from one start to the next."""
        return self.uuid or f"{self.backend} {self.index}"


@dataclass(frozen=True, slots=True)
class HostReading:
    """The machine around the cards. Units: percent, bytes, bytes per second, degrees Celsius, watts."""

    cpu_name: str = ""
    cpu_count: int | None = None
    cpu_pct: float | None = None
    cpu_mhz: float | None = None
    load_1m: float | None = None
    memory_used: int | None = None
    memory_total: int | None = None
    swap_used: int | None = None
    disk_free: int | None = None
    disk_total: int | None = None
    net_sent_bps: float | None = None
    net_received_bps: float | None = None
    cpu_temperature_c: float | None = None
    cpu_power_w: float | None = None
    battery_pct: float | None = None
    on_battery: bool | None = None


@dataclass(frozen=True, slots=True)
class HardwareReading:
    """Everything the sensors said at one moment.

    Attributes:
        at: wall clock, Unix seconds.
        energy_mj: all energy that can be measured since the node began, millijoules; None if nothing measures it.
        energy_source: where that comes from in words, such as ``NVML counter`` or ``RAPL``; empty if nothing does.
        cost_us: what taking this reading cost, microseconds of wall time off the event loop.
    """

    at: float
    host: HostReading
    gpus: tuple[GpuReading, ...] = ()
    energy_mj: int | None = None
    energy_source: str = ""
    cost_us: int = 0
