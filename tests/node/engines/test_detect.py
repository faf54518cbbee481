"""Finding engines that already run."""

from __future__ import annotations

import asyncio
import json

from paced_engine import Pace, PacedEngine
from scripted_server import Script, ScriptedServer, say, say_and_wait, scripted_server

from node.engines.detect import FoundServer, detect


def json_answer(status: int, body: object) -> Script:
    data = json.dumps(body).encode()
    return say(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(data), data))


def port_of(server: ScriptedServer | PacedEngine) -> int:
    return int(server.url.rpartition(":")[2])


async def test_a_server_on_its_usual_port_is_found_with_its_models() -> None:
    async with PacedEngine(Pace(model="llama")) as server:
        found = await detect({"LM Studio": server.port})
    assert found == (FoundServer("LM Studio", server.url, ("llama",)),)


async def test_its_own_word_counts_more_than_its_port() -> None:
    async with scripted_server(json_answer(200, {"data": [{"id": "m", "owned_by": "vllm"}]})) as server:
        (found,) = await detect({"llama-server": port_of(server)})
    assert found.kind == "vLLM"


async def test_a_server_that_wants_a_key_is_found_and_says_so() -> None:
    async with PacedEngine(Pace(key="sk-x")) as server:
        (found,) = await detect({"vLLM": server.port})
    assert found.wants_key
    assert found.models == ()


async def test_other_web_servers_are_not_taken_for_engines() -> None:
    page = say(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>")
    login = say(b"HTTP/1.1 401 X\r\nContent-Length: 6\r\n\r\n<html>")
    async with scripted_server(page) as one, scripted_server(login) as two:
        assert await detect({"llama-server": port_of(one), "vLLM": port_of(two)}) == ()


async def test_nobody_and_a_silent_server_cost_no_more_than_the_limit() -> None:
    async with scripted_server(say_and_wait()) as silent, asyncio.timeout(1):
        assert await detect({"Ollama": port_of(silent), "vLLM": 9}, limit_s=0.2) == ()
