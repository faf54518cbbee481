"""Metrics of the cards and of the machine around them. Pure. What a sensor does not give is left out, never zero."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from node.hardware.readings import GpuReading, HostReading
from node.metrics.exposition import Family, Sample


class _Of(NamedTuple):
    """A metric of a card: its name and help, and the values it takes, by the label that tells them apart."""

    name: str
    kind: Literal["counter", "gauge"]
    help: str
    label: str
    values: Callable[[GpuReading], Mapping[str, float | None]]


def _share(percent: float | None) -> float | None:
    return None if percent is None else percent / 100


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


_GPU = (
    _Of(
        "stoker_gpu_temperature_celsius",
        "gauge",
        "Heat, by sensor.",
        "sensor",
        lambda gpu: {"core": gpu.temperature_c, "hot_spot": gpu.hot_spot_c, "memory": gpu.memory_temperature_c},
    ),
    _Of("stoker_gpu_power_watts", "gauge", "Draw of the card.", "", lambda gpu: {"": gpu.power_w}),
    _Of("stoker_gpu_power_limit_watts", "gauge", "Its power limit.", "", lambda gpu: {"": gpu.power_limit_w}),
    _Of(
        "stoker_gpu_energy_joules_total",
        "counter",
        "The card's own counter.",
        "",
        lambda gpu: {"": _times(gpu.energy_mj, 0.001)},
    ),
    _Of("stoker_gpu_busy_ratio", "gauge", "Utilisation.", "", lambda gpu: {"": _share(gpu.utilisation_pct)}),
    _Of("stoker_gpu_memory_used_bytes", "gauge", "Memory in use.", "", lambda gpu: {"": gpu.memory_used}),
    _Of("stoker_gpu_memory_total_bytes", "gauge", "Memory of the card.", "", lambda gpu: {"": gpu.memory_total}),
    _Of(
        "stoker_gpu_clock_hertz",
        "gauge",
        "Clocks.",
        "clock",
        lambda gpu: {"core": _times(gpu.clock_mhz, 1e6), "memory": _times(gpu.memory_clock_mhz, 1e6)},
    ),
    _Of("stoker_gpu_fan_ratio", "gauge", "Speed of the fan.", "", lambda gpu: {"": _share(gpu.fan_pct)}),
    _Of("stoker_gpu_throttled", "gauge", "1 while held back.", "", lambda gpu: {"": int(bool(gpu.throttle))}),
    _Of("stoker_gpu_lost", "gauge", "1 when the card has gone away.", "", lambda gpu: {"": int(gpu.lost)}),
    _Of(
        "stoker_gpu_memory_errors_total",
        "counter",
        "Memory errors over the card's life.",
        "kind",
        lambda gpu: {"corrected": gpu.ecc_corrected, "uncorrected": gpu.ecc_uncorrected},
    ),
    _Of("stoker_gpu_pcie_replays_total", "counter", "Transfers repeated.", "", lambda gpu: {"": gpu.pcie_replays}),
)


def gpu_families(gpus: Iterable[GpuReading]) -> Iterator[Family]:
    """What the cards say."""
    cards = tuple(gpus)
    for metric in _GPU:
        samples = [
            Sample(value, {"gpu": gpu.key, "name": gpu.name} | ({metric.label: part} if metric.label else {}))
            for gpu in cards
            for part, value in metric.values(gpu).items()
            if value is not None
        ]
        yield Family(metric.name, metric.kind, metric.help, tuple(samples))


def host_families(host: HostReading) -> Iterator[Family]:
    """What the machine says."""
    values: dict[str, tuple[str, float | None]] = {
        "stoker_host_cpu_busy_ratio": ("Load of all cores.", _share(host.cpu_pct)),
        "stoker_host_cpu_temperature_celsius": ("Heat of the processor.", host.cpu_temperature_c),
        "stoker_host_cpu_power_watts": ("Draw of the processor.", host.cpu_power_w),
        "stoker_host_memory_used_bytes": ("Memory in use.", host.memory_used),
        "stoker_host_memory_total_bytes": ("Memory of the machine.", host.memory_total),
        "stoker_host_disk_free_bytes": ("Free where the node keeps its data.", host.disk_free),
        "stoker_host_disk_total_bytes": ("Size of that disk.", host.disk_total),
        "stoker_host_net_sent_bytes_per_second": ("Data out.", host.net_sent_bps),
        "stoker_host_net_received_bytes_per_second": ("Data in.", host.net_received_bps),
    }
    for name, (text, value) in values.items():
        yield Family(name, "gauge", text, () if value is None else (Sample(value),))
