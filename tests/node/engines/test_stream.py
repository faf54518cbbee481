"""One streamed answer over one connection: how it ends, well and badly."""

from __future__ import annotations

import asyncio

import pytest
from eventually import eventually
from scripted_server import STREAM_HEAD, Script, say, say_and_wait, scripted_server

from node.engines.base import EngineError, EngineFault
from node.engines.client import EngineClient
from node.engines.stream import ENOUGH_WAITING, LARGEST_EVENT, Patience
from node.jobs import Chunk, GenerationRequest
from wallet.secret import Secret

REQUEST = GenerationRequest("m", prompt="hi")
TEXT = b'data: {"choices":[{"text":"a"}]}\n\n'
FINISH = b'data: {"choices":[{"text":"","finish_reason":"stop"}]}\n\n'
DONE = b"data: [DONE]\n\n"


async def ask(script: Script, patience: Patience | None = None) -> list[Chunk]:
    async with scripted_server(script) as server:
        return [chunk async for chunk in EngineClient(server.url, None, patience=patience).generate(REQUEST)]


async def fault_of(script: Script, patience: Patience | None = None) -> EngineFault:
    with pytest.raises(EngineError) as caught:
        await ask(script, patience)
    return caught.value.fault


async def test_a_whole_answer_ends_without_error() -> None:
    chunks = await ask(say(STREAM_HEAD, TEXT * 3, FINISH, DONE))
    assert "".join(chunk.text for chunk in chunks) == "aaa"
    assert sum(chunk.deltas for chunk in chunks) == 3


async def test_the_answer_ends_at_its_mark_and_not_when_the_server_closes() -> None:
    async with scripted_server(say_and_wait(STREAM_HEAD, FINISH, DONE)) as server:
        async with asyncio.timeout(2):
            assert [chunk async for chunk in EngineClient(server.url, None).generate(REQUEST)]
            await server.peer_gone.wait()


async def test_a_server_that_says_why_it_ended_may_leave_out_the_mark() -> None:
    assert (await ask(say(STREAM_HEAD, TEXT, FINISH)))[-1].finish_reason == "stop"


async def test_going_away_in_the_middle_is_a_crash() -> None:
    assert await fault_of(say(STREAM_HEAD, TEXT)) is EngineFault.CRASHED


async def test_a_chunked_answer_that_just_ends_is_a_crash() -> None:
    head = STREAM_HEAD.replace(b"Connection: close", b"Transfer-Encoding: chunked")
    body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(TEXT), TEXT)
    assert await fault_of(say_and_wait(head, body)) is EngineFault.CRASHED


async def test_going_away_without_a_word_means_that_nothing_was_computed() -> None:
    assert await fault_of(say()) is EngineFault.UNAVAILABLE


async def test_nobody_listening_is_unavailable() -> None:
    with pytest.raises(EngineError, match="cannot be reached") as caught:
        _ = [chunk async for chunk in EngineClient("http://127.0.0.1:9", None).generate(REQUEST)]
    assert caught.value.fault is EngineFault.UNAVAILABLE


async def test_a_refusal_is_read_from_its_body() -> None:
    body = b'{"error":{"message":"no such thing","code":404}}'
    answer = b"HTTP/1.1 404 X\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    assert await fault_of(say_and_wait(answer)) is EngineFault.UNKNOWN_MODEL


async def test_a_refusal_without_an_end_is_cut_off() -> None:
    answer = b"HTTP/1.1 500 X\r\nConnection: close\r\n\r\n" + b"x" * 1_000_000
    assert await fault_of(say_and_wait(answer)) is EngineFault.UNAVAILABLE


async def test_an_answer_in_one_piece_is_told_apart_from_a_stream() -> None:
    answer = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n{"choices":[]}'
    assert await fault_of(say_and_wait(answer)) is EngineFault.UNSUPPORTED


@pytest.mark.parametrize(
    "garbage", [b"\x16\x03\x01\x02\x00", b"SSH-2.0-x\r\n\r\n", b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n"]
)
async def test_what_is_not_http_is_an_error(garbage: bytes) -> None:
    assert await fault_of(say_and_wait(garbage)) is EngineFault.CRASHED


async def test_headers_without_an_end_are_an_error() -> None:
    assert await fault_of(say_and_wait(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 20_000)) is EngineFault.CRASHED


async def test_an_event_without_an_end_is_an_error() -> None:
    assert await fault_of(say_and_wait(STREAM_HEAD, b"data: " + b"x" * (LARGEST_EVENT + 1))) is EngineFault.CRASHED


async def test_an_engine_that_never_begins_is_given_up_even_if_it_pings() -> None:
    async def ping(writer: asyncio.StreamWriter) -> None:
        writer.write(STREAM_HEAD)
        while True:
            writer.write(b": ping\n\n")
            await asyncio.sleep(0.02)

    assert await fault_of(ping, Patience(first=0.2)) is EngineFault.UNAVAILABLE


async def test_an_engine_that_falls_silent_is_given_up() -> None:
    assert await fault_of(say_and_wait(STREAM_HEAD, TEXT), Patience(idle=0.1)) is EngineFault.UNAVAILABLE


async def test_an_engine_that_pings_between_tokens_is_not_given_up() -> None:
    async def slow(writer: asyncio.StreamWriter) -> None:
        writer.write(STREAM_HEAD + TEXT)
        for _ in range(10):
            await asyncio.sleep(0.05)
            writer.write(b": ping\n\n")
        writer.write(FINISH + DONE)
        await writer.drain()

    assert (await ask(slow, Patience(idle=0.2)))[-1].finish_reason == "stop"


async def test_closing_the_iterator_closes_the_connection_at_once() -> None:
    async with scripted_server(say_and_wait(STREAM_HEAD, TEXT)) as server:
        chunks = EngineClient(server.url, None).generate(REQUEST)
        assert (await anext(chunks)).text == "a"
        await chunks.aclose()
        async with asyncio.timeout(0.2):
            await server.peer_gone.wait()


async def test_cancelling_a_waiting_consumer_closes_the_connection_at_once() -> None:
    async with scripted_server(say_and_wait(STREAM_HEAD)) as server:

        async def consume() -> None:
            async for _ in EngineClient(server.url, None).generate(REQUEST):
                pass

        task = asyncio.create_task(consume())
        await eventually(lambda: server.requests)
        task.cancel()
        async with asyncio.timeout(0.2):
            await server.peer_gone.wait()


async def test_a_slow_consumer_holds_the_engine_back_instead_of_filling_memory() -> None:
    sent = 0
    event = b'data: {"choices":[{"text":"' + b"a" * 10_000 + b'"}]}\n\n'

    async def flood(writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(STREAM_HEAD)
        for _ in range(3000):
            writer.write(event)
            await writer.drain()
            sent += 10_000
        writer.write(FINISH + DONE)
        await writer.drain()

    async with scripted_server(flood) as server:
        received = longest = 0
        async for chunk in EngineClient(server.url, None).generate(REQUEST):
            if not received:
                await asyncio.sleep(0.3)
                assert sent < 25_000_000  # what fits into the sockets, not the 30 MB
            received += len(chunk.text)
            longest = max(longest, len(chunk.text))
    assert received == 30_000_000
    assert longest < 2 * ENOUGH_WAITING


async def test_the_key_goes_into_the_header_and_nowhere_else() -> None:
    async with scripted_server(say(STREAM_HEAD, FINISH, DONE)) as server:
        client = EngineClient(server.url + "/v1/", Secret("sk-hidden"))
        _ = [chunk async for chunk in client.generate(REQUEST)]
    assert server.requests[0].startswith(b"POST /v1/completions HTTP/1.1\r\n")
    assert b"\r\nAuthorization: Bearer sk-hidden\r\n" in server.requests[0]
    assert "hidden" not in repr(vars(client))


@pytest.mark.parametrize(
    "url",
    ["127.0.0.1:8080", "ftp://host", "http://", "http://user:pass@host", "http://host/?key=1", "http://host:99999"],
)
def test_a_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"url|[Pp]ort"):
        EngineClient(url, None)


def test_a_key_that_would_break_the_header_is_refused_without_showing_it() -> None:
    with pytest.raises(ValueError, match="visible ASCII") as caught:
        EngineClient("http://host", Secret("sk-hidden\r\nX-Evil: 1"))
    assert "hidden" not in str(caught.value)
