"""The units as systemd itself reads and judges them."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tui.cli.failures import Failure
from tui.cli.service.unit import quoted, system_unit, user_unit

SELF_BOXING, STRICT = 3.7, 2.0
"""Exposure from 0 to 10 that is allowed to a unit which starts the engine's box itself, and to one that does not."""


def analyze(*arguments: str, runtime: Path) -> subprocess.CompletedProcess[str]:
    runtime.mkdir(mode=0o700, exist_ok=True)
    return subprocess.run(
        ["systemd-analyze", *arguments], capture_output=True, text=True, timeout=30, check=False,
        env={**os.environ, "XDG_RUNTIME_DIR": str(runtime), "SYSTEMD_COLORS": "0"},
    )  # fmt: skip


def exposure(unit: str, directory: Path) -> float:
    file = directory / "stoker.service"
    file.write_text(unit)
    said = analyze("security", "--offline=yes", "--no-pager", str(file), runtime=directory / "run").stdout
    found = re.search(r"Overall exposure level for stoker.service: ([\d.]+)", said)
    assert found, said
    return float(found[1])


@pytest.mark.parametrize("folder", ["plain", "with space", "%d and %h", "$HOME ${HOME}", "é, #; = -x", "=:@!"])
def test_systemd_finds_a_program_wherever_it_lies(tmp_path: Path, folder: str) -> None:
    program = tmp_path / folder / "python"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit = tmp_path / "stoker.service"
    unit.write_text(user_unit([str(program), "-P", "-m", "node", "--data-dir", str(program.parent)]))

    done = analyze("verify", "--user", "--man=no", str(unit), runtime=tmp_path / "run")

    assert (done.returncode, done.stderr) == (0, "")


def test_systemd_understands_the_unit_for_the_machine(tmp_path: Path) -> None:
    program = tmp_path / "stoker"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit = tmp_path / "stoker.service"
    unit.write_text(system_unit().replace("/opt/stoker/bin/stoker --headless", f"{program} --headless"))

    done = analyze("verify", "--man=no", str(unit), runtime=tmp_path / "run")

    assert "stoker.service" not in done.stderr


def test_the_unit_for_the_machine_exposes_little(tmp_path: Path) -> None:
    assert exposure(system_unit(), tmp_path) <= SELF_BOXING


def test_without_the_engine_s_box_it_exposes_less(tmp_path: Path) -> None:
    """With the lines that the unit itself names for that."""
    unit = system_unit()
    closed = re.search(
        r"^#   (RestrictNamespaces=yes), (RestrictAddressFamilies=[^,]*), (SystemCallFilter=.*)$", unit, re.M
    )
    assert closed is not None
    strict = unit.replace("RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK\n", "")
    strict = strict.replace("[Install]", "\n".join([*closed.groups(), "", "[Install]"]))
    assert exposure(strict, tmp_path) <= STRICT


def test_a_word_that_would_begin_another_line_is_refused() -> None:
    with pytest.raises(Failure, match="without control characters"):
        quoted("/data\nExecStartPre=/bin/sh")
