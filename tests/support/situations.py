"""Moments of a node and its machine, for tests of the guard."""

from __future__ import annotations

from dataclasses import replace

from node.engines.base import EngineHealth, EngineStatus
from node.guard import Memory, Policy, Situation, Verdict, judge
from node.hardware.readings import GpuProcess, GpuReading, HardwareReading, HostReading

ON_CARD = EngineHealth(EngineStatus.READY, device="NVIDIA GeForce RTX 4090 (CUDA)")
NOON = 1_800_000_000.0

CARD = GpuReading(
    index=0,
    name="NVIDIA GeForce RTX 4090",
    temperature_c=60,
    temperature_limit_c=95,
    power_w=250,
    memory_used=9 << 30,
    memory_total=24 << 30,
)
HOST = HostReading(cpu_temperature_c=55, disk_free=100 << 30)
READING = HardwareReading(at=NOON, host=HOST, gpus=(CARD,))
AT_WORK = Situation(at=NOON, engines=(ON_CARD,), models=1, slots=4, running=2, hardware=READING, currency="EUR")


def card(**values: object) -> Situation:
    """At work, with a card that reads so."""
    return replace(AT_WORK, hardware=replace(READING, gpus=(replace(CARD, **values),)))  # type: ignore[arg-type]


def host(**values: object) -> Situation:
    """At work, on a host that reads so."""
    return replace(AT_WORK, hardware=replace(READING, host=replace(HOST, **values)))  # type: ignore[arg-type]


def programs(*programs: GpuProcess) -> Situation:
    """At work, with these programs on the card."""
    return card(processes=programs)


class Guarded:
    """A guard with its memory, asked again and again while the test moves the clock."""

    def __init__(self, policy: Policy | None = None) -> None:
        self.policy = policy or Policy()
        self.now = 1000.0
        self.memory = Memory()

    def judge(self, situation: Situation, after: float = 1.0) -> Verdict:
        """So many seconds later."""
        self.now += after
        verdict, self.memory = judge(situation, self.policy, self.memory, self.now)
        return verdict

    def judge_for(self, situation: Situation, seconds: float) -> Verdict:
        """The same situation once a second for so long; the last verdict."""
        for _ in range(round(seconds)):
            verdict = self.judge(situation)
        return verdict
