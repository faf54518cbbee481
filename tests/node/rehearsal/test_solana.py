"""The local Solana as ``stoker dev chain`` runs it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from patience import PATIENCE
from running_node import ROOT
from solders.keypair import Keypair

from wallet.solana.cluster import CLUSTERS

MINE = str(Keypair().pubkey())


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "tui.cli", "dev", "chain", "--port", "0", "--fund", MINE, "--sol", "1.5"]
    process = subprocess.Popen(
        command,
        env={"PYTHONPATH": str(ROOT), "HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    yield process.stdout.readline().strip()
    process.terminate()
    said = process.communicate(timeout=PATIENCE)[1]
    assert process.returncode == 0
    assert "stoker settings set wallet.rpc_urls http://127.0.0.1:" in said


def ask(url: str, method: str, *params: object) -> object:
    answer = httpx.post(url, json={"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).json()
    return answer["result"]


def test_it_passes_for_devnet_and_gives_money(url: str) -> None:
    assert ask(url, "getGenesisHash") == CLUSTERS["devnet"].genesis
    assert ask(url, "getBalance", MINE)["value"] == 1_500_000_000  # type: ignore[index]
    mint = next(mint for mint, asset in CLUSTERS["devnet"].tokens.items() if asset.code == "USDC")
    (account,) = ask(url, "getTokenAccountsByOwner", MINE, {"mint": mint}, {"encoding": "jsonParsed"})["value"]  # type: ignore[index]
    assert account["account"]["data"]["parsed"]["info"]["tokenAmount"]["amount"] == "5000000"


def test_more_comes_on_request(url: str) -> None:
    ask(url, "requestAirdrop", MINE, 1_000_000_000)
    assert ask(url, "getBalance", MINE)["value"] == 2_500_000_000  # type: ignore[index]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--fund", "nobody"), "expected a Solana address"),
        (("--fund", MINE, "--sol", "much"), "argument --sol"),
        (("--fund", MINE, "--sol", "0.0000001"), "the chain did not take it"),
    ],
)
def test_what_cannot_be_given_is_told(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    command = [sys.executable, "-m", "tui.cli", "dev", "chain", "--port", "0", *arguments]
    environment = {"PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode != 0
    assert told in done.stderr
