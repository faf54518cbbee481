"""Which work a network may have here at all."""

from __future__ import annotations

import pytest

from node.membership.admission import UNBOXED, Bar, admitted, bar_of_box
from node.models.licences import Licence

FREE = Licence("Apache-2.0", True, source="the catalogue")
FORBIDDEN = Licence("cc-by-nc-4.0", False, source="the file")
UNKNOWN = Licence("house rules", None)


@pytest.mark.parametrize(
    ("boxed", "allowed", "bar"), [(True, False, None), (True, True, None), (False, True, None), (False, False, UNBOXED)]
)
def test_strangers_reach_a_boxed_engine_or_one_that_the_owner_opened_by_name(
    boxed: bool, allowed: bool, bar: Bar | None
) -> None:
    assert bar_of_box(boxed=boxed, allowed_without=allowed) == bar


@pytest.mark.parametrize(("licence", "offered"), [(FREE, True), (UNKNOWN, True), (FORBIDDEN, False), (Licence(), True)])
def test_a_network_that_pays_money_gets_no_model_that_may_not_work_for_pay(licence: Licence, offered: bool) -> None:
    models, barred = admitted({"m": "name"}, lambda _: licence, pays_money=True)
    assert models == ({"m": "name"} if offered else {})
    assert bool(barred) is not offered


def test_the_reason_names_the_licence_and_who_says_so() -> None:
    _, barred = admitted({"m": ""}, lambda _: FORBIDDEN, pays_money=True)
    assert barred == {"m": "its licence forbids work for pay (cc-by-nc-4.0, says the file)"}


def test_points_are_no_pay() -> None:
    assert admitted({"m": ""}, lambda _: FORBIDDEN, pays_money=False) == ({"m": ""}, {})
