"""The same bounds over real sockets: nodes that accept and say nothing, drip, or never stop."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from wallet.rpc.client import RpcUnavailable
from wallet.rpc.endpoint import LARGEST_ANSWER
from wallet.solana.cluster import DEVNET
from wallet.solana.rpc import SolanaRpc

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"


@asynccontextmanager
async def node(behave: Callable[[asyncio.StreamWriter], Awaitable[None]]) -> AsyncIterator[str]:
    """A server on loopback that answers every connection in this way; gives its URL."""

    connections: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.add(asyncio.current_task())  # type: ignore[arg-type]
        with suppress(ConnectionError, asyncio.CancelledError):
            await reader.readuntil(b"\r\n\r\n")
            await behave(writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        for connection in connections:
            connection.cancel()
        await asyncio.gather(*connections)


async def silent(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(1.5)


async def dripping(writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD)
    for _ in range(15):
        writer.write(b"1\r\n \r\n")
        await writer.drain()
        await asyncio.sleep(0.1)


async def endless(writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD)
    piece = b" " * 0x10000
    for _ in range(2 * LARGEST_ANSWER // len(piece)):
        writer.write(b"10000\r\n" + piece + b"\r\n")
        await writer.drain()


async def hanging_up(writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + b"5\r\n{")


@pytest.mark.parametrize(
    ("behave", "problem"),
    [
        (silent, "no answer within 0.5 s"),
        (dripping, "no answer within 0.5 s"),
        (endless, "more than"),
        (hanging_up, "not reached"),
    ],
)
async def test_a_node_that_keeps_us_waiting_is_left_in_time(
    behave: Callable[[asyncio.StreamWriter], Awaitable[None]], problem: str
) -> None:
    async with node(behave) as url, SolanaRpc(DEVNET, [url], timeout=0.5, patience=0.0) as rpc:
        began = time.monotonic()
        with pytest.raises(RpcUnavailable, match=problem):
            await rpc.balance("11111111111111111111111111111111")
        assert time.monotonic() - began < 3
