"""What may go wrong under a running node: its own death, its engine's, a taken port, a full disk. Nothing is lost."""

from __future__ import annotations

import contextlib
import resource
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path

import psutil
import pytest
from running_node import RunningNode, running_node

from node.control.client import NodeAbsent, Refused
from node.control.wire import JobState, StateWord

STREAMS = 8


def test_a_killed_node_leaves_whole_books_and_every_job_in_one_final_state(tmp_path: Path) -> None:
    with running_node(tmp_path, engine={"slots": STREAMS}) as node, contextlib.ExitStack() as streams:
        node.ready()
        for _ in range(STREAMS):
            streams.enter_context(node.stream())
        (engine,) = node.engines()
        assert node.control.state().busy == STREAMS
        node.process.kill()
        node.ended()
        _gone, alive = psutil.wait_procs([engine], timeout=2)
        assert not alive, "the engine outlived its node by 2 s"
    with running_node(tmp_path) as again:
        again.ready()
        assert again.engines()[0].pid != engine.pid
        assert again.control.get("/ledger/verify")["problem"] is None
        entries = again.control.entries(limit=1000)
        accepted = [entry.body["number"] for entry in entries if entry.kind == "job_accepted"]
        finished = [entry.body["number"] for entry in entries if entry.kind == "job_finished"]
        assert sorted(accepted) == sorted(finished) == list(range(1, STREAMS + 1))
        assert {job.state for job in again.control.jobs()} == {JobState.FAILED}
        assert {job.reason for job in again.control.jobs()} == {"the node stopped while the job was in hand"}
        again.complete()
        assert again.receipt(STREAMS + 1).state is JobState.DONE


def test_a_killed_engine_fails_its_jobs_and_serves_again_under_the_same_node(tmp_path: Path) -> None:
    with running_node(tmp_path) as node:
        node.ready()
        (engine,) = node.engines()
        with node.stream() as answer:
            engine.kill()
            rest = answer.read().decode()
        assert "[DONE]" not in rest
        assert '"error"' in rest
        failed = node.receipt(1)
        assert failed.state is JobState.FAILED
        assert "the engine was killed" in failed.reason
        node.until(
            lambda state: state.slots > 0 and (state.engines[0].status, state.engines[0].restarts) == ("ready", 1)
        )
        node.complete()
        assert node.receipt(2).state is JobState.DONE


def test_a_taken_port_leaves_the_node_up_and_is_told_in_the_queue(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as squatter:
        port = squatter.getsockname()[1]
        with running_node(tmp_path, local={"port": port}) as node:
            told = node.until(lambda state: "taken" in state.queues[0].detail).queues[0]
            assert not told.connected
            assert f"local.port: {port} on 127.0.0.1 is taken by" in told.detail
            assert "or set local.port to another one" in told.detail
            node.ready()
            node.complete()


def filled(node: RunningNode, full: bool) -> None:
    """A disk on which files of the node's ledger's size do not grow any more: the kernel answers EFBIG."""
    ledger = max((node.directory / name).stat().st_size for name in ("ledger.db", "ledger.db-wal"))
    most = resource.RLIM_INFINITY if not full else ledger
    resource.prlimit(node.pid, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


def test_a_full_disk_blocks_with_its_reason_and_clears_by_itself(tmp_path: Path) -> None:
    with running_node(tmp_path) as node:
        node.ready()
        filled(node, True)
        end = time.monotonic() + 20
        while node.control.state().state.word is not StateWord.BLOCKED and time.monotonic() < end:
            with contextlib.suppress(Refused):
                node.complete(tokens=2)
        state = node.control.state().state
        assert state.word is StateWord.BLOCKED
        assert str(tmp_path / "ledger.db") in state.reason
        assert "free some disk space" in state.remedy
        with pytest.raises(Refused, match=r"ledger\.db"):
            node.complete()
        filled(node, False)
        node.until(lambda state: state.state.word is StateWord.WAITING, 10)
        assert node.complete()["usage"]["completion_tokens"] == 8
        assert node.control.get("/ledger/verify")["problem"] is None
        assert all(job.state.final for job in node.control.jobs(limit=1000)[1:]), "an end was never written down"
        kinds = [entry.summary for entry in node.control.entries(kind="state_changed", limit=1000)]
        assert any(summary.startswith("BLOCKED") for summary in kinds)


def test_clients_that_come_and_go_during_a_crash_all_get_an_end(tmp_path: Path) -> None:
    """More clients than slots: some compute, some wait; none is left hanging when the node is killed."""
    with running_node(tmp_path, engine={"slots": 2}) as node:
        node.ready()

        def ask(_: int) -> str:
            try:
                with node.stream() as answer:
                    return answer.read().decode()
            except (NodeAbsent, HTTPException) as error:
                return type(error).__name__

        with ThreadPoolExecutor(6) as clients:
            ends = [clients.submit(ask, number) for number in range(6)]
            node.until(lambda state: state.busy == 2 and len(state.jobs) == 6)
            node.process.send_signal(signal.SIGKILL)
            assert not any("[DONE]" in end.result(5) for end in ends)
