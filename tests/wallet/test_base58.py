import pytest
from hypothesis import given
from hypothesis import strategies as st
from solders.pubkey import Pubkey

from wallet import base58


@given(st.binary(max_size=80))
def test_every_byte_string_comes_back(data: bytes) -> None:
    assert base58.decode(base58.encode(data)) == data


@given(st.binary(min_size=32, max_size=32))
def test_addresses_are_written_as_solders_writes_them(data: bytes) -> None:
    assert base58.encode(data) == str(Pubkey(data))


@pytest.mark.parametrize("text", ["0", "O", "I", "l", "é", "1 1", "1" * 129])
def test_other_characters_and_long_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="base58"):
        base58.decode(text)
