"""A whole node under a service manager: it says when it is up, what it does, that it lives, and that it ends."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from notified import Ear
from running_node import running_node

from node import exits


def test_a_managed_node_is_ready_once_it_answers_and_pings_until_it_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    monkeypatch.setenv("WATCHDOG_USEC", "6000000")
    with Ear(str(tmp_path / "notify")) as ear, running_node(tmp_path / "node") as node:
        ear.until(lambda word: word == ("READY", "1"))
        node.ready()
        ear.until(lambda word: word[0] == "STATUS" and word[1].startswith("WAITING: "))
        ear.until(lambda word: word == ("WATCHDOG", "1"))
        node.process.send_signal(signal.SIGSTOP)
        ear.listen()
        assert ear.listen() == []
        node.process.send_signal(signal.SIGCONT)
        with node.stream(tokens=4000) as answer:  # outlasts the time between two words
            node.process.terminate()
            ear.until(lambda word: word == ("STOPPING", "1"))
            ear.until(lambda word: word[0] == "EXTEND_TIMEOUT_USEC")
            ear.until(lambda word: word[0] == "STATUS" and word[1].startswith("DRAINING: finishing 1 job"))
            assert "[DONE]" in answer.read().decode()
        assert node.ended() == exits.OK
