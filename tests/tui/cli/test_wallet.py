"""``stoker wallet``: what a person sees of their money."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from scripted_control import ScriptedControl, Stoker, refusal
from wallet_samples import ABOUT_ADDRESS

from node.control.wire import BalanceView, Holding, Movement, MovementPage, WalletView

MINE = WalletView(
    "mine", ABOUT_ADDRESS, "solana", "vault", "in a vault file", active=True, locked=True, backed_up=False
)
PAYOUTS = WalletView("payouts", "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913", "base", "watch-only")
FAUCET = "8YuXa7MzbRQwvpbydtMafaRMD7RzeoNxkMTvN3ztVg5f"
SCAM = "GjJyeC1r2RgkuoCWMyPYkCWSGSGLcz266EaAkLA27AhL"


@pytest.fixture(autouse=True)
def _wallets(control: ScriptedControl) -> None:
    control.on("GET", "/wallets", {"wallets": [MINE, PAYOUTS]})


def held(*holdings: Holding, problem: str = "", remedy: str = "") -> BalanceView:
    told = ("rpc.example: healthy, 80 ms",)
    return BalanceView(
        "mine", ABOUT_ADDRESS, "mainnet", 1_700_000_000.0, holdings, problem=problem, remedy=remedy, endpoints=told
    )


def test_the_list_shows_locks_and_backups(stoker: Stoker) -> None:
    assert stoker("wallet", "list").stdout == (
        "   NAME     ADDRESS                                       CHAIN   KEY         LOCKED  BACKED UP\n"
        "*  mine     HAgk14JpMQLgt6rVgv7cBQFJWFto5Dqxi472uT3DKpqk  solana  vault       yes     no\n"
        "   payouts  0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913    base    watch-only\n"
    )


def test_with_no_wallet_at_all_everything_teaches(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/wallets", {"wallets": []})
    assert "stoker wallet watch NAME ADDRESS" in stoker("wallet", "list").stderr
    for command in ("balance", "history", "receive"):
        result = stoker("wallet", command)
        assert (result.exit_code, "stoker wallet watch NAME ADDRESS" in result.stderr) == (5, True)


def test_watching_is_an_order_to_the_node(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("POST", "/commands/watch_wallet", PAYOUTS)
    result = stoker("wallet", "watch", "payouts", PAYOUTS.address)
    assert control.commands() == [("watch_wallet", {"name": "payouts", "address": PAYOUTS.address})]
    assert result.stderr == f"payouts is watched: {PAYOUTS.address} on base.\n"


def test_a_wrong_address_is_told_with_what_was_expected(control: ScriptedControl, stoker: Stoker) -> None:
    no = refusal(409, "wallet", "address: its EIP-55 checksum does not match", "a character is wrong; copy it again")
    control.on("POST", "/commands/watch_wallet", no)
    result = stoker("wallet", "watch", "payouts", "0x1")
    assert result.exit_code == 5
    told = "error: address: its EIP-55 checksum does not match\ntry: a character is wrong; copy it again\n"
    assert result.stderr == told


def test_a_balance_is_exact_and_unknown_tokens_are_called_so(control: ScriptedControl, stoker: Stoker) -> None:
    holdings = (
        Holding("SOL", 9, 1_500_000_001, worth="210.00 USD", worth_at=1_700_000_000.0),
        Holding("USDC", 6, 12_340_000, worth="12.34 USD", worth_at=1_700_000_000.0, worth_stale=True),
        Holding(SCAM, 2, 100, mint=SCAM, known=False),
    )
    control.on("GET", "/wallets/mine/balance", held(*holdings))
    result = stoker("wallet", "balance")
    assert result.exit_code == 0
    assert [line.split("  ") for line in result.stdout.splitlines()][1][-1] == "210.00 USD"
    lines = result.stdout.splitlines()
    assert "1.500000001" in lines[1]
    assert lines[2].endswith("12.34 USD  price from 2023-11-14 22:13:20")
    assert lines[3].split()[:2] == [SCAM, "1.00"]
    assert lines[3].endswith("unknown token: nobody here vouches for it")


@pytest.mark.parametrize("as_json", [False, True])
def test_what_is_not_known_has_no_number(control: ScriptedControl, stoker: Stoker, as_json: bool) -> None:
    control.on("GET", "/wallets/mine/balance", held(problem="no RPC node answers", remedy="set another RPC URL"))
    result = stoker("wallet", "balance", *(["--json"] if as_json else []))
    assert result.exit_code == 6
    assert "error: what mine holds is not known: no RPC node answers\ntry: set another RPC URL" in result.stderr
    assert (json.loads(result.stdout)["holdings"] is None) if as_json else result.stdout == ""


def test_another_wallet_can_be_named(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/wallets/payouts/balance", held())
    assert stoker("wallet", "balance", "payouts").exit_code == 0
    result = stoker("wallet", "balance", "pay")
    assert (result.exit_code, "there are: mine, payouts" in result.stderr) == (5, True)


def test_the_history_says_who_how_much_and_what_for(control: ScriptedControl, stoker: Stoker) -> None:
    page = MovementPage(
        "mine",
        (
            Movement("sig3", 1_700_000_200.0, "out", "SOL", 9, 5_000, FAUCET, fee_units=5_000),
            Movement("sig2", 1_700_000_100.0, "in", "USDC", 6, 5_000_000, FAUCET, memo="for\x1b[31m work"),
            Movement("sig1", None, "unknown", "SOL", 9, 0),
        ),
        older="next",
    )
    control.on("GET", "/wallets/mine/history", page)
    result = stoker("wallet", "history", "--limit", "3")
    assert control.asked[-1].query == {"limit": "3"}
    lines = result.stdout.splitlines()
    assert lines[1].split() == ["2023-11-14", "22:16:40", "out", "0.000005", "SOL", FAUCET, "0.000005", "sig3"]
    assert "for[31m work" in lines[2]
    assert lines[3].split() == ["–", "unknown", "–", "–", "sig1"]
    assert "--older next" in result.stderr


def test_the_next_page_is_asked_for_by_its_word(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/wallets/mine/history", MovementPage("mine"))
    result = stoker("wallet", "history", "--older", "next")
    assert control.asked[-1].query["older"] == "next"
    assert "Nothing came or went yet" in result.stderr


def test_the_address_to_be_paid_at_stands_alone_on_stdout(stoker: Stoker) -> None:
    assert stoker("wallet", "receive").stdout == f"{ABOUT_ADDRESS}\n"
    assert stoker("wallet", "receive", "payouts").stdout == f"{PAYOUTS.address}\n"


def test_its_qr_code_is_drawn_beside_it(stoker: Stoker) -> None:
    result = stoker("wallet", "receive", "--qr")
    drawn = [line for line in result.stderr.splitlines() if len(line) == 37]
    assert len(drawn) == 19
    assert set("".join(drawn)) == set(" ▄▀█")
    assert result.stdout == f"{ABOUT_ADDRESS}\n"


def test_or_written_as_a_picture(stoker: Stoker, tmp_path: Path) -> None:
    file = tmp_path / "me.png"
    assert stoker("wallet", "receive", "--png", str(file)).exit_code == 0
    assert file.read_bytes().startswith(b"\x89PNG")
    assert stoker("wallet", "receive", "--png", str(file)).exit_code == 1


@pytest.mark.parametrize(("name", "sent"), [((), ""), (("mine",), "mine")])
def test_locking_is_an_order_to_the_node(
    control: ScriptedControl, stoker: Stoker, name: tuple[str, ...], sent: str
) -> None:
    control.on("POST", "/commands/lock_wallet", {"name": sent})
    assert stoker("wallet", "lock", *name).exit_code == 0
    assert control.commands() == [("lock_wallet", {"name": sent})]


@pytest.fixture
def passphrase(tmp_path: Path) -> Callable[[int], str]:
    """A file with a passphrase, with this mode."""

    def make(mode: int) -> str:
        file = tmp_path / "passphrase"
        file.write_text("correct horse\n")
        file.chmod(mode)
        return str(file)

    return make


def test_unlocking_hands_the_passphrase_to_the_node_and_to_nobody_else(
    control: ScriptedControl, stoker: Stoker, passphrase: Callable[[int], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.cli.keys.memory.forbid_core_dumps", lambda: None)
    control.on("POST", "/commands/unlock_wallet", MINE)
    result = stoker("wallet", "unlock", "--passphrase-file", passphrase(0o600))
    assert control.commands() == [("unlock_wallet", {"name": "mine", "passphrase": "correct horse"})]
    assert result.stderr == "mine is unlocked. `stoker wallet lock` locks it.\n"
    assert result.stdout == ""


def test_a_vault_is_not_knocked_at_without_a_passphrase(
    control: ScriptedControl, stoker: Stoker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.cli.keys.memory.forbid_core_dumps", lambda: None)
    result = stoker("wallet", "unlock")
    assert (result.exit_code, "--passphrase-file FILE" in result.stderr, control.commands()) == (5, True, [])


def test_a_passphrase_that_others_can_read_is_refused(
    control: ScriptedControl, stoker: Stoker, passphrase: Callable[[int], str]
) -> None:
    result = stoker("wallet", "unlock", "--passphrase-file", passphrase(0o644))
    assert (result.exit_code, "expected 0600" in result.stderr, control.commands()) == (5, True, [])


@pytest.mark.parametrize("command", ["watch", "list", "receive", "balance", "history", "lock", "unlock"])
def test_every_command_shows_an_example(stoker: Stoker, command: str) -> None:
    assert f"stoker wallet {command}" in stoker("wallet", command, "--help").stdout.split("Example:")[1]
