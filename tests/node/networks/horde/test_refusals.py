"""Every row of the AI Horde's table of errors, and the right reaction to each."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from horde_house import KEY, MODEL, NAME, QUICK, house, station
from scripted_engine import ScriptedEngine

from node.engines.base import EngineError, EngineFault
from node.jobs import JobState
from node.networks.base import Remedy
from node.networks.horde.client import Refused as Told
from node.networks.horde.reactions import Course, Fate, to_pop, to_submit
from node.rehearsal.horde.refusals import Refused

POP = "/api/v2/generate/text/pop"
SUBMIT = "/api/v2/generate/text/submit"


@pytest.mark.parametrize(
    ("status", "rc", "course", "word"),
    [
        (401, "InvalidAPIKey", Course.PARK, "key is not valid"),
        (403, "AnonForbiddenWorker", Course.PARK, "anonymous"),
        (403, "WrongCredentials", Course.PARK, "belongs to someone else"),
        (400, "PolymorphicNameConflict", Course.PARK, "another kind"),
        (403, "WorkerMaintenance", Course.MAINTENANCE, "in maintenance: told"),
        (403, "WorkerFlaggedMaintenance", Course.MAINTENANCE, "moderators stopped"),
        (403, "TooManySameIPs", Course.BACK_OFF, "too many workers"),
        (403, "TooManyWorkers", Course.PARK, "as many workers as it may"),
        (403, "UnsafeIP", Course.BACK_OFF, "VPN"),
        (403, "TimeoutIP", Course.BACK_OFF, "locked out"),
        (403, "TooManyNewIPs", Course.BACK_OFF, "new internet addresses"),
        (403, "WorkerInviteOnly", Course.PARK, "invitation"),
        (400, "ProfaneWorkerName", Course.PARK, "name"),
        (400, "ProfaneBridgeAgent", Course.PARK, "agent"),
        (400, "BadRequest", Course.PARK, "told"),
        (400, "", Course.PARK, "told"),
        (403, "SomethingNew", Course.BACK_OFF, "told"),
    ],
)
def test_refused_pops(status: int, rc: str, course: Course, word: str) -> None:
    reaction = to_pop(Told(status, rc, "told"), "w")
    assert reaction.course is course
    assert word in reaction.reason


@pytest.mark.parametrize(
    ("status", "rc", "fate"),
    [
        (400, "DuplicateGen", Fate.ALREADY),
        (400, "AbortedGen", Fate.LATE),
        (404, "InvalidJobID", Fate.UNKNOWN),
        (403, "WrongCredentials", Fate.LOST),
        (400, "", Fate.LOST),
    ],
)
def test_refused_submits(status: int, rc: str, fate: Fate) -> None:
    assert to_submit(Told(status, rc, "told")) is fate


async def test_maintenance_is_shown_with_its_message_and_ends_by_the_owners_word(tmp_path: Path) -> None:
    async with station() as horde, house(horde, tmp_path) as node:
        horde.ask()
        await node.ended(1)
        await node.network.set_maintenance(True, "sweeping the chimney")
        await node.until(lambda: node.network._gate.reason)
        standing = await node.network.probe()
        assert not standing.connected
        assert "in maintenance: sweeping the chimney" in standing.problem
        horde.ask()
        await node.network.set_maintenance(False)
        await node.ended(2)
        assert (await node.network.probe()).connected


async def test_in_maintenance_the_owners_own_jobs_are_still_done(tmp_path: Path) -> None:
    async with station() as horde, house(horde, tmp_path) as node:
        await node.until(lambda: NAME in horde.horde.workers)
        horde.worker.maintenance = True
        horde.horde.ask(KEY, "mine", {"max_length": 20, "max_context_length": 1024})
        await node.ended(1)


async def test_a_name_that_is_taken_parks_the_worker_until_it_is_free(tmp_path: Path) -> None:
    async with station() as horde:
        horde.horde.join("Other", "other")
        horde.horde.pop("other", {"name": NAME, "models": [MODEL]})
        async with house(horde, tmp_path) as node:
            await node.until(lambda: node.network._gate.reason)
            standing = await node.network.probe()
            assert "'boiler' belongs to someone else" in standing.problem
            assert standing.remedy == Remedy.NAME
            del horde.horde.workers[NAME]
            horde.ask()
            await node.ended(1)


async def test_a_key_revoked_under_a_job_parks_with_the_reason_and_loses_only_that_job(tmp_path: Path) -> None:
    engine = ScriptedEngine(1)
    async with station() as horde, house(horde, tmp_path, engine=engine) as node:
        horde.ask()
        gate = await engine.next_gate()
        horde.horde.revoke(KEY)
        gate.set_result("two")
        await node.until(lambda: "API key" in node.network._gate.reason)
        standing = await node.network.probe()
        assert "not valid" in standing.problem
        assert not standing.connected


@pytest.mark.parametrize("rc", ["UnsafeIP", "TimeoutIP", "TooManyNewIPs", "TooManySameIPs"])
async def test_trouble_with_addresses_passes_by_itself(tmp_path: Path, rc: str) -> None:
    async with station() as horde, house(horde, tmp_path) as node:
        horde.horde.refuse_pops = Refused(403, rc, "no")
        await node.until(lambda: "address" in node.network._gate.reason)
        horde.horde.refuse_pops = None
        horde.ask()
        await node.ended(1)


async def test_a_duplicate_is_a_success_and_its_reward_comes_from_the_networks_books(tmp_path: Path) -> None:
    impatient = replace(QUICK, exchange=0.3)
    async with station() as horde, house(horde, tmp_path, tempo=impatient) as node:
        horde.app.lose.add(SUBMIT)
        horde.ask()
        await node.until(lambda: NAME in horde.horde.workers and horde.worker.paid)
        await node.until(lambda: horde.app.asked[SUBMIT] > 1)
        horde.app.lose.clear()
        [receipt] = await node.ended(1)
        assert (receipt.state, receipt.reward) == (JobState.DONE, None)
        [credited] = await node.booked(1)
        assert {receipt.job_id: credited.units} == horde.worker.paid
        assert credited.refers == receipt.number


async def test_an_answer_that_is_too_late_is_expired(tmp_path: Path) -> None:
    engine = ScriptedEngine(1)
    async with station() as horde, house(horde, tmp_path, engine=engine) as node:
        horde.ask()
        gate = await engine.next_gate()
        for job in horde.horde.jobs.values():
            job.state = "aborted"
        gate.set_result("two")
        [receipt] = await node.ended(1)
        assert receipt.state is JobState.EXPIRED
        assert "took too long" in receipt.reason


async def test_a_job_that_the_network_forgot_is_no_fault_of_the_engine(tmp_path: Path) -> None:
    engine = ScriptedEngine(1)
    async with station() as horde, house(horde, tmp_path, engine=engine) as node:
        horde.ask()
        gate = await engine.next_gate()
        horde.horde.jobs.clear()
        horde.horde.requests.clear()
        gate.set_result("two")
        [receipt] = await node.ended(1)
        assert receipt.state is JobState.CANCELLED
        assert "does not exist" in receipt.reason
        assert not node.network._gate.reason


async def test_a_job_that_the_engine_cannot_do_is_given_back_and_not_taken_again_at_once(tmp_path: Path) -> None:
    engine = ScriptedEngine(1)
    patient = replace(QUICK, trouble=0.5, longest=0.5)
    async with station() as horde, house(horde, tmp_path, engine=engine, tempo=patient) as node:
        horde.ask()
        gate = await engine.next_gate()
        gate.set_result(EngineError(EngineFault.CRASHED, "the engine died"))
        [receipt] = await node.ended(1)
        assert receipt.state is JobState.FAILED
        await node.until(lambda: horde.worker.dropped == 1)
        assert "the engine died" in node.network._gate.reason
        (await engine.next_gate()).set_result("again")
        await node.ended(2)
        assert len(horde.worker.paid) == 1


async def test_below_the_networks_limit_of_drops_the_worker_rests_by_itself(tmp_path: Path) -> None:
    async with station() as horde, house(horde, tmp_path) as node:
        await node.until(lambda: NAME in horde.horde.workers)
        for _ in range(15):
            node.network._gate.dropped()
        assert "given up within an hour" in node.network._gate.reason
        horde.ask()
        asked = horde.app.asked[POP]
        await node.until(lambda: horde.app.asked.get("/api/v2/find_user", 0) > 5)
        assert horde.app.asked[POP] <= asked + 1
        assert not horde.worker.maintenance
