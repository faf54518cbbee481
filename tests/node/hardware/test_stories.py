"""Whole stories below the real nvidia-ml-py: from what NVML answers to what the node does and tells its owner."""

from __future__ import annotations

import pytest
from fake_nvml import FakeNvml
from hand_clock import HandClock

from node.alerts import Changes, Notice
from node.engines.base import EngineHealth, EngineStatus
from node.guard import Action, Memory, Policy, Situation, Verdict, judge
from node.hardware.health import Alarm, Health, Work
from node.hardware.nvidia import NvidiaBackend
from node.hardware.readings import HardwareReading, HostReading

ON_THE_CARD = EngineHealth(status=EngineStatus.READY, device="CUDA0")


class Story:
    """A node's senses and judgement, one look a second."""

    def __init__(self, nvidia: NvidiaBackend, clock: HandClock) -> None:
        self.nvidia = nvidia
        self.clock = clock
        self.health = Health()
        self.changes = Changes("rig", settle=5.0)
        self.memory = Memory()
        self.verdicts: list[Verdict] = []
        self.alarms: tuple[Alarm, ...] = ()
        self.notices: list[Notice] = []
        nvidia.open()

    def go_on(self, seconds: int) -> None:
        for _ in range(seconds):
            reading = HardwareReading(self.clock.now, HostReading(), self.nvidia.read())
            situation = Situation(
                at=self.clock.now, engines=(ON_THE_CARD,), models=1, slots=4, running=2, hardware=reading
            )
            verdict, self.memory = judge(situation, Policy(), self.memory, self.clock.now)
            self.verdicts.append(verdict)
            self.alarms = self.health.observe(reading, Work(), self.clock.now)
            self.notices += self.changes.update(self.alarms, self.clock.now, self.clock.now)
            self.clock.now += 1


@pytest.fixture
def story(nvml: FakeNvml, nvidia: NvidiaBackend, clock: HandClock) -> Story:
    nvml.add_card()
    return Story(nvidia, clock)


def test_a_card_that_is_lost_blocks_the_node_and_lets_it_work_when_it_is_back(story: Story, nvml: FakeNvml) -> None:
    story.go_on(10)
    nvml.set_card(0, lost=1)
    story.go_on(60)
    assert story.verdicts[-1].word == "BLOCKED"
    assert "RTX 4090" in story.verdicts[-1].reason
    assert [alarm.title for alarm in story.alarms] == ["lost"]
    nvml.set_card(0, lost=None)
    story.go_on(180)
    assert story.verdicts[-1].action is Action.RUN
    assert story.alarms == ()
    words = [verdict.word for verdict in story.verdicts]
    changes = [word for before, word in zip(["", *words], words, strict=False) if word != before]
    assert changes == ["WORKING", "BLOCKED", "WORKING"]
    assert [(notice.begun, notice.alarm.title) for notice in story.notices] == [(True, "lost"), (False, "lost")]


def test_a_card_that_heats_up_and_cools_down_is_paused_once_and_no_alarm(story: Story, nvml: FakeNvml) -> None:
    for temperature in [*range(70, 87), *([83, 84, 82, 83] * 20), *range(82, 59, -1)]:
        nvml.set_card(0, temperature=temperature)
        story.go_on(3)
    story.go_on(120)
    takes = [verdict.take for verdict in story.verdicts]
    assert [take for before, take in zip([None, *takes], takes, strict=False) if take != before] == [True, False, True]
    assert story.alarms == ()


def test_a_fan_that_stands_still_is_told_once(story: Story, nvml: FakeNvml) -> None:
    nvml.set_card(0, fan=0, temperature=75)
    story.go_on(120)
    (notice,) = story.notices
    assert notice.headline == "rig: GPU 0 (NVIDIA GeForce RTX 4090) fan stands still"


def test_a_driver_that_is_replaced_under_the_node_is_survived(story: Story, nvml: FakeNvml) -> None:
    story.go_on(5)
    nvml.set(driver="!18", init="!18")
    story.go_on(40)
    assert story.verdicts[-1].word == "BLOCKED"
    nvml.set(driver=None, init=None)
    story.go_on(120)
    assert story.verdicts[-1].take
    assert story.nvidia.absence == ""
