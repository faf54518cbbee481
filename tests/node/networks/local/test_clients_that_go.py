"""Clients that leave, stall or are sent away: their slot is free within a second, and the books do not say done."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack

import pytest
from local_endpoint import Endpoint, Serve
from loose_tickets import LooseRun, LooseTickets
from patience import PATIENCE

from node.jobs import Chunk, Job, JobState
from node.networks.local.limits import Limits
from node.networks.local.line import GONE
from node.serving import Patience


async def endless(job: Job) -> AsyncIterator[Chunk]:
    while True:
        yield Chunk(text="and on ", deltas=1)
        await asyncio.sleep(0.01)


async def silent(job: Job) -> AsyncIterator[Chunk]:
    await asyncio.Event().wait()
    yield Chunk()


async def flood(job: Job) -> AsyncIterator[Chunk]:
    for _ in range(200):
        yield Chunk(text="x" * 50_000, deltas=100)
        await asyncio.sleep(0)
    await asyncio.Event().wait()


class RawClient:
    """A client that reads only when it is told to."""

    def __init__(self, endpoint: Endpoint, *, stream: bool = True) -> None:
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.connect(("127.0.0.1", endpoint.port))
        self.socket.setblocking(False)
        body = json.dumps({"model": "tiny", "messages": [{"role": "user", "content": "go"}], "stream": stream}).encode()
        self.socket.send(
            b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer "
            + endpoint.key.encode()
            + b"\r\ncontent-length: %d\r\n\r\n" % len(body)
            + body
        )

    async def read(self) -> bytes:
        return await asyncio.wait_for(asyncio.get_running_loop().sock_recv(self.socket, 4096), PATIENCE)

    def leave(self) -> None:
        self.socket.close()


Connect = Callable[..., RawClient]


@pytest.fixture
def connect() -> Iterator[Connect]:
    with ExitStack() as stack:

        def make(endpoint: Endpoint, *, stream: bool = True) -> RawClient:
            client = RawClient(endpoint, stream=stream)
            stack.callback(client.leave)
            return client

        yield make


async def first_run(tickets: LooseTickets) -> LooseRun:
    await asyncio.wait_for(tickets.submitted.wait(), PATIENCE)
    return tickets.runs[0]


async def assert_cancelled_within_a_second(run: LooseRun) -> None:
    started = time.monotonic()
    await asyncio.wait_for(run.left_slot.wait(), 1)
    assert time.monotonic() - started < 1
    assert (run.state, run.reason) == (JobState.CANCELLED, GONE)


@pytest.mark.parametrize("stream", [True, False], ids=["streaming", "whole"])
async def test_a_client_that_leaves_while_its_prompt_is_read_frees_its_slot(
    serve: Serve, connect: Connect, stream: bool
) -> None:
    tickets = LooseTickets(silent)
    client = connect(await serve(tickets), stream=stream)
    run = await first_run(tickets)
    client.leave()
    await assert_cancelled_within_a_second(run)


async def test_a_client_that_leaves_mid_stream_frees_its_slot(serve: Serve, connect: Connect) -> None:
    tickets = LooseTickets(endless)
    client = connect(await serve(tickets))
    run = await first_run(tickets)
    assert b"200 OK" in await client.read()
    client.leave()
    await assert_cancelled_within_a_second(run)


async def test_a_client_that_leaves_while_it_waits_for_a_place_never_becomes_a_job(
    serve: Serve, connect: Connect
) -> None:
    tickets = LooseTickets(endless, line=1)
    endpoint = await serve(tickets)
    first = connect(endpoint)
    run = await first_run(tickets)
    second = connect(endpoint)
    await asyncio.wait_for(tickets.waiting.wait(), PATIENCE)
    second.leave()
    await asyncio.wait_for(tickets.given_up.wait(), 1)
    first.leave()
    await assert_cancelled_within_a_second(run)
    assert len(tickets.runs) == 1


async def test_a_reader_that_takes_nothing_is_cut_off(serve: Serve, connect: Connect) -> None:
    tickets = LooseTickets(flood)
    connect(await serve(tickets, Limits(patience=Patience(stalled_seconds=0.2))))
    run = await first_run(tickets)
    await asyncio.wait_for(run.ended.wait(), PATIENCE)
    assert (run.state, run.reason) == (JobState.CANCELLED, GONE)


async def test_a_reader_that_is_only_slow_is_waited_for(serve: Serve, connect: Connect) -> None:
    async def script(job: Job) -> AsyncIterator[Chunk]:
        yield Chunk(text="x" * 3_000_000, finish_reason="stop")

    tickets = LooseTickets(script)
    client = connect(await serve(tickets, Limits(patience=Patience(stalled_seconds=0.3))))
    run = await first_run(tickets)
    received, started = 0, time.monotonic()
    while time.monotonic() - started < 1:
        received += len(await client.read())
        await asyncio.sleep(0.005)
    assert not run.state.final
    while received < 3_000_000:
        received += len(await client.read())
    await asyncio.wait_for(run.ended.wait(), PATIENCE)
    assert run.state is JobState.DONE


async def test_a_node_that_stops_ends_its_streams_with_the_reason(serve: Serve, connect: Connect) -> None:
    tickets = LooseTickets(endless)
    endpoint = await serve(tickets)
    client = connect(endpoint)
    run = await first_run(tickets)
    heard = await client.read()
    stopping = asyncio.create_task(endpoint.stop())
    while piece := await client.read():
        heard += piece
    await asyncio.wait_for(stopping, PATIENCE)
    assert b"the job ended before its answer did: the node is stopping" in heard
    assert run.state is JobState.CANCELLED


async def test_a_node_that_stops_does_not_wait_for_a_reader_that_does_not_read(serve: Serve, connect: Connect) -> None:
    tickets = LooseTickets(flood)
    endpoint = await serve(tickets)
    connect(endpoint)
    run = await first_run(tickets)
    await asyncio.sleep(0.1)
    await asyncio.wait_for(endpoint.stop(), 2)
    assert run.state is JobState.CANCELLED
