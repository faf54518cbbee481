"""``stoker keys`` as real processes: without a terminal, in a terminal, and with a real keyring."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from running_node import ROOT, prepare, running_node
from served_chain import served_chain
from solders.keypair import Keypair
from terminal_run import TerminalRun
from wallet_gnome_keyring import run_in_session
from wallet_samples import ABOUT, ABOUT_ADDRESS, CHEAP

from node.paths import Paths
from wallet.home import WALLETS
from wallet.keystore.money import MoneyKeys
from wallet.material import FromWords
from wallet.secret import Secret
from wallet.wallets import Wallets

STOKER = [sys.executable, "-m", "tui.cli"]
PASSPHRASE = "correct horse"
LEDGER_ADDRESS = "GjJyeC1r2RgkuoCWMyPYkCWSGSGLcz266EaAkLA27AhL"


def environment(home: Path) -> dict[str, str]:
    """Of an empty home: no D-Bus, no desktop, no settings."""
    return {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(ROOT)}


def stoker(home: Path, *arguments: str, stdin: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*STOKER, *arguments],
        cwd=home,
        env=environment(home) | more,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def passphrase_file(tmp_path: Path) -> str:
    file = tmp_path / "F"
    file.touch(0o600)
    file.write_text(PASSPHRASE + "\n")
    return str(file)


def test_words_in_and_a_key_file_out_in_an_empty_home_without_d_bus(tmp_path: Path, passphrase_file: str) -> None:
    """With the vault that a person gets: nothing here is made cheap."""
    done = stoker(tmp_path, "keys", "import", "mine", "--stdin", "--passphrase-file", passphrase_file, stdin=ABOUT)
    assert (done.returncode, done.stdout) == (0, f"{ABOUT_ADDRESS}\n")

    (listed,) = json.loads(stoker(tmp_path, "keys", "list", "--json").stdout)
    assert (listed["name"], listed["address"]) == ("mine", ABOUT_ADDRESS)

    out = tmp_path / "K.json"
    export = ("keys", "export", "mine", "--format", "solana-keygen", "--passphrase-file", passphrase_file)
    assert stoker(tmp_path, *export, "--out", str(out)).returncode == 0
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert str(Keypair.from_json(out.read_text()).pubkey()) == ABOUT_ADDRESS


def test_a_shells_own_pipe_file_is_read(tmp_path: Path) -> None:
    script = f"""printf '{ABOUT}' | "$0" -m tui.cli keys import mine --stdin --passphrase-file <(printf horse)"""
    done = subprocess.run(
        ["bash", "-c", script, sys.executable], env=environment(tmp_path), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, f"{ABOUT_ADDRESS}\n"), done.stderr


IN_THE_KEYRING = """
import json, subprocess, sys
def stoker(*arguments, stdin=""):
    done = subprocess.run([sys.executable, "-m", "tui.cli", *arguments], input=stdin, capture_output=True, text=True)
    return [done.returncode, done.stdout]
print(json.dumps([
    stoker("keys", "import", "mine", "--stdin", stdin=WORDS),
    stoker("keys", "list", "--json"),
    stoker("keys", "export", "mine", "--format", "mnemonic", "--out", "words"),
]))
"""


def test_with_an_unlocked_keyring_the_key_is_there_and_nowhere_in_the_data_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    program = f"WORDS = {ABOUT!r}\n{IN_THE_KEYRING}"
    imported, listed, exported = run_in_session(program, tmp_path, password="login")
    assert imported == [0, f"{ABOUT_ADDRESS}\n"]
    assert json.loads(listed[1])[0]["store"] == "keyring"
    assert exported == [0, ""]
    assert (tmp_path / "words").read_text() == ABOUT
    data = tmp_path / ".local" / "share" / "stoker"
    kept = b"".join(path.read_bytes() for path in data.rglob("*") if path.is_file())
    assert ABOUT_ADDRESS.encode() in kept
    assert b"abandon" not in kept
    assert not list(data.rglob("*.vault"))


def wallet_in_a_cheap_vault(data: Path) -> None:
    wallets = Wallets(data / WALLETS, MoneyKeys(data / WALLETS, cost=CHEAP))
    wallets.add("mine", FromWords(Secret(ABOUT)), passphrase=Secret(PASSPHRASE))


def in_terminal(data: Path, *arguments: str) -> TerminalRun:
    return TerminalRun(
        "-m", "tui.cli", "--data-dir", str(data), *arguments, environment={"HOME": str(data.parent), "NO_COLOR": "1"}
    )


def asked(run: TerminalRun, question: str, answer: str) -> None:
    seen = run.output.count(question.encode())
    run.read_until(lambda output: output.count(question.encode()) > max(0, seen - 1))
    run.type(f"{answer}\n")


def test_a_key_is_shown_after_its_name_was_typed(tmp_path: Path) -> None:
    wallet_in_a_cheap_vault(tmp_path / "data")
    with in_terminal(tmp_path / "data", "keys", "export", "mine", "--format", "mnemonic", "--reveal") as run:
        asked(run, "Type the wallet's name", "mine")
        asked(run, "Passphrase of mine", PASSPHRASE)
        assert run.wait() == 0
        assert ABOUT.encode() in run.output
        assert PASSPHRASE.encode() not in run.output


def test_with_another_name_nothing_is_shown(tmp_path: Path) -> None:
    wallet_in_a_cheap_vault(tmp_path / "data")
    with in_terminal(tmp_path / "data", "keys", "export", "mine", "--format", "mnemonic", "--reveal") as run:
        asked(run, "Type the wallet's name", "yours")
        assert run.wait() == 1
        assert b"abandon" not in run.output


def test_three_words_are_asked_for_and_not_echoed(tmp_path: Path) -> None:
    wallet_in_a_cheap_vault(tmp_path / "data")
    with in_terminal(tmp_path / "data", "keys", "verify-backup", "mine") as run:
        asked(run, "Passphrase of mine", PASSPHRASE)
        for number in range(1, 4):
            run.read_until(lambda output, number=number: output.count(b"Word ") == number)  # type: ignore[misc]
            run.read_until(lambda output: output.rstrip().endswith(b":"))
            last = run.output.rsplit(b"Word ", 1)[1]
            run.type("about\n" if last.startswith(b"12") else "abandon\n")
        assert run.wait() == 0
        assert b"mine is backed up" in run.output
        assert b"abandon" not in run.output


def test_the_usual_addresses_of_words_are_shown_with_what_they_hold(tmp_path: Path) -> None:
    with served_chain() as chain:
        chain.mint.give_sol(LEDGER_ADDRESS, 1_500_000_000)
        chain.mint.give_usdc(LEDGER_ADDRESS, 5_000_000)
        prepare(tmp_path / "data", model=False, wallet=chain.settings())
        with in_terminal(tmp_path / "data", "keys", "import", "mine", "--vault") as run:
            asked(run, "Words, secret key or backup of mine", ABOUT)
            run.read_until(lambda output: b"Which one" in output)
            (ledger,) = [line for line in run.output.decode().splitlines() if LEDGER_ADDRESS in line]
            assert ledger.split()[1:3] == ["Ledger", "m/44'/501'/0'"]
            assert ledger.endswith("1.50 SOL, 5.00 USDC")
            assert run.output.count(b"nothing") == 3
            run.type("3\n")
            asked(run, "New passphrase of mine", "horse")
            asked(run, "Repeat for confirmation", "horse")
            assert run.wait() == 0
            assert b"abandon" not in run.output
            assert LEDGER_ADDRESS in run.output.decode().split("Which one")[1]


def test_a_chain_that_cannot_be_asked_keeps_nobody_from_choosing(tmp_path: Path) -> None:
    prepare(tmp_path / "data", model=False, wallet={"rpc_urls": "http://127.0.0.1:9"})
    with in_terminal(tmp_path / "data", "keys", "import", "mine", "--vault") as run:
        asked(run, "Words, secret key or backup of mine", ABOUT)
        run.read_until(lambda output: b"Which one" in output)
        assert run.output.count(b"not known") == 4


def test_a_keyring_that_was_never_unlocked_takes_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    imported, listed, _ = run_in_session(f"WORDS = {ABOUT!r}\n{IN_THE_KEYRING}", tmp_path, password=None)
    assert (imported, listed) == ([6, ""], [0, "[]\n"])


def test_a_node_starts_where_a_key_was_made_first(tmp_path: Path, passphrase_file: str) -> None:
    made = stoker(tmp_path, "--data-dir", "data", "keys", "new", "mine", "--passphrase-file", passphrase_file)
    assert made.returncode == 0
    with running_node(tmp_path / "data", model=False) as node:
        state = node.until(lambda state: state.wallet is not None)
    assert state.wallet is not None
    assert (state.wallet.address, state.wallet.locked) == (made.stdout.strip(), True)


def test_a_directory_that_was_there_before_the_key_serves_a_node_too(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o755)
    wallet_in_a_cheap_vault(tmp_path / "data")
    Paths(tmp_path / "data").prepare()
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
