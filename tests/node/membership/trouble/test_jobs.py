"""Trouble with single jobs and with the engine, in one node that works for both networks: each job has one true end."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from grid import so
from shared_node import OTHER, SLOTS, WELL, SharedNode, shared_node, untouched
from steady_engine import CRASH
from warped_loop import warped

from node.jobs import GenerationRequest, JobState
from node.rehearsal.aipg import Faults

SUBMIT = "/api/v2/generate/text/submit"
TIME_LIMITS = {"horde": 150, "aipg": 240}


def wanted_by(network: str, request: GenerationRequest) -> bool:
    return (request.messages is None) == (network == "horde")


def reward_missing(node: SharedNode, network: str) -> bool:
    return any(one.network == network and one.state is JobState.DONE and not one.reward for one in node.receipts)


@pytest.mark.parametrize("network", ["horde", "aipg"])
@warped
async def test_a_time_limit_that_is_missed_ends_that_job_and_no_other(tmp_path: Path, network: str) -> None:
    async with shared_node(tmp_path) as node, untouched(node, network, SLOTS - 1):
        stuck: list[GenerationRequest] = []

        def first(request: GenerationRequest) -> bool:
            if not stuck and wanted_by(network, request):
                stuck.append(request)
                return True
            return False

        node.engine.stuck = first
        await so(lambda: JobState.EXPIRED in node.ends(network), TIME_LIMITS[network] + 60, every=1.0)
        assert node.ends(network).count(JobState.EXPIRED) == 1
        assert (await node.view(network)).hour_failed == 1


@warped
async def test_an_answer_that_the_horde_has_already_is_delivered_once_and_paid_once(tmp_path: Path) -> None:
    async with shared_node(tmp_path) as node, untouched(node, "horde"):
        node.services.app.lose.add(SUBMIT)
        await asyncio.sleep(30)
        node.services.app.lose.clear()
        await so(lambda: reward_missing(node, "horde"))
    assert set(node.ends("horde")) == {JobState.DONE}


@pytest.mark.parametrize("faults", [Faults(ack_twice=True), Faults(ack_after=None)], ids=["twice", "never"])
@warped
async def test_a_word_of_the_grid_that_comes_twice_or_never_changes_no_sum(tmp_path: Path, faults: Faults) -> None:
    async with shared_node(tmp_path) as node, untouched(node, "aipg"):
        node.services.grid.faults = faults
        await node.does("aipg", 3)
        assert reward_missing(node, "aipg") == (faults.ack_after is None)
        node.services.grid.faults = Faults()
    assert set(node.ends("aipg")) == {JobState.DONE}


@warped
async def test_a_killed_engine_costs_the_jobs_that_it_computed_and_both_networks_go_on(tmp_path: Path) -> None:
    async with shared_node(tmp_path) as node:
        await so(lambda: node.engine.computing == node.engine.slots)
        node.engine.die()
        await so(lambda: node.engine.computing == 0)
        await asyncio.sleep(10)
        node.engine.rise()
        for network in OTHER:
            await node.does(network, 3)
            await node.looks(network, lambda view: view.state in WELL and not view.reason)
        await node.settle()
        lost = [receipt for receipt in node.receipts if receipt.state is not JobState.DONE]
        assert len(lost) == node.engine.slots
        assert {receipt.reason for receipt in lost} == {CRASH.message}
        assert not node.services.grid.strikes or max(one.count for one in node.services.grid.strikes.values()) <= 2
