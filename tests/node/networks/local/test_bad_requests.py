"""What a client is told about a request that cannot be served."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from local_endpoint import Endpoint, Serve
from loose_tickets import LooseTickets
from patience import PATIENCE

from node.networks.local.limits import Limits
from node.serving import Patience


@pytest.fixture
async def endpoint(serve: Serve) -> Endpoint:
    return await serve()


def good() -> dict[str, Any]:
    return {"model": "tiny", "messages": [{"role": "user", "content": "hi"}]}


def error_of(answer: httpx.Response) -> dict[str, Any]:
    error: dict[str, Any] = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    return error


async def test_a_refused_field_comes_in_openais_error_format(endpoint: Endpoint) -> None:
    async with endpoint.http() as http:
        answer = await http.post("chat/completions", json=good() | {"temperature": 3.5})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {
        "error": {
            "message": "temperature: got 3.5; input should be less than or equal to 2",
            "type": "invalid_request_error",
            "param": "temperature",
            "code": "invalid_value",
        }
    }


async def test_invalid_utf8_is_told_with_its_place(endpoint: Endpoint) -> None:
    async with endpoint.http() as http:
        answer = await http.post("chat/completions", content=b'{"model": "tiny\xff"}')
    assert (answer.status_code, error_of(answer)["code"]) == (400, "invalid_utf8")
    assert "byte 15 is 0xff" in error_of(answer)["message"]


async def test_an_unknown_model_is_told_with_those_that_are_served(endpoint: Endpoint) -> None:
    async with endpoint.http() as http:
        answer = await http.post("chat/completions", json=good() | {"model": "gpt-9"})
    error = error_of(answer)
    assert (answer.status_code, error["code"], error["param"]) == (404, "model_not_found", "model")
    assert error["message"] == "model: got 'gpt-9'; this node serves tiny"


async def test_a_node_without_a_model_says_so(serve: Serve) -> None:
    async with (await serve(LooseTickets(models=()))).http() as http:
        answer = await http.post("chat/completions", json=good())
    assert answer.status_code == 503
    assert "no model is ready yet" in error_of(answer)["message"]


async def test_an_unknown_path_and_a_wrong_method_are_told_apart(endpoint: Endpoint) -> None:
    async with endpoint.http() as http:
        lost, wrong = await http.post("images/generations", json={}), await http.get("chat/completions")
    assert (lost.status_code, error_of(lost)["code"]) == (404, "not_found")
    assert "/v1/chat/completions" in error_of(lost)["message"]
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")


async def test_ten_megabytes_are_refused_and_the_connection_stays_good(endpoint: Endpoint) -> None:
    async with endpoint.http() as http:
        answer = await http.post("chat/completions", content=b" " * 10_000_000)
        after = await http.post("chat/completions", json=good())
    assert answer.status_code == 413
    assert error_of(answer)["message"].startswith("the request body is 10,000,000 bytes; this node takes 2,097,152")
    assert after.status_code == 200


async def test_a_body_of_unknown_length_is_refused_while_it_is_read(serve: Serve) -> None:
    endpoint = await serve(limits=Limits(body_bytes=100_000))
    reader, writer = await asyncio.open_connection("127.0.0.1", endpoint.port)
    writer.write(
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n"
        b"authorization: Bearer " + endpoint.key.encode() + b"\r\n\r\n"
    )
    for _ in range(3):
        writer.write(b"c350\r\n" + b" " * 50_000 + b"\r\n")  # and there is more to come, as far as anyone knows
    assert b"413" in await asyncio.wait_for(reader.readline(), PATIENCE)
    writer.close()
    await writer.wait_closed()


async def test_a_body_that_does_not_come_is_waited_for_a_limited_time(serve: Serve) -> None:
    endpoint = await serve(limits=Limits(body_seconds=0.1))
    reader, writer = await asyncio.open_connection("127.0.0.1", endpoint.port)
    writer.write(
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n"
        b"authorization: Bearer " + endpoint.key.encode() + b"\r\n\r\n{"
    )
    assert b"408" in await asyncio.wait_for(reader.readline(), PATIENCE)
    writer.close()
    await writer.wait_closed()


async def closed(port: int, head: bytes) -> bool:
    """Send this and wait for the other side to end the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head)
    try:
        await asyncio.wait_for(reader.read(), PATIENCE)
    except ConnectionError:
        pass
    finally:
        writer.close()
    return reader.at_eof() or reader.exception() is not None


async def test_a_head_that_is_too_large_ends_the_connection(endpoint: Endpoint) -> None:
    assert await closed(endpoint.port, b"GET /v1/models HTTP/1.1\r\nx: " + b"y" * 200_000)


async def test_what_is_no_http_ends_the_connection(endpoint: Endpoint) -> None:
    assert await closed(endpoint.port, b"\x16\x03\x01 not http at all\r\n\r\n")


async def test_a_silent_connection_is_ended(serve: Serve) -> None:
    endpoint = await serve(limits=Limits(patience=Patience(head_seconds=0.1)))
    assert await closed(endpoint.port, b"GET /v1/mod")


async def test_a_long_conversation_within_the_limits_is_answered(endpoint: Endpoint) -> None:
    body = good() | {"messages": [{"role": "user", "content": "word " * 100}] * 3000}
    async with endpoint.http() as http:
        answer = await http.post("chat/completions", content=json.dumps(body).encode())
    assert answer.status_code == 200
