"""Whole nodes over the stand-in NVML: heat, the owner, and what power costs. No GPU is involved."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fake_nvml import FakeNvml
from running_node import RunningNode, running_node

from node.control.wire import JobState, StateWord

WORK = {StateWord.WORKING, StateWord.WAITING}


@pytest.fixture
def nvml(nvml: FakeNvml) -> FakeNvml:
    """With one card."""
    nvml.add_card(temperature=60)
    return nvml


@contextmanager
def game() -> Iterator[subprocess.Popen[bytes]]:
    """A program of the owner's: it only has to be there."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def changes(node: RunningNode) -> list[tuple[str, str]]:
    """The states that the books tell, in order, with their reasons."""
    entries = node.control.get("/ledger", kind="state_changed", limit=1000)["entries"]
    return [(entry["body"]["word"], entry["body"]["reason"]) for entry in entries]


def test_a_heat_story_is_one_pause_and_one_resume_and_the_jobs_show_it(nvml: FakeNvml, tmp_path: Path) -> None:
    limits = {"stay_seconds": 1.0}
    with running_node(tmp_path / "node", limits=limits, hardware={"interval": 0.2}) as node:
        node.ready()
        node.complete()
        for reading in (70, 78, 83, 84, 82, 84, 83, 82, 84):  # to the ceiling, and about it
            nvml.set_card(0, temperature=reading)
            time.sleep(0.3)  # a reading takes its time; there is no event for it here
        hot = node.until(lambda state: state.state.word is StateWord.COOLING and "slowed" not in state.state.reason)
        assert hot.state.reason == "the GPU is at 84 °C, its ceiling is 83 °C"
        with pytest.raises(Exception, match="takes no new work now"):
            node.complete()
        for reading in (80, 76, 74, 70):
            nvml.set_card(0, temperature=reading)
            time.sleep(0.3)
        node.until(lambda state: state.state.word in WORK)
        node.complete()
        told = changes(node)
        jobs = node.control.get("/jobs")["jobs"]
    pauses = [reason for word, reason in told if word == "COOLING" and "slowed down" not in reason]
    assert len(pauses) == 1
    assert told[-1][0] in {"WAITING", "WORKING"}
    assert [job["state"] for job in jobs] == ["done", "done"]


def test_a_game_gets_the_card_within_a_second_and_the_node_comes_back_once(nvml: FakeNvml, tmp_path: Path) -> None:
    owner = {"idle_minutes": 0.02}
    with running_node(tmp_path / "node", owner=owner, hardware={"interval": 0.2}) as node, game() as playing:
        node.ready()
        assert node.engines()
        with node.stream() as answer:
            nvml.set_card(0, graphics=f"{playing.pid}:{6 << 10}")
            state = node.until(lambda state: state.state.word is StateWord.YOURS)
            began = time.monotonic()
            while node.engines():
                assert time.monotonic() - began < 1
                time.sleep(0.01)
            assert "holds 6.4 GB and works on the GPU" in state.state.reason
            assert b"job_returned" in answer.read()
        assert node.receipt(1).state is JobState.RETURNED
        nvml.set_card(0, graphics="")
        node.until(lambda state: state.state.word in WORK and state.slots > 0)
        node.complete()
        assert [word for word, _ in changes(node)].count("YOURS") == 1


def test_the_owner_at_the_desk_is_reported_by_an_attached_program(nvml: FakeNvml, tmp_path: Path) -> None:
    owner = {"on_input": "yield", "idle_minutes": 10}
    with running_node(tmp_path / "node", owner=owner) as node:
        node.ready()
        node.control.command("owner_active", idle_seconds=3)
        state = node.until(lambda state: state.state.word is StateWord.YOURS)
        assert state.state.reason == "you are using this machine"
        node.control.command("run_anyway", seconds=3600)
        state = node.until(lambda state: state.slots > 0)
        assert state.state.word in WORK
        assert any("run anyway until" in note for note in state.state.notes)
        node.control.command("resume")
        node.until(lambda state: state.state.word is StateWord.YOURS)


def test_a_lost_card_and_its_return_are_one_change_each(nvml: FakeNvml, tmp_path: Path) -> None:
    """The engine here computes on the processor, so that the node goes on; the card's own state is told."""
    with running_node(tmp_path / "node", hardware={"interval": 0.2}) as node:
        node.ready()
        nvml.set_card(0, lost=1)
        node.until(lambda state: state.hardware is not None and state.hardware.gpus[0].lost)
        assert node.control.state().state.word in WORK


def test_a_job_and_the_day_have_their_cost(nvml: FakeNvml, tmp_path: Path) -> None:
    electricity = {"price": 0.3, "other_watts": 3600}
    with running_node(tmp_path / "node", electricity=electricity, hardware={"interval": 0.2}) as node:
        node.ready()
        node.complete(tokens=200)
        job = node.receipt(1)
        state = node.control.state()
        node.control.command("stop")
        node.ended()
    assert job.joules is not None
    assert job.cost_micro == pytest.approx(job.joules / 3.6e6 * 300_000, abs=2)
    power = state.today.power
    assert power is not None
    assert power.cost_micro == pytest.approx((power.idle_joules + power.working_joules) / 3.6e6 * 300_000, rel=0.01)
    assert state.electricity is not None
    assert (state.electricity.price_micro, state.electricity.currency) == (300_000, "EUR")


def test_a_sweep_measures_real_work_and_puts_the_limit_back(nvml: FakeNvml, tmp_path: Path) -> None:
    nvml.set(root=1)
    with running_node(tmp_path / "node") as node:
        node.ready()
        node.until(lambda state: state.hardware is not None and bool(state.hardware.gpus))
        (card,) = node.control.get("/power")["cards"]
        assert card["proposal"]["command"] == "sudo nvidia-smi -i 0 -pl 315"
        with node.control.stream("/power/tune", {"settle": 0.1, "window": 0.2}) as answer:
            lines = [json.loads(line) for line in answer]
        after = node.control.get("/power")["cards"][0]["limit"]
    assert len(lines) == 7
    assert lines[-1]["swept"] is True
    assert lines[-1]["best"]["speed"]["tokens_per_second"] > 0
    assert after == 315
