"""Joined networks live: built when there is something to offer, changed without a restart, apart from each other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from eventually import eventually
from scripted_network import MADE, Guild, ScriptedNetwork, guild, membership

from node.control.wire.networks import NetworkState
from node.jobs import JobState
from node.ledger.records import JobFinished
from node.membership.admission import UNBOXED
from node.membership.errors import MembershipError
from node.models.licences import Licence
from node.networks.base import Standing
from wallet.secret import Secret

FORBIDDEN = Licence("cc-by-nc-4.0", False, source="the file")


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Guild]:
    async with guild(tmp_path, monkeypatch) as made:
        yield made


def ends(house: Guild) -> list[JobState]:
    return [record.receipt.state for record in house.books.records if isinstance(record, JobFinished)]


async def serve(house: Guild, model: str, slots: int = 2) -> None:
    house.engine.model, house.engine.capacity = model, slots
    await house.dispatcher.refresh()


async def working_on(house: Guild, network: ScriptedNetwork) -> None:
    """Until a job of it computes; it stays so until its gate is opened."""
    house.engine.by_itself = False
    network.wants = 1
    await eventually(lambda: house.engine.computing == 1)


# What is offered


async def test_whatever_is_served_is_offered(house: Guild) -> None:
    one = await house.join("first")
    assert one.models == {"m": ""}
    one.wants = 3
    await eventually(lambda: ends(house) == [JobState.DONE] * 3)


async def test_before_anything_is_served_the_member_waits_and_says_so(house: Guild) -> None:
    await serve(house, "m", 0)
    house.roster.put("first", membership(), Secret("k"))
    await house.members.follow()
    await eventually(lambda: house.live("first").condition and "no model" in house.live("first").condition.reason)
    await serve(house, "later")
    assert (await house.at_work("first")).models == {"later": ""}


async def test_the_model_that_the_engine_will_serve_is_offered_before_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with guild(tmp_path, monkeypatch, wanted="coming") as house:
        await serve(house, "m", 0)
        assert (await house.join("first")).models == {"coming": ""}


async def test_only_the_models_of_the_membership_are_offered_under_their_names(house: Guild) -> None:
    assert (await house.join("first", models={"m": "Their/M", "other": ""})).models == {"m": "Their/M", "other": ""}


async def test_another_model_takes_over_when_the_job_in_hand_is_finished(house: Guild) -> None:
    one = await house.join("first")
    await working_on(house, one)
    await serve(house, "n")
    await asyncio.sleep(0.1)
    assert house.live("first").adapter is one, "it was replaced with a job in hand"
    (await house.engine.next_gate()).set_result("two")
    other = await house.at_work("first", after=one)
    assert other.models == {"n": ""}
    assert ends(house) == [JobState.DONE]


async def test_an_engine_that_is_away_for_a_moment_changes_nothing(house: Guild) -> None:
    one = await house.join("first")
    await serve(house, "m", 0)
    await asyncio.sleep(0.1)
    await serve(house, "m", 2)
    await asyncio.sleep(0.1)
    assert house.live("first").adapter is one


# What is not allowed


async def test_an_engine_outside_its_box_bars_all_and_a_box_admits_them_again(house: Guild) -> None:
    one = await house.join("first")
    house.bar.append(UNBOXED)
    await eventually(lambda: house.live("first").condition)
    condition = house.live("first").condition
    assert condition is not None
    assert (condition.state, condition.reason) == (NetworkState.BARRED, UNBOXED.reason)
    house.bar.clear()
    assert await house.at_work("first", after=one)


async def test_a_model_whose_licence_forbids_pay_is_not_offered_but_others_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with guild(tmp_path, monkeypatch, licences={"m": FORBIDDEN}) as house:
        assert (await house.join("first", models={"m": "", "n": ""})).models == {"n": ""}
        assert "cc-by-nc-4.0" in house.live("first").barred["m"]
        house.roster.put("second", membership(), Secret("k"))
        await house.members.follow()
        await eventually(lambda: house.live("second").condition.state is NetworkState.BARRED)  # type: ignore[union-attr]


# What the owner changes


async def test_a_network_that_is_switched_off_finishes_what_is_in_hand(house: Guild) -> None:
    one = await house.join("first")
    await working_on(house, one)
    house.roster.put("first", membership(enabled=False))
    await house.members.follow()
    assert house.members.joined()[0].member is None
    assert not one.over.is_set()
    (await house.engine.next_gate()).set_result("two")
    await one.over.wait()
    assert ends(house) == [JobState.DONE]
    await eventually(lambda: house.dispatcher.allocation.counts("first") == (0, 0))


async def test_it_can_be_switched_on_again_while_it_still_finishes(house: Guild) -> None:
    one = await house.join("first")
    await working_on(house, one)
    for enabled in (False, True):
        house.roster.put("first", membership(enabled=enabled))
        await house.members.follow()
    assert house.live("first").adapter is None, "two adapters at once in one directory"
    (await house.engine.next_gate()).set_result("two")
    house.engine.by_itself = True
    other = await house.at_work("first", after=one)
    other.wants = 1
    await eventually(lambda: ends(house) == [JobState.DONE] * 2)


async def test_who_does_not_finish_in_time_is_let_go_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with guild(tmp_path, monkeypatch, patience=0.1) as house:
        one = await house.join("first")
        await working_on(house, one)
        house.roster.remove("first")
        await house.members.follow()
        await one.over.wait()
        await eventually(lambda: ends(house) == [JobState.CANCELLED])
        assert house.members.joined() == ()


async def test_nobody_notices_what_happens_to_another(house: Guild) -> None:
    steady, other = await house.join("steady"), await house.join("other")
    await working_on(house, steady)
    other.crash.set()
    await other.over.wait()
    house.roster.remove("other")
    await house.members.follow()
    assert house.live("steady").adapter is steady
    (await house.engine.next_gate()).set_result("two")
    await eventually(lambda: ends(house) == [JobState.DONE])


async def test_a_new_weight_or_a_page_accepted_again_needs_no_new_adapter(house: Guild) -> None:
    one = await house.join("first")
    changed = membership(weight=5.0, accepted_page="2")
    house.roster.put("first", changed)
    await house.members.follow()
    await asyncio.sleep(0.05)
    assert house.live("first").adapter is one
    assert house.live("first").membership == changed


@pytest.mark.parametrize(
    "fields", [{"url": "http://127.0.0.1:2"}, {"worker_name": "v"}, {"options": {}, "models": {"m": "M"}}]
)
async def test_any_other_change_begins_anew(house: Guild, fields: dict[str, object]) -> None:
    one = await house.join("first")
    house.roster.put("first", membership(**fields))
    await house.members.follow()
    assert await house.at_work("first", after=one)


async def test_a_new_key_begins_anew_too(house: Guild) -> None:
    one = await house.join("first")
    house.roster.put("first", membership(), Secret("newer"))
    await house.members.follow("first")
    assert (await house.at_work("first", after=one)).enrolment.key == Secret("newer")


async def test_a_roster_that_cannot_be_read_leaves_all_as_they_are(house: Guild, tmp_path: Path) -> None:
    one = await house.join("first")
    (tmp_path / "networks.toml").write_text("[first")
    with pytest.raises(MembershipError, match="is not TOML"):
        await house.members.follow()
    assert "is not TOML" in house.members.notes()[0]
    assert house.live("first").adapter is one


async def test_a_roster_that_is_mended_after_the_start_is_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.membership.members.MEND_SECONDS", 0.01)
    (tmp_path / "networks.toml").write_text("[first")
    async with guild(tmp_path, monkeypatch) as house:
        await eventually(lambda: house.members.notes())
        (tmp_path / "networks.toml").unlink()
        await eventually(lambda: not house.members.notes())
        assert await house.join("first")


# What goes wrong


async def test_a_crash_is_remembered_and_survived(house: Guild, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("node.membership.parking.FIRST_PAUSE", 0.01)
    one = await house.join("first")
    one.crash.set()
    await house.at_work("first", after=one)
    assert [fault.text for fault in house.live("first").faults.newest_first()] == [
        "RuntimeError: the adapter is broken"
    ]


async def test_crashes_again_and_again_park_it_with_a_reason(house: Guild, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("node.membership.parking.FIRST_PAUSE", 0.001)
    one = await house.join("first")
    for _ in range(4):
        one.crash.set()
        one = await house.at_work("first", after=one)
    one.crash.set()
    await eventually(lambda: house.live("first").condition)
    condition = house.live("first").condition
    assert condition is not None
    assert condition.state is NetworkState.PARKED
    assert "again and again, the last time with RuntimeError: the adapter is broken" in condition.reason
    assert condition.retry_at is not None
    assert condition.retry_at - condition.since_at == 600.0


async def test_a_key_that_is_gone_parks_it_with_the_remedy(house: Guild) -> None:
    house.roster.put("first", membership(), Secret("k"))
    (house.roster._path.parent / "secrets" / "first.sealed").unlink()
    await house.members.follow()
    await eventually(lambda: house.live("first").condition.state is NetworkState.PARKED)  # type: ignore[union-attr]
    assert house.live("first").condition.remedy == "stoker networks set first --ask-api-key"  # type: ignore[union-attr]


async def test_what_an_adapter_does_not_take_parks_it(house: Guild) -> None:
    house.roster.put("first", membership(worker_name="nonsense"), Secret("k"))
    await house.members.follow()
    await eventually(lambda: house.live("first").condition.state is NetworkState.PARKED)  # type: ignore[union-attr]
    assert house.live("first").condition.reason == "worker_name: got 'nonsense'; expected sense"  # type: ignore[union-attr]


# What it says


async def test_how_it_stands_is_remembered_with_faults_and_messages(house: Guild) -> None:
    one = await house.join("first")
    await eventually(lambda: house.live("first").standing)
    assert house.members.standings()["first"].detail == "well"
    one.standing = Standing(False, problem="the network is down", messages=("please update",))
    house.live("first").look_now()
    await eventually(lambda: not house.members.standings()["first"].connected)
    assert [fault.text for fault in house.live("first").faults.newest_first()] == ["the network is down"]
    assert [message.text for message in house.live("first").messages.newest_first()] == ["please update"]


async def test_maintenance_reaches_the_network(house: Guild) -> None:
    one = await house.join("first")
    await house.members.set_maintenance("first", True, "new card")
    assert one.told == [(True, "new card")]


async def test_maintenance_of_one_that_is_off_is_refused(house: Guild) -> None:
    house.roster.put("first", membership(enabled=False), Secret("k"))
    await house.members.follow()
    with pytest.raises(MembershipError, match="not at work"):
        await house.members.set_maintenance("first", True, "")


async def test_every_adapter_is_closed_in_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with guild(tmp_path, monkeypatch) as house:
        await house.join("first")
        await house.join("second")
    assert [one.closed for one in MADE] == [1, 1]
