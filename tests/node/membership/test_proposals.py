"""What changes in a membership, and what stays."""

from __future__ import annotations

from datetime import UTC, datetime

from node.membership.membership import Membership, checked
from node.membership.proposals import change

NOW = datetime(2026, 11, 22, tzinfo=UTC)
OLD: Membership = checked(
    {
        "kind": "usepod",
        "url": "https://pod.example",
        "worker_name": "usepod",
        "accepted_page": "2026-11-22",
        "accepted_at": NOW,
        "models": {"a": "x", "b": ""},
        "options": {"asked_them": True, "prompt_price": 50_000},
    }
)


def test_an_option_that_is_not_named_stays() -> None:
    new = change({"name": "usepod", "options": {"prompt_price": 70_000}}).applied(OLD, NOW)
    assert new.options == {"asked_them": True, "prompt_price": 70_000}


def test_given_models_take_the_place_of_all() -> None:
    new = change({"name": "usepod", "models": {"c": "z"}}).applied(OLD, NOW)
    assert new.models == {"c": "z"}


def test_whatever_else_is_not_named_stays() -> None:
    new = change({"name": "usepod", "weight": 3}).applied(OLD, NOW)
    assert new == OLD.model_copy(update={"weight": 3.0})
