import json
from itertools import count
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mnemonic import Mnemonic
from solders.keypair import Keypair
from wallet_samples import ABOUT, ABOUT_ADDRESS, CHEAP, about, bare_key

from wallet import formats, vault, words
from wallet.errors import NeedsPassphrase, WalletError
from wallet.formats import Format
from wallet.keys import LEDGER
from wallet.material import FromKey, FromWords, KeyMaterial, dump, load
from wallet.secret import Secret

PASSPHRASE = Secret("correct horse battery staple")
KEYGEN = formats.encode(about(), Format.SOLANA_KEYGEN).reveal()
BASE58 = formats.encode(about(), Format.BASE58).reveal()
BACKUP = formats.encode(about(), Format.BACKUP, passphrase=PASSPHRASE, cost=CHEAP).reveal()
SAMPLES = {
    Format.SOLANA_KEYGEN: KEYGEN,
    Format.BASE58: BASE58,
    Format.MNEMONIC: ABOUT,
    Format.BACKUP: BACKUP,
}


def decode(text: str | bytes) -> KeyMaterial:
    return formats.decode(Secret(text), passphrase=PASSPHRASE)


@pytest.mark.parametrize(("form", "text"), SAMPLES.items(), ids=[form.value for form in SAMPLES])
def test_each_form_is_recognised_and_leads_to_the_same_address(form: Format, text: str) -> None:
    assert formats.recognise(Secret(text)) is form
    assert decode(text).key_pair().address == ABOUT_ADDRESS
    assert decode(f"\ufeff \r\n{text}\r\n ").key_pair().address == ABOUT_ADDRESS


def test_our_files_open_in_solders() -> None:
    assert str(Keypair.from_json(KEYGEN).pubkey()) == ABOUT_ADDRESS
    assert str(Keypair.from_base58_string(BASE58).pubkey()) == ABOUT_ADDRESS


@given(st.binary(min_size=32, max_size=32))
@settings(max_examples=50)
def test_files_of_solders_open_here(seed: bytes) -> None:
    theirs = Keypair.from_seed(seed)
    for text in (theirs.to_json(), json.dumps(json.loads(theirs.to_json()), indent=2), str(theirs)):
        material = decode(text)
        assert material == FromKey(Secret(seed))
        assert material.key_pair().address == str(theirs.pubkey())


@pytest.mark.parametrize(
    "material",
    [about(), FromWords(Secret(ABOUT), Secret("TREZOR"), LEDGER), FromWords(Secret(ABOUT), path=None), bare_key()],
)
def test_a_backup_keeps_everything(material: KeyMaterial) -> None:
    backup = formats.encode(material, Format.BACKUP, passphrase=PASSPHRASE, cost=CHEAP)
    assert formats.decode(backup, passphrase=PASSPHRASE) == material


def test_words_leave_as_they_came_and_a_bare_key_has_none() -> None:
    assert formats.encode(about(), Format.MNEMONIC) == Secret(ABOUT)
    with pytest.raises(formats.NoWords):
        formats.encode(bare_key(), Format.MNEMONIC)


@pytest.mark.parametrize(
    ("text", "error", "complaint"),
    [
        ("", formats.UnknownFormat, "empty"),
        ("hello, world!", words.WordsError, "2 words"),
        ("hello,world!", formats.UnknownFormat, "expected the JSON of solana-keygen"),
        (b"\xff\xfe[\x001\x00]\x00", formats.UnknownFormat, "UTF-8"),
        ("x" * 20_000, formats.UnknownFormat, "16384"),
        (ABOUT_ADDRESS, formats.WrongLength, "an address"),
        (BASE58[:-5], formats.WrongLength, "expected the 64 bytes"),
        ("1" * 200, formats.FormatError, "87 or 88"),
        ("[]", formats.WrongLength, "0 bytes"),
        (json.dumps(list(range(32))), formats.WrongLength, "half a key"),
        (json.dumps([*json.loads(KEYGEN)[:63], 256]), formats.FormatError, "0 to 255"),
        (json.dumps([*json.loads(KEYGEN)[:63], True]), formats.FormatError, "0 to 255"),
        (json.dumps([*json.loads(KEYGEN)[:63], 1.0]), formats.FormatError, "0 to 255"),
        (json.dumps(json.loads(KEYGEN)[::-1]), formats.MismatchedHalves, "halves"),
        (KEYGEN[:-1], formats.FormatError, "broken JSON"),
        ("[" * 16_000, formats.FormatError, "broken JSON"),
        ("[1" + "0" * 5000 + "]", formats.FormatError, "JSON"),
        ("abandon " * 12, words.WordsError, "checksum"),
        ("abandon " * 11, words.WordsError, "11 words"),
        ("{}", vault.VaultError, "another kind of file"),
        (BACKUP.replace("argon2id", "argon2i_"), vault.DamagedVault, "checksum"),
    ],
    ids=count(1),
)
def test_each_wrong_input_has_its_own_error(text: str | bytes, error: type[WalletError], complaint: str) -> None:
    with pytest.raises(error, match=complaint):
        decode(text)


def test_a_backup_wants_its_passphrase() -> None:
    with pytest.raises(NeedsPassphrase):
        formats.decode(Secret(BACKUP))
    with pytest.raises(vault.WrongPassphrase):
        formats.decode(Secret(BACKUP), passphrase=Secret("wrong"))
    with pytest.raises(NeedsPassphrase):
        formats.encode(about(), Format.BACKUP)


def test_a_backup_whose_content_is_of_another_wallet_is_refused() -> None:
    swapped = vault.seal(dump(bare_key()), PASSPHRASE, ABOUT_ADDRESS, CHEAP)
    with pytest.raises(formats.FormatError, match="not of the address"):
        decode(swapped)


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "{}", '{"seed": 5}', '{"seed": "00"}', '{"words": "a", "path": null}']
)
def test_a_stored_key_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(WalletError, match="stored key"):
        load(Secret(text))


def known_outcome(material: KeyMaterial, text: str) -> bool:
    """Whether an import that went through is what the text says: our key, another valid key, or other valid words."""
    if isinstance(material, FromWords):
        said = " ".join(text.lower().split())
        return material == about() or (Mnemonic("english").check(said) and material.words == Secret(said))
    pair = material.key_pair()
    if text.lstrip("\ufeff \r\n\t").startswith("["):
        return Keypair.from_bytes(bytes(json.loads(text.strip("\ufeff \r\n\t")))).secret() == pair.seed().reveal_bytes()
    return str(Keypair.from_base58_string(text.strip("\ufeff \r\n\t")).pubkey()) == pair.address


def broken(chance: Random) -> str:
    """An import file with a few characters changed, cut out, doubled or swapped."""
    text = chance.choice([KEYGEN, BASE58, ABOUT, BACKUP])
    for _ in range(chance.randint(0, 3)):
        at, end = sorted((chance.randint(0, len(text)), chance.randint(0, len(text))))
        piece = chance.choice(["", text[at:end], text[at:end] * 2, " ", "0", "1", ",", "]", "zoo", "\0", "é"])
        text = text[:at] + piece + text[min(end, at + chance.randint(0, 4)) :]
    return text


def gives_an_import_or_a_clear_error(text: str) -> bool:
    try:
        material = decode(text)
    except WalletError as error:
        assert str(error)
        assert "abandon" not in str(error)
        assert error.__cause__ is None
        assert error.__context__ is None or error.__suppress_context__
        return True
    return known_outcome(material, text)


@pytest.mark.parametrize("seed", range(4))
def test_ten_thousand_broken_files_give_an_import_or_a_clear_error(seed: int) -> None:
    chance = Random(seed)
    for _ in range(2500):
        text = broken(chance)
        assert gives_an_import_or_a_clear_error(text), repr(text)


@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda data: data.decode("latin-1")))
@settings(max_examples=1000)
def test_whatever_text_is_brought_gives_an_import_or_a_clear_error(text: str) -> None:
    assert gives_an_import_or_a_clear_error(text)


@given(st.binary(max_size=200))
@settings(max_examples=500)
def test_files_that_are_no_text_give_a_clear_error_too(data: bytes) -> None:
    with pytest.raises(WalletError):
        decode(data)
