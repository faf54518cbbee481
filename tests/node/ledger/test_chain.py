"""What an entry is, byte by byte."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.ledger.chain import GENESIS, canonical, entry_hash

texts = st.text(st.characters(exclude_categories=["Cs"]))
bodies = st.dictionaries(texts, st.integers() | texts, max_size=8)


def test_an_entry_hash_is_sha256_over_the_bytes_that_the_docstring_names() -> None:
    body = b'{"reason":"caf\xc3\xa9"}'
    expected = hashlib.sha256(
        b"\x00" + (7).to_bytes(8, "big") + (1_800_000_000).to_bytes(8, "big") + b"\x0cnode_stopped" + GENESIS + body
    ).digest()
    assert entry_hash(7, 1_800_000_000, b"node_stopped", GENESIS, body) == expected


def test_a_body_is_written_with_sorted_keys_and_no_needless_signs() -> None:
    assert canonical({"b": 2, "a": 'é "x"\n', "c": -1}) == '{"a":"é \\"x\\"\\n","b":2,"c":-1}'


@given(bodies)
def test_a_body_reads_back_as_it_was_at_any_size_of_integer(body: dict[str, int | str]) -> None:
    assert json.loads(canonical(body)) == body


@given(bodies)
def test_the_order_of_writing_does_not_matter(body: dict[str, int | str]) -> None:
    assert canonical(dict(reversed(body.items()))) == canonical(body)


@pytest.mark.parametrize("value", [1.5, None, True, ["x"], {"x": 1}, b"x"])
def test_only_integers_and_texts_are_written(value: object) -> None:
    with pytest.raises(ValueError, match="integers and texts"):
        canonical({"field": value})  # type: ignore[dict-item]


def test_a_body_has_a_limit() -> None:
    with pytest.raises(ValueError, match="limited to 65536 bytes"):
        canonical({"text": "é" * 40_000})
