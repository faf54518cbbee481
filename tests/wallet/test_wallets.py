import stat
from pathlib import Path

import pytest
from wallet_gnome_keyring import run_in_session
from wallet_keyring_double import open_keyring
from wallet_samples import ABOUT, ABOUT_ADDRESS, CHEAP, about, bare_key

from wallet import formats
from wallet.errors import NeedsPassphrase, WalletError
from wallet.formats import Format
from wallet.keys import LEDGER
from wallet.keystore.credentials import CredentialsDirectory
from wallet.keystore.keyring import Keyring, KeyringUnavailable
from wallet.keystore.money import MoneyKeys, NoKey
from wallet.material import FromWords
from wallet.register import Chain, RegisterError, Store
from wallet.secret import Secret
from wallet.unlocked import Locked, Unlocked
from wallet.vault import WrongPassphrase
from wallet.wallets import NotBackedUp, Wallets

PASSPHRASE = Secret("correct horse battery staple")
EVM = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"


class Hands:
    """A clock whose hands the test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def cheap(directory: Path, unlocked: Unlocked | None = None, keyring: Keyring | None = None) -> Wallets:
    return Wallets(directory, MoneyKeys(directory, keyring=keyring, cost=CHEAP), unlocked)


def vaulted(directory: Path, unlocked: Unlocked | None = None) -> Wallets:
    wallets = cheap(directory, unlocked)
    wallets.add("mine", about(), passphrase=PASSPHRASE)
    return wallets


def test_an_address_is_watched_without_any_key(tmp_path: Path) -> None:
    wallets = Wallets(tmp_path / "w")
    assert wallets.watch("cold", ABOUT_ADDRESS).chain is Chain.SOLANA
    assert wallets.watch("payouts", EVM.lower()).address == EVM
    assert [one.store for one in wallets.register().wallets] == [Store.WATCH_ONLY] * 2
    assert wallets.register().active == "cold"
    with pytest.raises(NoKey, match="watch-only"):
        wallets.unlock("cold")


def test_a_vault_opens_with_its_passphrase_and_signs(tmp_path: Path) -> None:
    wallets = vaulted(tmp_path)
    assert wallets.locked("mine")
    with pytest.raises(Locked, match="unlock"):
        wallets.signer("mine")
    with pytest.raises(NeedsPassphrase):
        wallets.unlock("mine")
    with pytest.raises(WrongPassphrase):
        wallets.unlock("mine", Secret("wrong"))
    assert wallets.locked("mine")
    wallets.unlock("mine", PASSPHRASE)
    assert wallets.signer("mine").sign(b"m") == about().key_pair().sign(b"m")


def test_everything_on_disk_is_private_and_nothing_is_in_plain_text(tmp_path: Path) -> None:
    vaulted(tmp_path / "w").watch("payouts", EVM)
    files = list((tmp_path / "w").iterdir())
    assert stat.S_IMODE((tmp_path / "w").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert not any(b"abandon" in path.read_bytes() for path in files)


def test_another_process_finds_what_this_one_made(tmp_path: Path) -> None:
    vaulted(tmp_path)
    later = Wallets(tmp_path)
    assert later.register().get("mine").address == ABOUT_ADDRESS
    assert later.material("mine", PASSPHRASE) == about()
    assert later.vault_cost("mine") == CHEAP


def test_without_a_passphrase_the_key_goes_to_the_keyring_and_nowhere_else(tmp_path: Path) -> None:
    keyring, backend = open_keyring()
    wallets = cheap(tmp_path, keyring=keyring)
    wallets.add("mine", about())
    assert wallets.register().get("mine").store is Store.KEYRING
    assert len(backend.entries) == 1
    assert {path.name for path in tmp_path.iterdir()} == {"wallets.json", "wallets.lock"}
    wallets.unlock("mine")
    assert wallets.signer("mine").address == ABOUT_ADDRESS


def test_without_keyring_and_passphrase_nothing_is_kept_and_the_way_out_is_said(tmp_path: Path) -> None:
    keyring, backend = open_keyring()
    backend.locked = True
    with pytest.raises(KeyringUnavailable, match="vault file"):
        cheap(tmp_path, keyring=keyring).add("mine", about())
    with pytest.raises(KeyringUnavailable, match="passphrase"):
        Wallets(tmp_path).add("mine", about())
    with pytest.raises(NeedsPassphrase, match="passphrase"):
        Wallets(tmp_path).add("mine", about(), store=Store.VAULT)
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_taken_stores_nothing(tmp_path: Path) -> None:
    wallets = vaulted(tmp_path)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(RegisterError, match="taken"):
        wallets.add("mine", bare_key(), passphrase=PASSPHRASE)
    assert sorted(tmp_path.iterdir()) == before


def test_the_key_of_a_watched_address_may_arrive_later(tmp_path: Path) -> None:
    wallets = cheap(tmp_path)
    wallets.watch("mine", ABOUT_ADDRESS)
    wallets.add("mine", about(), passphrase=PASSPHRASE)
    assert [one.store for one in wallets.register().wallets] == [Store.VAULT]


def test_wallets_are_renamed_used_and_removed(tmp_path: Path) -> None:
    wallets = vaulted(tmp_path)
    wallets.add("second", bare_key(), passphrase=PASSPHRASE)
    wallets.use("second")
    wallets.rename("second", "other")
    assert wallets.register().active == "other"
    assert wallets.material("other", PASSPHRASE) == bare_key()
    wallets.remove("other", even_if_lost=True)
    assert wallets.register().active == "mine"
    assert len(list(tmp_path.glob("*.vault"))) == 1


def test_the_only_copy_of_a_key_is_not_removed_by_accident(tmp_path: Path) -> None:
    wallets = vaulted(tmp_path)
    with pytest.raises(NotBackedUp, match="verify the backup"):
        wallets.remove("mine")
    assert wallets.material("mine", PASSPHRASE) == about()


def test_a_key_in_a_locked_keyring_is_not_forgotten(tmp_path: Path) -> None:
    keyring, backend = open_keyring()
    wallets = cheap(tmp_path, keyring=keyring)
    wallets.add("mine", about())
    backend.locked = True
    with pytest.raises(KeyringUnavailable):
        wallets.remove("mine", even_if_lost=True)
    assert wallets.register().get("mine")


def test_locking_wipes_the_key(tmp_path: Path) -> None:
    wallets = vaulted(tmp_path)
    wallets.unlock("mine", PASSPHRASE)
    signer = wallets.signer("mine")
    wallets.lock()
    with pytest.raises(WalletError, match="locked away"):
        signer.sign(b"m")
    with pytest.raises(Locked):
        wallets.signer("mine")


def test_one_wallet_may_be_locked_alone(tmp_path: Path) -> None:
    wallets = vaulted(tmp_path)
    wallets.add("second", bare_key(), passphrase=PASSPHRASE)
    wallets.unlock("mine", PASSPHRASE)
    wallets.unlock("second", PASSPHRASE)
    wallets.lock("mine")
    assert (wallets.locked("mine"), wallets.locked("second")) == (True, False)


def test_an_idle_wallet_locks_itself_and_use_keeps_it_open(tmp_path: Path) -> None:
    hands = Hands()
    wallets = vaulted(tmp_path, Unlocked(60, hands))
    wallets.unlock("mine", PASSPHRASE)
    hands.now = 59
    wallets.signer("mine")
    hands.now = 118
    assert wallets.lock_idle() == 0
    hands.now = 119
    assert wallets.lock_idle() == 1
    assert wallets.locked("mine")


def test_an_idle_wallet_signs_no_more_even_if_nobody_watched_the_time(tmp_path: Path) -> None:
    hands = Hands()
    wallets = vaulted(tmp_path, Unlocked(60, hands))
    wallets.unlock("mine", PASSPHRASE)
    hands.now = 61
    with pytest.raises(Locked):
        wallets.signer("mine")


def test_three_words_given_back_count_as_a_backup(tmp_path: Path) -> None:
    wallets = vaulted(tmp_path)
    assert wallets.register().get("mine").needs_backup
    asked = wallets.challenge("mine")
    assert len(set(asked)) == 3
    assert all(1 <= at <= 12 for at in asked)
    words = ABOUT.split()
    wallets.verify_words("mine", {at: Secret(f" {words[at - 1].title()} ") for at in asked}, PASSPHRASE)
    assert not Wallets(tmp_path).register().get("mine").needs_backup
    wallets.remove("mine")


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({1: "abandon", 2: "abandon", 12: "abandon"}, "at 12"),
        ({1: "abandon", 2: "abandon"}, "expected 3"),
        ({0: "abandon", 1: "abandon", 2: "abandon"}, "1 to 12"),
        ({13: "abandon", 1: "abandon", 2: "abandon"}, "1 to 12"),
    ],
)
def test_wrong_words_prove_nothing_and_are_told_by_position(
    tmp_path: Path, given: dict[int, str], complaint: str
) -> None:
    wallets = vaulted(tmp_path)
    with pytest.raises(WalletError, match=complaint) as raised:
        wallets.verify_words("mine", {at: Secret(word) for at, word in given.items()}, PASSPHRASE)
    assert "about" not in str(raised.value)
    assert wallets.register().get("mine").needs_backup


def test_a_bare_key_is_backed_up_by_a_file_that_opens(tmp_path: Path) -> None:
    wallets = cheap(tmp_path)
    wallets.add("mine", bare_key(), passphrase=PASSPHRASE)
    assert wallets.challenge("mine") == ()
    with pytest.raises(formats.NoWords):
        wallets.verify_words("mine", {1: Secret("a"), 2: Secret("b"), 3: Secret("c")}, PASSPHRASE)
    of_another = formats.encode(about(), Format.BACKUP, passphrase=Secret("b"), cost=CHEAP)
    with pytest.raises(WalletError, match="not of 'mine'"):
        wallets.verify_backup("mine", of_another, Secret("b"))
    backup = formats.encode(bare_key(), Format.BACKUP, passphrase=Secret("b"), cost=CHEAP)
    assert not wallets.verify_backup("mine", backup, Secret("b")).needs_backup


def test_the_path_that_was_chosen_is_kept(tmp_path: Path) -> None:
    wallets = cheap(tmp_path)
    wallets.add("ledger", FromWords(Secret(ABOUT), Secret("TREZOR"), LEDGER), passphrase=PASSPHRASE)
    assert wallets.register().get("ledger").path == "m/44'/501'/0'"
    material = wallets.material("ledger", PASSPHRASE)
    assert material == FromWords(Secret(ABOUT), Secret("TREZOR"), LEDGER)


def test_the_credentials_directory_gives_wallets_that_need_no_passphrase(tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    keygen = formats.encode(about(), Format.SOLANA_KEYGEN).reveal()
    (tmp_path / "c" / "stoker-wallet-rig").write_text(keygen + "\n")
    wallets = Wallets(tmp_path / "w", MoneyKeys(tmp_path / "w", CredentialsDirectory(tmp_path / "c")))
    assert [(one.name, one.address) for one in wallets.adopt_credentials()] == [("rig", ABOUT_ADDRESS)]
    assert wallets.adopt_credentials() == ()
    wallets.unlock("rig")
    assert wallets.signer("rig").address == ABOUT_ADDRESS
    with pytest.raises(WalletError, match="unit"):
        wallets.rename("rig", "other")
    with pytest.raises(NoKey, match="LoadCredentialEncrypted"):
        Wallets(tmp_path / "w").unlock("rig")


def test_a_credential_comes_before_the_vault_and_must_be_of_the_same_address(tmp_path: Path) -> None:
    vaulted(tmp_path / "w")
    (tmp_path / "c").mkdir()
    credential = tmp_path / "c" / "stoker-wallet-mine"
    wallets = Wallets(tmp_path / "w", MoneyKeys(tmp_path / "w", CredentialsDirectory(tmp_path / "c")))
    credential.write_text(ABOUT)
    wallets.unlock("mine")
    credential.write_text(formats.encode(bare_key(), Format.BASE58).reveal())
    with pytest.raises(NoKey, match="another address"):
        wallets.unlock("mine")


def test_a_vault_put_in_the_place_of_another_is_noticed(tmp_path: Path) -> None:
    wallets = vaulted(tmp_path)
    other = wallets.add("other", bare_key(), passphrase=PASSPHRASE)
    mine = wallets.register().get("mine")
    (tmp_path / f"{other.id}.vault").replace(tmp_path / f"{mine.id}.vault")
    with pytest.raises(NoKey, match="another address"):
        wallets.unlock("mine", PASSPHRASE)
    with pytest.raises(NoKey, match="gone"):
        wallets.unlock("other", PASSPHRASE)


IN_A_DESKTOP_SESSION = """
import json, os, pathlib
from wallet.keystore.keyring import Keyring
from wallet.keystore.money import MoneyKeys
from wallet.wallets import Wallets
from wallet_samples import about
directory = pathlib.Path(os.environ["HOME"]) / "data"
wallets = Wallets(directory, MoneyKeys(directory, keyring=Keyring(limit=20)))
if not wallets.register().wallets:
    wallets.add("mine", about())
wallets.unlock("mine")
files = b"".join(path.read_bytes() for path in directory.iterdir())
print(json.dumps([wallets.signer("mine").address, wallets.register().get("mine").store, b"abandon" in files]))
"""


def test_a_real_keyring_keeps_the_key_over_sessions(tmp_path: Path) -> None:
    for _ in range(2):
        answer = run_in_session(IN_A_DESKTOP_SESSION, tmp_path, password="login")
        assert answer == [ABOUT_ADDRESS, "OS keyring", False]
