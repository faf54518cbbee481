"""The wallets as a node holds them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from eventually import eventually
from wallet_samples import ABOUT_ADDRESS, CHEAP, about

from node.control.wire import WalletMark
from node.purse.purse import Purse
from wallet.errors import NeedsPassphrase, WalletError
from wallet.home import WALLETS
from wallet.keystore.money import MoneyKeys
from wallet.register import RegisterError
from wallet.secret import Secret
from wallet.vault import WrongPassphrase
from wallet.wallets import Wallets

PASSPHRASE = "correct horse"
ELSEWHERE = "GjJyeC1r2RgkuoCWMyPYkCWSGSGLcz266EaAkLA27AhL"


def elsewhere(data: Path) -> Wallets:
    """The same wallets in the hands of another process, such as `stoker keys`."""
    return Wallets(data / WALLETS, MoneyKeys(data / WALLETS, cost=CHEAP))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    elsewhere(tmp_path).add("mine", about(), passphrase=Secret(PASSPHRASE))
    return tmp_path


async def test_without_a_wallet_there_is_no_mark(tmp_path: Path) -> None:
    purse = Purse(tmp_path, None)
    assert (purse.mark, purse.notes(), await purse.views()) == (None, (), ())


async def test_a_watched_address_has_nothing_to_lock_or_to_back_up(tmp_path: Path) -> None:
    purse = Purse(tmp_path, None)
    view = await purse.watch("payouts", ABOUT_ADDRESS)
    assert (view.store, view.locked, view.backed_up, view.active) == ("watch-only", None, None, True)
    assert purse.mark == WalletMark("payouts", ABOUT_ADDRESS, None, None)
    assert purse.notes() == ()


async def test_a_key_stays_locked_until_it_is_unlocked(data: Path) -> None:
    purse = Purse(data, None)
    (view,) = await purse.views()
    assert (view.locked, view.store, view.backed_up) == (True, "vault", False)
    assert "Argon2id, 1 passes over 8 MiB" in view.store_detail

    assert (await purse.unlock("mine", Secret(PASSPHRASE))).locked is False
    assert purse.mark == WalletMark("mine", ABOUT_ADDRESS, locked=False, backed_up=False)

    await purse.lock("mine")
    assert purse.mark == WalletMark("mine", ABOUT_ADDRESS, locked=True, backed_up=False)


@pytest.mark.parametrize(("passphrase", "error"), [(None, NeedsPassphrase), ("horse", WrongPassphrase)])
async def test_what_does_not_open_it_leaves_it_locked(
    data: Path, passphrase: str | None, error: type[WalletError]
) -> None:
    purse = Purse(data, None)
    with pytest.raises(error):
        await purse.unlock("mine", Secret(passphrase) if passphrase else None)
    assert (await purse.views())[0].locked is True


async def test_a_key_left_idle_locks_itself(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("node.purse.purse.LOOK_SECONDS", 0.01)
    purse = Purse(data, 0.2)
    await purse.unlock("mine", Secret(PASSPHRASE))
    running = asyncio.create_task(purse.run())
    await eventually(lambda: purse.mark is not None and purse.mark.locked is True)
    running.cancel()


async def test_what_other_processes_do_is_seen(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("node.purse.purse.LOOK_SECONDS", 0.01)
    purse = Purse(data, None)
    running = asyncio.create_task(purse.run())
    await eventually(lambda: purse.mark is not None)
    elsewhere(data).rename("mine", "daily")
    await eventually(lambda: purse.mark is not None and purse.mark.name == "daily")
    assert (await purse.unlock("daily", Secret(PASSPHRASE))).locked is False
    running.cancel()


async def test_a_wallet_that_is_not_backed_up_is_a_note_on_the_state_line(data: Path) -> None:
    purse = Purse(data, None)
    await purse.use("mine")
    assert purse.notes() == ("wallet mine is not backed up: stoker keys verify-backup mine",)
    words = {at: Secret("abandon") for at in (1, 2, 3)}
    elsewhere(data).verify_words("mine", words, Secret(PASSPHRASE))
    await purse.use("mine")
    assert purse.notes() == ()


async def test_the_active_wallet_comes_first(data: Path) -> None:
    purse = Purse(data, None)
    await purse.watch("payouts", ELSEWHERE)
    await purse.use("payouts")
    assert [view.name for view in await purse.views()] == ["payouts", "mine"]


async def test_a_damaged_register_is_told_and_stops_nothing(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("node.purse.purse.LOOK_SECONDS", 0.01)
    (data / WALLETS / "wallets.json").write_text("{")
    purse = Purse(data, None)
    running = asyncio.create_task(purse.run())
    await eventually(lambda: purse.notes() != ())
    assert purse.notes()[0].startswith("wallets.json: it is damaged")
    assert not running.done()
    with pytest.raises(RegisterError):
        await purse.views()
    running.cancel()


async def test_a_key_from_the_service_manager_is_taken_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = tmp_path / "credentials"
    given.mkdir()
    (given / "stoker-wallet-hot").write_text(about().words.reveal())
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(given))
    purse = Purse(tmp_path / "data", None)
    running = asyncio.create_task(purse.run())
    await eventually(lambda: purse.mark is not None)
    assert purse.mark == WalletMark("hot", ABOUT_ADDRESS, locked=True, backed_up=True)
    assert (await purse.unlock("hot", None)).locked is False
    running.cancel()
