"""What the network's own books say, against what was told for each job: credit, escrow, being there, and lies."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from books import opened
from horde_house import MODEL, NAME, RULES, Station, house, station
from paced_engine import Pace, PacedEngine
from patience import PATIENCE
from scripted_engine import ScriptedEngine
from timed_engine import Timed

from node.clock import SystemClock
from node.engines.openai import OpenAIServer
from node.ledger import queries
from node.ledger.records import Settlement, read
from node.networks.horde.kudos import KUDOS, ModelValue, held_back, reward
from wallet.money import Amount

UPTIME_SOON = replace(RULES, uptime=0.3)


def ledger_books(station: Station) -> tuple[int, int]:
    """The operator's balance and escrow by the stand-in, in hundredths of kudos."""
    owner = station.owner
    return owner.cents + sum(cents for _, cents in owner.due), owner.escrow


async def test_of_an_untrusted_owners_rewards_half_is_booked_and_half_estimated(tmp_path: Path) -> None:
    async with station(trusted=False) as horde, house(horde, tmp_path) as node:
        horde.ask(4)
        receipts = await node.ended(4)
        credited = await node.booked(4)
        balance, escrow = ledger_books(horde)
        assert sum(receipt.reward.units for receipt in receipts if receipt.reward) == balance + escrow
        assert sum(one.units for one in credited) == balance
        await node.until(lambda: node.network.escrow.units == escrow)
        standing = await node.network.probe()
        assert f"about {node.network.escrow} held back" in standing.detail
        assert "our estimate" in standing.detail


async def test_being_there_is_credited_to_trusted_owners_and_held_back_from_others(tmp_path: Path) -> None:
    for trusted in (True, False):
        async with (
            station(rules=UPTIME_SOON, trusted=trusted) as horde,
            house(horde, tmp_path / str(trusted)) as node,
        ):
            await node.until(lambda: NAME in horde.horde.workers and horde.worker.uptime_cents >= 2)
            if trusted:
                await node.booked(1)
                assert node.network.escrow.units == 0
            else:
                await node.until(lambda: node.network.escrow.units > 0)
                assert await node.credits() == []


async def test_when_the_account_becomes_trusted_the_escrow_is_booked(tmp_path: Path) -> None:
    async with station(trusted=False) as horde, house(horde, tmp_path) as node:
        horde.ask(2)
        await node.booked(2)
        horde.owner.trust(horde.horde.clock.monotonic(), horde.horde.rules)
        credited = await node.booked(3)
        assert credited[-1].reference == "escrow released (estimate)"
        assert sum(one.units for one in credited) == ledger_books(horde)[0]
        await node.until(lambda: node.network.escrow.units == 0)


async def test_what_a_worker_earned_before_it_came_to_us_is_not_ours_to_book(tmp_path: Path) -> None:
    async with station() as horde:
        horde.horde.pop("operator-key", {"name": NAME, "models": [MODEL]})
        horde.worker.paid["earlier"] = 12_345
        horde.worker.uptime_cents = 700
        async with house(horde, tmp_path) as node:
            horde.ask()
            [credited] = await node.booked(1)
            assert credited.units == sum(horde.worker.paid.values()) - 12_345


async def test_credits_are_booked_once_however_often_the_node_starts(tmp_path: Path) -> None:
    async with station(rules=UPTIME_SOON) as horde:
        for _ in range(3):
            async with house(horde, tmp_path) as node:
                horde.ask(2)
                await node.until(lambda: horde.horde.requests[-1].answers and not node.network._errands.all())
        async with house(horde, tmp_path) as node:
            await node.until(lambda: horde.app.asked["/api/v2/find_user"] > 12)
            total = sum(one.units for one in await node.credits())
        balance, _ = ledger_books(horde)
        assert balance - horde.worker.uptime_cents <= total <= balance
        jobs = [one.reference for one in await _credits(tmp_path) if one.refers]
        assert len(jobs) == len(set(jobs)) == 6


async def _credits(state: Path) -> list[Settlement]:
    async with opened(state / "ledger.db", None) as ledger:
        entries = await ledger.query(queries.entries, 0, 999, Settlement.kind)
    return [record for entry in entries if isinstance(record := read(entry.kind, entry.body), Settlement)]


async def test_a_credit_that_was_booked_before_a_crash_is_not_booked_again_after_it(tmp_path: Path) -> None:
    async with station() as horde:
        async with house(horde, tmp_path) as node:
            await node.until(lambda: (tmp_path / "horde" / "account.json").exists())
            before = (tmp_path / "horde" / "account.json").read_bytes()
            horde.ask()
            await node.until(lambda: node.network._errands.delivered())
            [path] = (tmp_path / "horde" / "jobs").glob("*.json")
            kept = path.read_bytes()
            await node.booked(1)
            await node.kill()
        (tmp_path / "horde" / "account.json").write_bytes(before)
        path.write_bytes(kept)
        path.chmod(0o600)
        async with house(horde, tmp_path) as node:
            await node.until(lambda: not node.network._errands.all())
            horde.ask()
            credited = await node.booked(2)
            assert sum(one.units for one in credited) == sum(horde.worker.paid.values())


async def test_a_worker_that_is_paused_in_silence_is_found_out_and_stops_working_for_nothing(tmp_path: Path) -> None:
    async with station(trusted=False) as horde, house(horde, tmp_path, engine=Timed(2, 0.02)) as node:
        horde.ask()
        await node.booked(1)
        horde.worker.paused = True
        horde.ask(600)
        await node.until(lambda: "paused this worker" in node.network._gate.reason)
        done = len(await node.receipts())
        standing = await node.network.probe()
        assert not standing.connected
        assert "ask a moderator" in standing.remedy
        assert done < 500
        assert len(await node.credits()) == 1


async def test_a_worker_that_is_let_go_again_works_again(tmp_path: Path) -> None:
    async with station(trusted=False) as horde, house(horde, tmp_path, engine=Timed(2, 0.02)) as node:
        horde.ask()
        await node.booked(1)
        horde.worker.paused = True
        horde.ask(600)
        await node.until(lambda: "paused this worker" in node.network._gate.reason)
        horde.worker.paused = False
        await node.until(lambda: len(horde.worker.paid) > 3)
        await node.until(lambda: not node.network._gate.reason)


@pytest.mark.parametrize("trusted", [False, True])
async def test_untrusted_workers_are_paced_below_suspicion_and_trusted_ones_are_not(
    tmp_path: Path, trusted: bool
) -> None:
    async with station(trusted=trusted) as horde, house(horde, tmp_path) as node:
        horde.ask(12)
        await node.ended(12)
        assert horde.worker.suspicions == 0
        assert not horde.worker.paused
        assert (max(horde.worker.samples) > 150) is trusted


async def test_messages_of_moderators_are_logged_once_and_shown_while_they_are_valid(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    async with station() as horde:
        horde.horde.say("Please update")
        for _ in range(2):
            async with house(horde, tmp_path) as node:
                await node.until(lambda: node.network._worker and node.network._worker.messages)
                assert (await node.network.probe()).messages == ("Please update",)
                (seen,) = node.network._worker.messages  # type: ignore[union-attr]
                await node.until(lambda seen=seen: seen in (tmp_path / "horde" / "account.json").read_text())  # type: ignore[misc]
    assert caplog.text.count("Please update") == 1


async def test_why_there_are_no_jobs_is_answered_from_the_queue(tmp_path: Path) -> None:
    async with station(trusted=False) as horde, house(horde, tmp_path) as node:
        await node.until(lambda: NAME in horde.horde.workers)
        assert "nobody waits for text" in (await node.network.probe()).detail
        horde.horde.ask("customer-key", "p", {}, models=["who/knows"])
        assert "none of them for our models; most wanted: who/knows (1)" in (await node.network.probe()).detail
        horde.ask(max_length=4000)
        standing = await node.network.probe()
        assert standing.depth == 1
        assert "longer than what is announced" in standing.detail
        horde.horde.requests.clear()
        horde.horde.ask("customer-key", "p", {"max_length": 20, "max_context_length": 512}, trusted_workers=True)
        await node.until(lambda: node.network._worker and node.network._worker.skipped)
        assert "want a trusted worker" in (await node.network.probe()).detail


async def test_before_joining_account_name_and_the_models_worth_are_shown(tmp_path: Path) -> None:
    async with station(trusted=False) as horde, house(horde, tmp_path) as node:
        findings = {finding.what.split(" ")[0]: finding for finding in await node.network.examine(node.desk)}
        assert findings["account"].good
        assert "not trusted yet: half of each reward is held back" in findings["account"].what
        assert "it pays 30 %" in findings["m:"].what
        assert "7 billion parameters" in findings["m:"].what


async def test_a_model_that_the_network_does_not_know_is_worth_less_and_no_obstacle(tmp_path: Path) -> None:
    async with station() as horde, house(horde, tmp_path, called="who/knows") as node:
        (finding,) = [one for one in await node.network.examine(node.desk) if one.what.startswith("m:")]
        assert finding.good
        assert "does not know 'who/knows'" in finding.what
        assert "as the network's list has it" in finding.remedy


async def test_without_the_networks_list_no_model_is_called_unknown(tmp_path: Path) -> None:
    async with station() as horde, house(horde, tmp_path, reference_url="") as node:
        findings = await node.network.examine(node.desk)
        assert all(finding.good for finding in findings)
        assert any("list of models cannot be had" in finding.what for finding in findings)


async def test_the_prediction_equals_the_reward_for_known_and_unknown_validated_and_other_software(
    tmp_path: Path,
) -> None:
    for number, (agent, trusted) in enumerate(
        (agent, trusted) for agent in ("TabbyAPI:1:x", "Stoker:0.1.0:stoker") for trusted in (True, False)
    ):
        async with (
            station(trusted=trusted) as horde,
            house(horde, tmp_path / str(number), agent=agent, engine=ScriptedEngine(1, by_itself=True)) as node,
        ):
            horde.ask(prompt="x" * 1234, max_length=77)
            [receipt] = await node.ended(1)
            value = ModelValue(MODEL, 7_000_000_000, validated=agent.startswith("Tabby"))
            predicted = reward(answer=4, prompt=1234, max_length=77, value=value, trusted=trusted)
            assert receipt.reward == predicted
            if not trusted:
                await node.until(lambda: node.network.escrow == held_back(predicted))  # noqa: B023
            assert predicted > Amount(0, KUDOS)


async def test_with_a_paced_engine_the_books_agree_to_the_last_unit(tmp_path: Path) -> None:
    async with PacedEngine(Pace(rate=400, slots=4, model="m")) as paced:
        engine = OpenAIServer("paced", paced.url, None, slots=4, clock=SystemClock())
        running = asyncio.create_task(engine.run())
        try:
            async with station() as horde:
                async with asyncio.timeout(PATIENCE):
                    while not await engine.models():  # noqa: ASYNC110  it has no event for it
                        await asyncio.sleep(0.01)
                async with house(horde, tmp_path, engine=engine) as node:
                    for length in range(16, 56):
                        horde.ask(max_length=length)
                    receipts = await node.ended(40)
                    await node.booked(40)
                    assert {one.reference: one.units for one in await node.credits()} == horde.worker.paid
                    claimed = sum(receipt.reward.units for receipt in receipts if receipt.reward)
                    assert claimed == ledger_books(horde)[0]
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def test_a_look_before_the_start_takes_nothing_from_the_books(tmp_path: Path) -> None:
    async with station() as horde:
        async with house(horde, tmp_path) as node:
            horde.ask(2)
            await node.booked(2)
        async with house(horde, tmp_path) as node:
            await node.network.probe()
            horde.ask()
            credited = await node.booked(3)
        assert sum(one.units for one in credited) == sum(horde.worker.paid.values())


async def test_words_of_strangers_cannot_move_the_terminal(tmp_path: Path) -> None:
    async with station() as horde, house(horde, tmp_path) as node:
        horde.horde.say("Please \x1b[2Jupdate\n")
        await node.until(lambda: node.network._worker and node.network._worker.messages)
        assert (await node.network.probe()).messages == ("Please  [2Jupdate",)


async def test_another_worker_of_the_account_begins_with_books_of_its_own(tmp_path: Path) -> None:
    """The name was changed: what the old one earned is neither booked again nor taken from the new one."""
    async with station() as horde:
        async with house(horde, tmp_path) as node:
            horde.ask(2)
            await node.booked(2)
            earned = sum(horde.worker.paid.values())
        async with house(horde, tmp_path, worker_name="kettle") as renamed:
            horde.ask(2)
            found = await renamed.booked(4)
            assert sum(one.units for one in found) == earned + sum(horde.horde.workers["kettle"].paid.values())


async def test_what_the_network_tells_of_the_worker_is_as_the_owner_wants(tmp_path: Path) -> None:
    async with station() as horde, house(horde, tmp_path, info="a 4090 in the cellar") as node:
        horde.ask()
        await node.until(lambda: NAME in horde.horde.workers and horde.worker.info == "a 4090 in the cellar")
