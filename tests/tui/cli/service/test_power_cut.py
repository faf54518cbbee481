"""After a power cut: what systemd would run, as it would run it, and jobs flow again without anybody's help."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from pathlib import Path

from notified import Ear
from patience import PATIENCE
from running_node import ROOT, RunningNode, running_node

from node import exits
from node.control.client import ControlClient
from node.control.wire import JobState
from tui.cli.node_process import command_line
from tui.cli.service.unit import user_unit
from wallet.home import open_operating_secrets
from wallet.secret import Secret


def started_by_systemd(directory: Path, ear: Ear) -> subprocess.Popen[bytes]:
    """The ``ExecStart`` of the unit, with no more of an environment than systemd gives."""
    unit = user_unit(command_line(directory))
    line = next(line for line in unit.splitlines() if line.startswith("ExecStart=:"))
    with (directory / "stderr").open("ab") as errors:
        return subprocess.Popen(
            shlex.split(line.removeprefix("ExecStart=:")), stdin=subprocess.DEVNULL, stdout=errors, stderr=errors,
            cwd="/", start_new_session=True,
            env={"PATH": os.environ["PATH"], "NOTIFY_SOCKET": ear.address, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip


def test_the_unit_s_command_brings_everything_back(tmp_path: Path) -> None:
    home = tmp_path / "node"
    with running_node(home) as node:
        node.ready()
        open_operating_secrets(home).put("engine", Secret(b"sk-of-the-engine"))
        with node.stream():
            dying = [*node.engines(), node.process]
            for process in dying:
                process.send_signal(signal.SIGKILL)
        assert node.ended() == -signal.SIGKILL
    assert (home / "control.sock").exists()

    with Ear(str(tmp_path / "notify")) as ear:
        process = started_by_systemd(home, ear)
        again = RunningNode(home, process, ControlClient(home), home / "stderr")
        try:
            ear.until(lambda word: word == ("READY", "1"))
            again.ready()
            assert again.complete()["usage"]["completion_tokens"] == 8
            assert again.control.job(1).job.state is JobState.FAILED
            assert "the secret engine is opened (file sealed with the host key)" in again.said()
            assert again.control.get("/ledger/verify")["problem"] is None
        finally:
            process.terminate()
            assert process.wait(PATIENCE) == exits.OK
