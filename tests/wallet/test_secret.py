"""A secret does not show."""

from __future__ import annotations

import copy
import json
import pickle
import traceback

import pytest

from wallet.secret import Secret

HIDDEN = "correct horse battery staple"


def test_it_gives_itself_away_only_when_asked() -> None:
    assert Secret(HIDDEN).reveal() == HIDDEN


def test_no_way_of_printing_shows_it() -> None:
    secret = Secret(HIDDEN)
    shown = [repr(secret), str(secret), f"{secret}", f"{secret:>40}", "%s %r" % (secret, [secret]), str({1: secret})]  # noqa: UP031
    assert not any("horse" in text for text in shown)


@pytest.mark.parametrize("leave", [pickle.dumps, copy.copy, copy.deepcopy, json.dumps, hash, vars])
def test_it_cannot_be_carried_away(leave: object) -> None:
    assert callable(leave)
    with pytest.raises(TypeError):
        leave(Secret(HIDDEN))


def test_a_traceback_with_locals_does_not_show_it() -> None:
    secret = Secret(HIDDEN)
    try:
        raise RuntimeError(f"failed with {secret}")
    except RuntimeError as error:
        told = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert "secret = Secret(…)" in told
    assert "horse" not in told.replace("HIDDEN", "")


def test_equality_is_by_value_and_emptiness_is_visible() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert not Secret("")
