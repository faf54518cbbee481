"""How memberships look over the wire."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from scripted_network import WHEN, membership

from node.control.wire.networks import Coin, NetworkModel, NetworkState, NetworkView, Remark, Rewards
from node.dispatcher.probation import Verdict
from node.ledger.sums import Takings, Totals
from node.membership.member import Condition
from node.membership.remarks import Remarks
from node.membership.views import Floor, Sums, model_views, rewards, view_of
from node.networks.base import Standing, Worth
from wallet.money import Amount, Asset

KUDOS, USDC = Asset("kudos", 2), Asset("USDC", 6)
WELL = Standing(True, "account me, trusted", depth=7, maintenance=False)


class Seen:
    """A member, as far as its view needs it."""

    def __init__(self, standing: Standing | None = WELL, condition: Condition | None = None) -> None:
        self.standing, self.condition = standing, condition
        self.since_at, self.seen_at = 100.0, 200.0
        self.barred = {"secret": "its licence forbids work for pay"}
        self.faults, self.messages = Remarks(), Remarks()

    def worths(self) -> list[Worth]:
        return [Worth("m", "Their/M", True, False, Amount(9, KUDOS), Amount(123, KUDOS))]


def view(member: Any = None, floor: Floor | None = None, sums: Sums | None = None, **fields: object) -> NetworkView:
    return view_of("net", membership(**fields), "The Net", "in a file", sums or Sums(), floor or Floor(), member)


@pytest.mark.parametrize(
    ("member", "floor", "state", "reason"),
    [
        (Seen(), Floor(), NetworkState.READY, ""),
        (Seen(), Floor(running=2, waiting=1), NetworkState.WORKING, ""),
        (Seen(), Floor(serving=False), NetworkState.JOINING, "no model is served yet"),
        (Seen(None), Floor(), NetworkState.JOINING, "no answer yet"),
        (Seen(Standing(False, "not connected")), Floor(), NetworkState.JOINING, "not connected"),
        (Seen(Standing(False, problem="it is down")), Floor(), NetworkState.PARKED, "it is down"),
        (Seen(), Floor(running=1, verdict=Verdict.SLOWED, reason="floods"), NetworkState.SLOWED, "floods"),
        (Seen(), Floor(verdict=Verdict.PARKED, reason="nonsense"), NetworkState.PARKED, "nonsense"),
        (Seen(condition=Condition(NetworkState.BARRED, "no box")), Floor(), NetworkState.BARRED, "no box"),
        (None, Floor(), NetworkState.JOINING, "the node is not running"),
    ],
)
def test_one_word_says_how_it_goes_and_one_sentence_why(
    member: Seen | None, floor: Floor, state: NetworkState, reason: str
) -> None:
    found = view(member, floor)
    assert (found.state, found.reason) == (state, reason)


def test_switched_off_wins_and_says_what_is_still_being_finished() -> None:
    found = view(None, Floor(running=2), enabled=False)
    assert (found.state, found.reason) == (NetworkState.OFF, "switched off by you; 2 jobs are being finished")
    assert found.remedy == "stoker networks enable net"


def test_a_network_that_rests_says_until_when() -> None:
    resting = Standing(False, problem="429", remedy="wait", rest=30.0)
    assert view(Seen(resting)).retry_at == 230.0
    assert view(Seen(), Floor(verdict=Verdict.PARKED, reason="x", retry_at=300.0)).retry_at == 300.0


def test_what_was_joined_and_how_the_account_stands_is_told() -> None:
    member = Seen()
    member.faults.add(1.0, "it was down")
    member.messages.add(2.0, "hello")
    found = view(member, Floor(True, 1, 2, 12.5, "USD"), weight=2.0)
    assert (found.name, found.kind, found.title, found.worker_name, found.weight) == (
        "net",
        "scripted",
        "The Net",
        "w",
        2,
    )
    assert (found.detail, found.depth, found.maintenance) == ("account me, trusted", 7, False)
    assert (found.running, found.waiting, found.pay_micro, found.currency) == (1, 2, 12.5, "USD")
    assert (found.since_at, found.seen_at, found.accepted_at) == (100.0, 200.0, WHEN.timestamp())
    assert (found.faults, found.messages) == ((Remark(1.0, "it was down"),), (Remark(2.0, "hello"),))
    assert found.key_kept == "in a file"


def test_models_on_offer_come_with_their_worth_and_others_with_the_reason() -> None:
    assert view(Seen()).models == (
        NetworkModel("m", "Their/M", True, False, Coin("kudos", 2, 9), Coin("kudos", 2, 123)),
        NetworkModel("secret", "", barred="its licence forbids work for pay"),
    )
    assert model_views([Worth("m", "n")], {}) == [NetworkModel("m", "n")]


def test_the_last_hour_is_told_with_the_share_of_the_engine() -> None:
    hour = Totals(done=5, failed=1, expired=1, returned=1, cancelled=3, compute_us=30)
    found = view(Seen(), sums=Sums(hour, hour, 120))
    assert (found.hour_done, found.hour_failed, found.share_pct) == (5, 3, 25.0)
    assert view(Seen()).share_pct is None


def test_each_asset_stands_by_itself_and_what_is_held_back_is_apart() -> None:
    ever = Totals(takings=(Takings(KUDOS, 10, 5), Takings(USDC, 0, 0, 7)))
    hour = Totals(takings=(Takings(KUDOS, 2, 1),))
    assert rewards(Sums(ever, hour), (Amount(5, KUDOS),)) == (
        Rewards("USDC", 6, 0, 0, 7),
        Rewards("kudos", 2, 10, 5, 0, 5, 2, 1, 0),
    )


def test_what_is_only_held_back_is_told_too() -> None:
    member = Seen(replace(WELL, held=(Amount(60, KUDOS),)))
    assert view(member).rewards == (Rewards("kudos", 2, held=60),)
