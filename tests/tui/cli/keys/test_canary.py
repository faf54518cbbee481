"""Every command is walked with a canary for a key; outside of what was asked to hold it, nothing may sing."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import Result
from patience import PATIENCE
from running_node import ROOT, prepare, running_node
from wallet_canary import BACKUP_PASSPHRASE, PASSPHRASE, PHRASE, WORDS_PASSPHRASE, canary, sung, traces
from wallet_samples import CHEAP

from node.control.client import ControlClient, Refused
from wallet import formats
from wallet.formats import Format
from wallet.home import WALLETS
from wallet.keystore.money import MoneyKeys
from wallet.secret import Secret
from wallet.wallets import Wallets

Keys = Callable[..., Result]
Private = Callable[[str, str], str]


class Listener(logging.Handler):
    """Hears every log record, formatted, at every level."""

    def __init__(self) -> None:
        super().__init__(level=0)
        self.heard: list[bytes] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(self.format(record).encode())


@pytest.fixture
def listener() -> Iterator[Listener]:
    root, heard = logging.getLogger(), Listener()
    level = root.level
    root.addHandler(heard)
    root.setLevel(0)
    yield heard
    root.removeHandler(heard)
    root.setLevel(level)


def files(directory: Path) -> list[bytes]:
    return [path.read_bytes() for path in directory.rglob("*") if path.is_file()]


def walk(keys: Keys, private: Private, out: Path) -> Iterator[Result]:
    """Every command, those that fail too. What leaves on purpose leaves into ``out``."""
    out.mkdir()
    passphrase = ("--passphrase-file", private("passphrase", PASSPHRASE))
    extra = ("--words-passphrase-file", private("words-passphrase", WORDS_PASSPHRASE))
    backup = ("--backup-passphrase-file", private("backup-passphrase", BACKUP_PASSPHRASE))
    wrong = ("--passphrase-file", private("wrong", PASSPHRASE + "!"))
    keygen = formats.encode(canary(), Format.SOLANA_KEYGEN).reveal()
    base58 = formats.encode(canary(), Format.BASE58).reveal()
    arrive = ("import", "bird", "--stdin")

    yield keys(*arrive, *extra, stdin=PHRASE)
    yield keys(*arrive, *extra, *passphrase, stdin=PHRASE)
    yield keys(*arrive, *extra, *passphrase, stdin=PHRASE)
    yield keys("import", "again", "--stdin", *passphrase, stdin=keygen)
    twice, longer = f"{PHRASE} {PHRASE}", keygen.replace(",", ",9", 1)
    for broken in (PHRASE[:-1], twice, keygen[:-5], longer, base58[:-1], base58 * 2):
        yield keys(*arrive, *passphrase, stdin=broken)
        yield keys(*arrive, "--path", PHRASE, *passphrase, stdin=broken)
    yield keys("list")
    yield keys("list", "--json")
    for form in ("solana-keygen", "base58", "mnemonic"):
        leave = ("export", "bird", "--format", form)
        yield keys(*leave, "--out", str(out / form), *passphrase)
        yield keys(*leave, "--out", str(out / form), *passphrase)
        yield keys(*leave, "--out", str(out / "none"), *wrong)
        yield keys(*leave, "--reveal", *passphrase)
    yield keys("backup", "bird", "--out", str(out / "backup"), *passphrase, *backup)
    yield keys("verify-backup", "bird", "--file", str(out / "backup"), *backup)
    yield keys("verify-backup", "bird", "--file", str(out / "backup"), *wrong)
    yield keys("verify-backup", "bird", "--stdin", *passphrase, stdin=PHRASE)
    yield keys("verify-backup", "bird", "--stdin", *passphrase, stdin=" ".join(reversed(PHRASE.split())))
    yield keys("use", "bird")
    yield keys("rename", "bird", "canary")
    yield keys("remove", "canary", "--yes")
    yield keys("import", "bird", "--file", str(out / "backup"), *backup, *passphrase)
    yield keys("import", "bird", "--file", str(out / "solana-keygen"), *passphrase)
    yield keys("new", "other", *passphrase, *extra)
    yield keys("remove", "other")
    yield keys("remove", "bird", "--yes", "--even-if-lost")


def test_no_command_sings(
    keys: Keys, private: Private, home: Path, tmp_path: Path, listener: Listener, capfd: pytest.CaptureFixture[str]
) -> None:
    results = []
    kept: list[bytes] = []
    for result in walk(keys, private, tmp_path / "out"):
        results.append(result)
        kept += files(home) if home.exists() else []
    codes = [result.exit_code for result in results]
    assert codes.count(0) >= 14
    assert 70 not in codes, [result.stderr for result in results if result.exit_code == 70]
    output = capfd.readouterr()
    said = [text.encode() for result in results for text in (result.stdout, result.stderr)]
    assert sung([*said, *kept, *listener.heard, output.out.encode(), output.err.encode()]) == []


def test_the_ear_hears_what_was_given_out(keys: Keys, private: Private, tmp_path: Path) -> None:
    list(walk(keys, private, tmp_path / "out"))
    for name in ("solana-keygen", "base58", "mnemonic"):
        assert sung([(tmp_path / "out" / name).read_bytes()]), name
    assert sung([(tmp_path / "out" / "backup").read_bytes()]) == []
    assert len(traces()) > 30


def process_files(pid: int) -> list[bytes]:
    """What its neighbours see of a process; the environment of one that forbids core dumps is root's alone."""
    seen = [Path(f"/proc/{pid}/cmdline").read_bytes()]
    with suppress(PermissionError):
        seen.append(Path(f"/proc/{pid}/environ").read_bytes())
    return seen


def test_a_command_that_reads_a_key_shows_none_to_its_neighbours(tmp_path: Path, private: Private) -> None:
    command = ["keys", "import", "bird", "--stdin", "--passphrase-file", private("passphrase", PASSPHRASE)]
    process = subprocess.Popen(
        [sys.executable, "-m", "tui.cli", "--traceback", "--data-dir", str(tmp_path / "data"), *command],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    process.stdin.write(PHRASE.encode())
    process.stdin.flush()
    wait_until_undumpable(process.pid)
    seen = process_files(process.pid)
    process.send_signal(signal.SIGABRT)
    said = process.communicate()
    assert process.returncode == -signal.SIGABRT
    assert sung([*seen, *said]) == []
    assert {path.name for path in tmp_path.iterdir()} == {"passphrase"}  # no core, no crash report


def wait_until_undumpable(pid: int, seconds: float = PATIENCE) -> None:
    """Until the process has forbidden core dumps, which it does before it reads the first secret of its input."""
    until = time.monotonic() + seconds
    while not limits_forbid_cores(pid):
        assert time.monotonic() < until, "it never forbade core dumps"
        time.sleep(0.01)


def limits_forbid_cores(pid: int) -> bool:
    lines = Path(f"/proc/{pid}/limits").read_text().splitlines()
    (line,) = [line for line in lines if line.startswith("Max core file size")]
    return line.split()[4] == "0"


def test_a_node_that_was_unlocked_sings_neither_alive_nor_dead(tmp_path: Path) -> None:
    data = tmp_path / "data"
    prepare(data, model=False, node={"log_level": "debug"})
    keep = Wallets(data / WALLETS, MoneyKeys(data / WALLETS, cost=CHEAP))
    keep.add("bird", canary(), passphrase=Secret(PASSPHRASE))
    with running_node(data) as node:
        control = ControlClient(data)
        for passphrase in (PASSPHRASE + "!", PASSPHRASE, PASSPHRASE):
            tried = unlocked(control, passphrase)
        assert tried
        with pytest.raises(Refused):  # a passphrase where none belongs is refused without being repeated
            control.command("unlock_wallet", name="bird", passphrase=[PASSPHRASE])
        answers = [control.text(path).encode() for path in ("/state", "/wallets", "/ledger", "/logs", "/settings")]
        seen = process_files(node.pid)
        assert limits_forbid_cores(node.pid)
        node.process.send_signal(signal.SIGABRT)
        node.ended()
        assert not list(data.rglob("core*"))
    assert sung([*answers, *seen, *files(data)]) == []


def unlocked(control: ControlClient, passphrase: str) -> bool:
    try:
        control.command("unlock_wallet", name="bird", passphrase=passphrase)
    except Refused as refused:
        assert refused.code == "wrong_passphrase"
        return False
    return True
