import json
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wallet_samples import ABOUT_ADDRESS

from wallet import base58
from wallet.evm.address import AddressError
from wallet.files import ReadableByOthers
from wallet.register import Chain, Register, RegisterError, RegisterFile, Store, Wallet, parse_address

OTHER = "EHqmfkN89RJ7Y33CXM6uCzhVeuywHoJXZZLszBHHZy7o"


def wallet(name: str, address: str = ABOUT_ADDRESS, store: Store = Store.WATCH_ONLY) -> Wallet:
    return Wallet("00" * 8, name, Chain.SOLANA, address, store, 1_700_000_000)


def test_the_first_wallet_is_active_until_another_is_used() -> None:
    register = Register().added(wallet("a")).added(wallet("b", OTHER))
    assert register.active == "a"
    assert register.used("b").active == "b"


def test_the_active_wallet_keeps_its_place_through_a_rename_and_hands_it_on_when_removed() -> None:
    register = Register().added(wallet("a")).added(wallet("b", OTHER))
    assert register.renamed("a", "c").active == "c"
    assert register.removed("a").active == "b"
    assert register.removed("b").active == "a"
    assert register.removed("a").removed("b") == Register()


def test_a_name_or_an_address_is_there_once() -> None:
    register = Register().added(wallet("a"))
    with pytest.raises(RegisterError, match="'a' is taken"):
        register.added(wallet("a", OTHER))
    with pytest.raises(RegisterError, match="here already, as 'a'"):
        register.added(wallet("b"))
    with pytest.raises(RegisterError, match="taken"):
        register.added(wallet("b", OTHER)).renamed("a", "b")


def test_the_key_of_a_watched_address_takes_its_place() -> None:
    register = Register().added(wallet("a")).added(wallet("b", OTHER)).added(wallet("a", store=Store.VAULT))
    assert [(one.name, one.store) for one in register.wallets] == [("a", Store.VAULT), ("b", Store.WATCH_ONLY)]


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(RegisterError, match="'c' does not exist; there are: a"):
        Register().added(wallet("a")).get("c")
    with pytest.raises(RegisterError, match="none yet"):
        Register().get("c")


@pytest.mark.parametrize("name", ["", "-a", "a b", "a/b", "..", "ä", "a" * 33, "a\n"])
def test_what_is_not_a_name(name: str) -> None:
    with pytest.raises(RegisterError, match="name"):
        Register().added(wallet(name))


def test_only_a_wallet_with_a_key_and_no_proof_needs_a_backup() -> None:
    assert not wallet("a").needs_backup
    assert wallet("a", store=Store.KEYRING).needs_backup
    assert not replace(wallet("a", store=Store.KEYRING), backed_up_at=1).needs_backup


@pytest.mark.parametrize(
    ("text", "chain"),
    [(f" {ABOUT_ADDRESS}\n", Chain.SOLANA), ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", Chain.EVM)],
)
def test_the_chain_is_seen_from_the_address(text: str, chain: Chain) -> None:
    assert parse_address(text) == (chain, text.strip())


@pytest.mark.parametrize("text", ["", "me", "0x123", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "x" * 10_000])
def test_other_addresses_are_refused(text: str) -> None:
    with pytest.raises(AddressError, match="expected"):
        parse_address(text)


@st.composite
def registers(draw: st.DrawFn) -> Register:
    names = draw(st.lists(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}", fullmatch=True), unique=True, max_size=6))
    register = Register()
    for number, name in enumerate(names):
        register = register.added(
            Wallet(
                f"{number:016x}",
                name,
                Chain.SOLANA,
                base58.encode(bytes([number + 1]) * 32),
                draw(st.sampled_from(Store)),
                draw(st.integers(0, 2**33)),
                draw(st.sampled_from(["", "m/44'/501'/0'/0'"])),
                draw(st.sampled_from([0, 12, 24])),
                draw(st.none() | st.integers(0, 2**33)),
            )
        )
    return register.used(draw(st.sampled_from(names))) if names else register


@given(register=registers())
def test_what_is_written_is_read_again(register: Register, tmp_path_factory: pytest.TempPathFactory) -> None:
    directory = tmp_path_factory.mktemp("register")
    RegisterFile(directory).change(lambda _: register)
    assert RegisterFile(directory).read() == register


def test_there_is_nothing_before_the_first_change(tmp_path: Path) -> None:
    assert RegisterFile(tmp_path / "none").read() == Register()
    assert not (tmp_path / "none").exists()


def test_the_file_and_its_directory_are_private(tmp_path: Path) -> None:
    RegisterFile(tmp_path / "w").change(lambda register: register.added(wallet("a")))
    assert stat.S_IMODE((tmp_path / "w").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "w").iterdir()} == {0o600}
    (tmp_path / "w" / "wallets.json").chmod(0o644)
    with pytest.raises(ReadableByOthers):
        RegisterFile(tmp_path / "w").read()


def test_a_change_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    file = RegisterFile(tmp_path)
    before = file.change(lambda register: register.added(wallet("a")))
    with pytest.raises(RegisterError):
        file.change(lambda register: register.added(wallet("a")))
    assert file.read() == before


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", 5),
        ("name", "a b"),
        ("store", "cloud"),
        ("chain", None),
        ("address", "x"),
        ("id", "../x"),
        ("words", "12"),
    ],
)
def test_a_damaged_file_is_called_damaged(tmp_path: Path, key: str, value: object) -> None:
    file = RegisterFile(tmp_path)
    file.change(lambda register: register.added(wallet("a")))
    fields = json.loads((tmp_path / "wallets.json").read_text())
    fields["wallets"][0][key] = value
    (tmp_path / "wallets.json").write_text(json.dumps(fields))
    with pytest.raises(RegisterError):
        file.read()


@pytest.mark.parametrize("text", ["", "[]", "null", '{"version": 1}', '{"version": 2}', "[" * 50_000])
def test_another_file_in_its_place_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "wallets.json").write_text(text)
    (tmp_path / "wallets.json").chmod(0o600)
    with pytest.raises(RegisterError):
        RegisterFile(tmp_path).read()


def test_changes_made_at_once_are_all_kept(tmp_path: Path) -> None:
    def add(number: int) -> None:
        address = base58.encode(bytes([number + 1]) * 32)
        RegisterFile(tmp_path).change(lambda register: register.added(wallet(f"w{number}", address)))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(24)))
    assert {one.name for one in RegisterFile(tmp_path).read().wallets} == {f"w{number}" for number in range(24)}
