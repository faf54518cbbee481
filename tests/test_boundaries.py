"""The walls of the house: who imports whom, what a quick command loads, and that no holder of a secret shows it."""

from __future__ import annotations

import base64
import pickle
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from node.clock import SystemClock
from node.control.address import Address
from node.control.app import build_app
from node.control.server import ControlServer
from node.engines.client import EngineClient
from node.engines.launch import ChildSettings
from node.engines.openai import OpenAIServer
from node.identity import Identity
from node.networks.local.access import AccessKeys
from node.networks.local.limits import KeyLimits
from wallet.secret import Secret

ROOT = Path(__file__).resolve().parents[1]


def loaded_by(imports: str, unwanted: str) -> str:
    """Which of some packages a fresh interpreter has loaded after these imports."""
    code = f"import sys, {imports}; print(*sorted(set({unwanted.split()!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-P", "-c", code], cwd=ROOT, env={"PYTHONPATH": str(ROOT)},
                          capture_output=True, text=True, timeout=60, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_import_contracts_hold() -> None:
    """The same command as in CI; the contracts stand in pyproject.toml."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_whole_node_loads_without_a_face() -> None:
    assert loaded_by("node.opening, node.__main__", "tui textual") == ""


def test_the_command_line_starts_with_the_standard_library_and_click_alone() -> None:
    heavy = "textual rich httpx pydantic pydantic_settings starlette uvicorn apsw nacl psutil tomlkit pynvml"
    assert loaded_by("tui.cli, tui.cli.status, node.control.client", heavy) == ""


def test_the_engines_child_loads_nothing_that_holds_a_key_of_ours() -> None:
    assert loaded_by("node.engines.llamacpp_child", "wallet.keystore node.identity node.ledger nacl textual") == ""


def test_the_wallet_loads_neither_node_nor_face() -> None:
    assert loaded_by("wallet.money, wallet.secret", "node tui textual httpx") == ""


HIDDEN = "horse-battery-staple-0123456789abcdef"
SEED = HIDDEN.encode()[:32]


def access(directory: Path) -> tuple[object, str]:
    keys = AccessKeys(directory / "access.json", SystemClock())
    key, secret = keys.new("phone", KeyLimits())
    return (keys, key, keys.list()), secret.reveal()


def child(_: Path) -> tuple[object, str]:
    return ChildSettings("/m.gguf", "m", HIDDEN, 4, 512, 1, False), HIDDEN


def control(directory: Path) -> tuple[object, str]:
    server = ControlServer(build_app([]), Address(directory))
    return server, server._token


HOLDERS: dict[str, Callable[[Path], tuple[object, str]]] = {
    "Secret": lambda _: (Secret(HIDDEN), HIDDEN),
    "Identity": lambda _: (Identity(SEED), SEED.decode()),
    "AccessKeys": access,
    "ChildSettings": child,
    "EngineClient": lambda _: (EngineClient("http://127.0.0.1:1", Secret(HIDDEN)), HIDDEN),
    "OpenAIServer": lambda _: (
        OpenAIServer("o", "http://127.0.0.1:1", Secret(HIDDEN), slots=1, clock=SystemClock()), HIDDEN
    ),
    "ControlServer": control,
}  # fmt: skip


def crash(holder: object) -> list[str]:
    """The most talkative kind of traceback, with the holder among the locals and in the message."""
    try:
        raise ValueError(holder)
    except ValueError as error:
        return list(traceback.TracebackException.from_exception(error, capture_locals=True).format())


@pytest.mark.parametrize("name", HOLDERS)
async def test_no_holder_of_a_secret_shows_it(name: str, tmp_path: Path) -> None:
    holder, hidden = HOLDERS[name](tmp_path)
    shown = [repr(holder), str(holder), f"{holder}", "%s" % (holder,), repr([holder]), repr({"x": holder})]  # noqa: UP031
    shown += crash(holder)
    for form in (hidden, hidden.encode().hex(), base64.b64encode(hidden.encode()).decode()):
        assert not [text for text in shown if form in text]


@pytest.mark.parametrize("name", ["Secret", "Identity", "EngineClient", "OpenAIServer"])
async def test_a_holder_of_a_secret_cannot_be_carried_away(name: str, tmp_path: Path) -> None:
    holder, _ = HOLDERS[name](tmp_path)
    with pytest.raises((TypeError, pickle.PicklingError, AttributeError)):
        pickle.dumps(holder)
