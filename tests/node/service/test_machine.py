"""A whole node over the stand-in NVML: what it reads, keeps and tells. No GPU is involved."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fake_nvml import FakeNvml
from loopback import Loopback
from running_node import running_node

from node.control.wire import Snapshot


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


def sees_cards(count: int) -> Callable[[Snapshot], bool]:
    return lambda state: state.hardware is not None and len(state.hardware.gpus) == count


def test_eight_cards_are_read_and_never_by_the_event_loop(nvml: FakeNvml, tmp_path: Path) -> None:
    for _ in range(8):
        nvml.add_card()
    with running_node(tmp_path / "node", model=False) as node:
        state = node.until(sees_cards(8))
        readings = node.control.get("/hardware")
        assert node.control.get("/doctor/probe")["nvml"]["gpus"][7]["index"] == 7
    assert state.hardware is not None
    assert [card.temperature_c for card in state.hardware.gpus] == [71.0] * 8
    assert [card["index"] for card in readings["gpus"]] == list(range(8))
    assert len(nvml.calls()) > 100
    assert nvml.calls_of_the_main_thread() == []


def test_only_the_chosen_cards_are_the_node_s(nvml: FakeNvml, tmp_path: Path) -> None:
    for _ in range(3):
        nvml.add_card()
    with running_node(tmp_path / "node", model=False, hardware={"gpus": ["1", "9"]}) as node:
        node.until(sees_cards(1))
        said = node.control.get("/hardware")
    assert [card["index"] for card in said["gpus"]] == [1]
    assert "hardware.gpus names 9, and there is no such card." in said["absences"]


def test_a_lost_card_is_an_alarm_and_the_owner_is_told_once(nvml: FakeNvml, server: Loopback, tmp_path: Path) -> None:
    nvml.add_card()
    alerts = {"desktop": False, "webhook": server.address, "settle_seconds": 0, "heartbeat": f"{server.address}/beat"}
    with running_node(tmp_path / "node", model=False, alerts=alerts) as node:
        node.until(sees_cards(1))
        nvml.set_card(0, lost=1)
        state = node.until(lambda state: bool(state.alarms))
        posted = server.wait_for(1, method="POST")
    assert (state.alarms[0].severity.value, state.alarms[0].title) == ("grave", "lost")
    (told,) = posted
    assert json.loads(told.body)["device"] == "GPU 0 (NVIDIA GeForce RTX 4090)"


def test_the_history_is_kept_over_a_restart(nvml: FakeNvml, tmp_path: Path) -> None:
    nvml.add_card()
    uuid = "GPU-00000000-0000-0000-0000-000000000000"
    with running_node(tmp_path / "node", model=False) as node:
        first = node.until(sees_cards(1))
        node.until(lambda state: state.at > first.at + 2)  # a reading is taken in once a second
    with running_node(tmp_path / "node", model=False) as node:
        course = node.control.course(uuid, hours=1, points=60)
        host = node.control.course(hours=1)
    assert 71.0 in course.temperature_c
    assert any(value is not None for value in host.utilisation_pct)
