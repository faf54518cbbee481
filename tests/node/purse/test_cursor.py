"""The word that a page of history ends with."""

from __future__ import annotations

import base64
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.purse.cursor import LONGEST, BadCursor, dump, load
from wallet import base58
from wallet.solana.history import Cursor

ADDRESSES = st.binary(min_size=32, max_size=32).map(base58.encode)
SIGNATURES = st.binary(min_size=64, max_size=64).map(base58.encode)


@given(st.dictionaries(ADDRESSES, SIGNATURES, max_size=20), st.frozensets(SIGNATURES, max_size=5))
def test_it_comes_back_as_it_was_given_out(seen: dict[str, str], shown: frozenset[str]) -> None:
    assert load(dump(Cursor(seen, shown))) == Cursor(seen, shown)


def test_the_end_is_an_empty_word() -> None:
    assert (dump(None), load("")) == ("", None)


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda data: base64.urlsafe_b64encode(data).decode()))
def test_what_was_not_given_out_is_refused(word: str) -> None:
    if word:
        with pytest.raises(BadCursor):
            load(word)


@pytest.mark.parametrize("text", ["[]", "[{}, 5]", '[{"a": "b"}, []]', '[["a"], []]', '[{}, ["x"]]', "null"])
def test_something_else_in_its_form_is_refused(text: str) -> None:
    with pytest.raises(BadCursor):
        load(base64.urlsafe_b64encode(zlib.compress(text.encode())).decode())


def test_a_word_that_swells_is_not_followed() -> None:
    bomb = base64.urlsafe_b64encode(zlib.compress(b"[" * 10_000_000)).decode()
    assert len(bomb) < LONGEST
    with pytest.raises(BadCursor):
        load(bomb)
    with pytest.raises(BadCursor):
        load("x" * (LONGEST + 1))
