import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from solders.keypair import Keypair
from wallet_samples import ABOUT, ART

from wallet import words
from wallet.errors import WalletError
from wallet.keys import LEDGER, PHANTOM, DerivationPath, KeyPair, PathError, derive, is_address
from wallet.material import FromWords, candidates
from wallet.secret import Secret

TREZOR = Secret("TREZOR")

SOLANA_VECTORS = [
    (ABOUT, "", "m/44'/501'/0'/0'", "HAgk14JpMQLgt6rVgv7cBQFJWFto5Dqxi472uT3DKpqk"),
    (ABOUT, "", "m/44'/501'/1'/0'", "Hh8QwFUA6MtVu1qAoq12ucvFHNwCcVTV7hpWjeY1Hztb"),
    (ABOUT, "", "m/44'/501'/0'", "GjJyeC1r2RgkuoCWMyPYkCWSGSGLcz266EaAkLA27AhL"),
    (ABOUT, "", None, "EHqmfkN89RJ7Y33CXM6uCzhVeuywHoJXZZLszBHHZy7o"),
    (ART, "", "m/44'/501'/0'/0'", "3Cy3YNTFywCmxoxt8n7UH6hg6dLo5uACowX3CFceaSnx"),
    (ABOUT, "TREZOR", "m/44'/501'/0'/0'", "7zSmbu6gKkb6HB7UDPtHYjwCWuBHU1D4TpNZFm4sndQe"),
]

# SLIP-0010, "Test vector 1 for ed25519" and "Test vector 2 for ed25519": path, private, public (without its 00).
SLIP10_SEED_1 = "000102030405060708090a0b0c0d0e0f"
SLIP10_SEED_2 = (
    "fffcf9f6f3f0edeae7e4e1dedbd8d5d2cfccc9c6c3c0bdbab7b4b1aeaba8a5a2"
    "9f9c999693908d8a8784817e7b7875726f6c696663605d5a5754514e4b484542"
)
SLIP10_VECTORS = [
    (
        SLIP10_SEED_1,
        "m",
        "2b4be7f19ee27bbf30c667b642d5f4aa69fd169872f8fc3059c08ebae2eb19e7",
        "a4b2856bfec510abab89753fac1ac0e1112364e7d250545963f135f2a33188ed",
    ),
    (
        SLIP10_SEED_1,
        "m/0'",
        "68e0fe46dfb67e368c75379acec591dad19df3cde26e63b93a8e704f1dade7a3",
        "8c8a13df77a28f3445213a0f432fde644acaa215fc72dcdf300d5efaa85d350c",
    ),
    (
        SLIP10_SEED_1,
        "m/0'/1'",
        "b1d0bad404bf35da785a64ca1ac54b2617211d2777696fbffaf208f746ae84f2",
        "1932a5270f335bed617d5b935c80aedb1a35bd9fc1e31acafd5372c30f5c1187",
    ),
    (
        SLIP10_SEED_1,
        "m/0'/1'/2'",
        "92a5b23c0b8a99e37d07df3fb9966917f5d06e02ddbd909c7e184371463e9fc9",
        "ae98736566d30ed0e9d2f4486a64bc95740d89c7db33f52121f8ea8f76ff0fc1",
    ),
    (
        SLIP10_SEED_1,
        "m/0'/1'/2'/2'/1000000000'",
        "8f94d394a8e8fd6b1bc2f3f49f5c47e385281d5c17e65324b0f62483e37e8793",
        "3c24da049451555d51a7014a37337aa4e12d41e485abccfa46b47dfb2af54b7a",
    ),
    (
        SLIP10_SEED_2,
        "m",
        "171cb88b1b3c1db25add599712e36245d75bc65a1a5c9e18d76f9f2b1eab4012",
        "8fe9693f8fa62a4305a140b9764c5ee01e455963744fe18204b4fb948249308a",
    ),
    (
        SLIP10_SEED_2,
        "m/0'/2147483647'/1'/2147483646'/2'",
        "551d333177df541ad876a60ea71f00447931c0a9da16f227c11ea080d7391b8d",
        "47150c75db263559a70d5778bf36abbab30fb061ad69f69ece61a72b0cfa4fc0",
    ),
]


@pytest.mark.parametrize(("seed", "path", "private", "public"), SLIP10_VECTORS)
def test_slip_0010_vectors(seed: str, path: str, private: str, public: str) -> None:
    pair = derive(Secret(bytes.fromhex(seed)), DerivationPath.parse(path))
    assert pair.seed().reveal_bytes().hex() == private
    assert pair.public.hex() == public


@pytest.mark.parametrize(("phrase", "passphrase", "path", "address"), SOLANA_VECTORS)
def test_published_addresses(phrase: str, passphrase: str, path: str | None, address: str) -> None:
    steps = DerivationPath.parse(path) if path else None
    assert FromWords(Secret(phrase), Secret(passphrase), steps).key_pair().address == address


def test_bip_39_seeds() -> None:
    assert words.seed(Secret(ABOUT)).reveal_bytes().hex().startswith("5eb00bbddcf069084889a8ab9155568165f5c453ccb85e70")
    assert words.seed(Secret(ABOUT), TREZOR).reveal_bytes().hex().startswith("c55257c360c07c72029aebc1b53c05ed0362ada3")


@given(st.binary(min_size=64, max_size=64), st.lists(st.integers(0, 2**31 - 1), min_size=1, max_size=6))
@settings(max_examples=50)
def test_any_path_leads_where_solders_goes(seed: bytes, indexes: list[int]) -> None:
    path = DerivationPath(tuple(indexes))
    theirs = Keypair.from_seed_and_derivation_path(seed, str(path))
    assert derive(Secret(seed), path).address == str(theirs.pubkey())


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200))
@settings(max_examples=50)
def test_signatures_are_those_of_solders(seed: bytes, message: bytes) -> None:
    assert KeyPair(Secret(seed)).sign(message) == bytes(Keypair.from_seed(seed).sign_message(message))


def test_the_usual_paths_are_offered_for_words() -> None:
    offered = {candidate.label: candidate.address for candidate in candidates(Secret(ABOUT))}
    assert offered == {
        "Phantom, Solflare, Backpack": "HAgk14JpMQLgt6rVgv7cBQFJWFto5Dqxi472uT3DKpqk",
        "second account of those": "Hh8QwFUA6MtVu1qAoq12ucvFHNwCcVTV7hpWjeY1Hztb",
        "Ledger": "GjJyeC1r2RgkuoCWMyPYkCWSGSGLcz266EaAkLA27AhL",
        "solana-keygen without a path": "EHqmfkN89RJ7Y33CXM6uCzhVeuywHoJXZZLszBHHZy7o",
    }


@pytest.mark.parametrize("path", [PHANTOM, LEDGER, DerivationPath(())])
def test_a_path_is_read_as_it_is_written(path: DerivationPath) -> None:
    assert DerivationPath.parse(str(path)) == path


@pytest.mark.parametrize(
    "text",
    ["", "44'/501'", "m/", "m/44/501'", "m/44h", "m/2147483648'", "m/-1'", "m/٣'", "m" + "/0'" * 11, "m/0'\n"],
)
def test_other_paths_are_refused(text: str) -> None:
    with pytest.raises(PathError, match="path"):
        DerivationPath.parse(text)


@pytest.mark.parametrize("count", [12, 24])
def test_new_words_are_valid_and_new(count: int) -> None:
    made = words.generate(count)
    assert len(words.check(made).reveal().split()) == count
    assert made != words.generate(count)


def test_words_are_read_however_they_are_spaced_and_cased() -> None:
    assert words.check(Secret("  Abandon\n" * 11 + "\tABOUT ")) == Secret(ABOUT)


@pytest.mark.parametrize(
    ("phrase", "complaint"),
    [
        ("", "0 words"),
        ("abandon " * 13, "13 words"),
        ("abandon " * 12, "checksum"),
        ("abandon " * 10 + "abandno about", "word 11"),
        ("about " + "abandon " * 11, "checksum"),
    ],
)
def test_wrong_words_are_refused_by_position_and_never_quoted(phrase: str, complaint: str) -> None:
    with pytest.raises(words.WordsError, match=complaint) as raised:
        words.check(Secret(phrase))
    assert "aband" not in str(raised.value)


def test_a_passphrase_beyond_all_measure_is_refused() -> None:
    with pytest.raises(WalletError, match="256"):
        words.seed(Secret(ABOUT), Secret("x" * 257))


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("HAgk14JpMQLgt6rVgv7cBQFJWFto5Dqxi472uT3DKpqk", True),
        ("11111111111111111111111111111111", True),
        ("1111111111111111111111111111111", False),
        ("HAgk14JpMQLgt6rVgv7cBQFJWFto5Dqxi472uT3", False),
        ("HAgk14JpMQLgt6rVgv7cBQFJWFto5Dqxi472uT3DKpq0", False),
        ("", False),
    ],
)
def test_what_is_an_address(text: str, is_one: bool) -> None:
    assert is_address(text) is is_one
