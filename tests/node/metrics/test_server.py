"""Metrics over real HTTP."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

import httpx
from until import until

from node.ledger.errors import LedgerUnavailable
from node.metrics.server import MetricsServer


async def _text() -> str:
    return "# HELP up Up.\n# TYPE up gauge\nup 1\n"


@asynccontextmanager
async def serving(server: MetricsServer) -> AsyncIterator[httpx.AsyncClient]:
    task = asyncio.create_task(server.run())
    try:
        await until(lambda: server.port > 0)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as client:
            yield client
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_scraper_gets_the_text_in_its_own_type() -> None:
    async with serving(MetricsServer(0, _text)) as client:
        answer = await client.get("/metrics")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.text == await _text()


async def test_there_is_nothing_else_to_be_had_and_nothing_to_be_done() -> None:
    async with serving(MetricsServer(0, _text)) as client:
        assert (await client.get("/")).status_code == 404
        assert (await client.post("/metrics")).status_code == 405


async def test_a_web_page_that_pointed_its_own_name_here_gets_nothing() -> None:
    async with serving(MetricsServer(0, _text)) as client:
        answer = await client.get("/metrics", headers={"Host": "evil.example"})

    assert answer.status_code == 400
    assert "up 1" not in answer.text


async def test_books_that_cannot_be_read_are_an_answer_too() -> None:
    async def no() -> str:
        raise LedgerUnavailable("the disk is gone")

    async with serving(MetricsServer(0, no)) as client:
        answer = await client.get("/metrics")

    assert (answer.status_code, answer.text) == (503, "the books cannot be read: the disk is gone\n")


async def test_a_port_that_is_taken_is_told_with_the_setting_to_change() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        server = MetricsServer(other.getsockname()[1], _text)
        task = asyncio.create_task(server.run())
        await until(lambda: bool(server.problem))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    assert "set metrics.port to another" in server.notes()[0]
