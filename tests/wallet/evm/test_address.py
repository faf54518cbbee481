import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet.evm.address import AddressError, checksummed, parse_evm_address
from wallet.evm.keccak import keccak_256

# The test cases of EIP-55.
EIP_55 = [
    "0x52908400098527886E0F7030069857D2E4169EE7",
    "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
    "0xde709f2102306220921060314715629080e2fb77",
    "0x27b1fdb04752bbc536007a920d24acb045561c26",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
]


@pytest.mark.parametrize(
    ("data", "digest"),
    [
        (b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
        (b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
        (b"Transfer(address,address,uint256)", "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"),
    ],
)
def test_keccak_vectors(data: bytes, digest: str) -> None:
    assert keccak_256(data).hex() == digest


def test_keccak_is_not_the_sha3_of_the_standard_library() -> None:
    assert keccak_256(b"abc") != hashlib.sha3_256(b"abc").digest()


@given(st.integers(0, 500).map(bytes))
def test_any_length_around_the_block_gives_a_digest(data: bytes) -> None:
    assert len(keccak_256(data)) == 32


@pytest.mark.parametrize("address", EIP_55)
def test_published_addresses_pass_in_every_case(address: str) -> None:
    assert checksummed(address[2:]) == address
    assert parse_evm_address(address) == address
    assert parse_evm_address("0x" + address[2:].lower()) == address
    assert parse_evm_address("0X" + address[2:].upper()) == address


def test_one_letter_in_the_wrong_case_is_noticed() -> None:
    with pytest.raises(AddressError, match="checksum"):
        parse_evm_address("0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed")


@pytest.mark.parametrize(
    "text", ["", "0x", "0x12", "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", EIP_55[0] + "0", "0x" + "g" * 40]
)
def test_other_texts_are_no_addresses(text: str) -> None:
    with pytest.raises(AddressError, match="40 hex"):
        parse_evm_address(text)
