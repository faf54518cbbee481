import asyncio
import json
import logging
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from node.rehearsal.solana.chain import Chain
from node.rehearsal.solana.nodes import Node, Nodes, http, once, rpc_error
from wallet.rpc.client import Identity, JsonRpc, RpcUnavailable
from wallet.rpc.endpoint import LARGEST_ANSWER, EndpointState, RpcRefused
from wallet.secret import Secret
from wallet.solana.cluster import DEVNET, MAINNET

IDENTITY = Identity("getGenesisHash", DEVNET.genesis, "Solana devnet")


def client(nodes: Nodes, *hosts: str, **options: Any) -> JsonRpc:
    settings = {"timeout": 0.2, "patience": 0.0, "per_second": 1000.0} | options
    return JsonRpc([f"http://{host}/" for host in hosts], IDENTITY, transport=nodes, **settings)


@pytest.fixture
def chain() -> Chain:
    return Chain()


async def test_the_first_node_answers_and_the_second_is_not_bothered(chain: Chain) -> None:
    first, second = Node(chain), Node(chain)
    async with client(Nodes(a=first, b=second), "a", "b") as rpc:
        assert await rpc.call("getHealth") == "ok"
        assert await rpc.call("getHealth") == "ok"
    assert (first.asked, second.asked) == (3, 0)
    assert first.methods.calls["getGenesisHash"] == 1


FAULTS: dict[str, tuple[Callable[[], httpx.Response | None], str]] = {
    "server error": (http(500, "oops"), "HTTP 500"),
    "forbidden": (http(403), "API key"),
    "redirect": (http(302, location="http://b/"), "HTTP 302"),
    "not JSON": (http(200, "<html>"), "not JSON"),
    "too deep": (http(200, "[" * 100_000), "not JSON"),
    "a list": (http(200, "[]"), "no JSON-RPC"),
    "no result": (http(200, '{"jsonrpc": "2.0", "id": 1}'), "not to our question"),
    "another question's": (http(200, '{"jsonrpc": "2.0", "id": 77, "result": 5}'), "not to our question"),
    "error that is none": (http(200, '{"id": 1, "error": "bad"}'), "no JSON-RPC"),
    "endless": (http(200, '{"' + "x" * LARGEST_ANSWER), "more than"),
    "behind": (rpc_error(-32005, "Node is behind by 42 slots"), "behind"),
    "internal error": (rpc_error(-32603, "Internal error", 500), "Internal error"),
    "busy": (http(429), "limits us"),
    "busy in the body": (rpc_error(429, "Too many requests"), "Too many"),
    "unavailable": (http(503), "busy"),
}


@pytest.mark.parametrize(("fault", "problem"), FAULTS.values(), ids=FAULTS.keys())
async def test_a_node_that_fails_is_left_for_the_next_and_its_problem_is_told(
    chain: Chain, fault: Callable[[], httpx.Response | None], problem: str
) -> None:
    bad = Node(chain)
    bad.fault = fault
    async with client(Nodes(a=bad, b=Node(chain)), "a", "b") as rpc:
        assert await rpc.call("getHealth") == "ok"
        first, second = rpc.health()
        assert problem in first.problem
        assert first.rests > 0
        assert second.state is EndpointState.HEALTHY
        asked = bad.asked
        await rpc.call("getHealth")
        assert bad.asked == asked


async def test_a_slow_node_and_one_that_is_down_are_left_for_the_next(chain: Chain) -> None:
    slow = Node(chain)
    slow.delay = 30
    async with client(Nodes(slow=slow, c=Node(chain)), "slow", "down", "c") as rpc:
        began = time.monotonic()
        assert await rpc.call("getHealth") == "ok"
        assert time.monotonic() - began < 2
        assert [one.problem for one in rpc.health()] == ["no answer within 0.2 s", "not reached (ConnectError)", ""]


async def test_a_node_of_another_cluster_is_never_believed(chain: Chain) -> None:
    liar = Node(Chain(MAINNET.genesis))
    async with client(Nodes(a=liar, b=Node(chain)), "a", "b") as rpc:
        await rpc.call("getBalance", "11111111111111111111111111111111")
        assert rpc.health()[0].state is EndpointState.WRONG_CHAIN
    assert liar.methods.calls == {"getGenesisHash": 1}


async def test_a_node_that_changes_its_cluster_is_caught_after_a_failure(chain: Chain) -> None:
    node = Node(chain)
    async with client(Nodes(a=node), "a", patience=5.0) as rpc:
        await rpc.call("getHealth")
        chain.genesis = MAINNET.genesis
        node.fault = once(http(502))
        with pytest.raises(RpcUnavailable, match="not on Solana devnet"):
            await rpc.call("getHealth")


async def test_nobody_answering_says_what_each_did_and_what_to_do() -> None:
    async with client(Nodes(), "down", "gone") as rpc:
        with pytest.raises(
            RpcUnavailable, match=r"down not reached .*, gone not reached .*; check the connection"
        ) as raised:
            await rpc.call("getHealth")
    assert [one.state for one in raised.value.health] == [EndpointState.FAILING] * 2


async def test_a_short_rate_limit_is_waited_out_as_long_as_the_node_asks(chain: Chain) -> None:
    node = Node(chain)
    node.fault = once(http(429, retry_after="1"))
    async with client(Nodes(a=node), "a", patience=3.0) as rpc:
        began = time.monotonic()
        assert await rpc.call("getHealth") == "ok"
        assert 0.9 < time.monotonic() - began < 2


async def test_a_long_rate_limit_is_said_at_once(chain: Chain) -> None:
    node = Node(chain)
    node.fault = once(http(429, retry_after="30"))
    async with client(Nodes(a=node), "a", patience=3.0) as rpc:
        with pytest.raises(RpcUnavailable):
            await rpc.call("getHealth")
        health = rpc.health()[0]
        assert health.state is EndpointState.RATE_LIMITED
        assert 29 < health.rests <= 30
        with pytest.raises(RpcUnavailable):
            await rpc.call("getHealth")
    assert node.asked == 1


async def test_a_failing_node_rests_longer_each_time_and_recovers(chain: Chain) -> None:
    node = Node(chain)
    node.fault = http(500)
    async with client(Nodes(a=node), "a", patience=1.2) as rpc:
        with pytest.raises(RpcUnavailable):
            await rpc.call("getHealth")
        assert 2 <= rpc.health()[0].failures <= 4
        node.fault = None
        await asyncio.sleep(rpc.health()[0].rests + 0.1)
        assert await rpc.call("getHealth") == "ok"
        assert rpc.health()[0].failures == 0


async def test_calls_that_fail_together_count_as_one_failure(chain: Chain) -> None:
    node = Node(chain)
    async with client(Nodes(a=node), "a") as rpc:
        await rpc.call("getHealth")
        node.fault = http(500)
        outcomes = await asyncio.gather(*(rpc.call("getHealth") for _ in range(4)), return_exceptions=True)
        assert all(isinstance(one, RpcUnavailable) for one in outcomes)
        assert rpc.health()[0].failures == 1


async def test_a_wrong_question_is_not_asked_elsewhere(chain: Chain) -> None:
    other = Node(chain)
    async with client(Nodes(a=Node(chain), b=other), "a", "b") as rpc:
        with pytest.raises(RpcRefused, match=r"Method not found \(-32601\)") as raised:
            await rpc.call("noSuchMethod")
        assert raised.value.code == -32601
    assert other.asked == 0


async def test_the_pace_is_kept(chain: Chain) -> None:
    async with client(Nodes(a=Node(chain)), "a", per_second=20.0, timeout=5.0) as rpc:
        began = time.monotonic()
        await asyncio.gather(*(rpc.call("getHealth") for _ in range(29)))  # and one for the genesis hash
        assert time.monotonic() - began > 0.4  # a burst of 20, then 20 a second


async def test_an_api_key_in_the_url_is_never_shown(chain: Chain, caplog: pytest.LogCaptureFixture) -> None:
    nodes = Nodes(**{"rpc.example": Node(chain), "rpc.down": Node(chain)})
    urls = [Secret("https://rpc.example/v2/canary-key?api-key=canary-key"), "https://gone/canary-key"]
    with caplog.at_level(logging.DEBUG):
        async with JsonRpc(urls, IDENTITY, transport=nodes, patience=0.0) as rpc:
            await rpc.call("getHealth")
            shown = repr(rpc.health())
            nodes.vanish()
            with pytest.raises(RpcUnavailable) as raised:
                await rpc.call("getHealth")
    assert "rpc.example" in shown
    assert "canary" not in shown + str(raised.value) + caplog.text


@pytest.mark.parametrize("url", ["", "rpc.example", "ftp://rpc.example/", "http://", "http://[canary"])
async def test_what_is_no_url_is_refused_unquoted(url: str) -> None:
    with pytest.raises(ValueError, match="expected http") as raised:
        JsonRpc([url], IDENTITY)
    assert "canary" not in str(raised.value)
    with pytest.raises(ValueError, match="at least one"):
        JsonRpc([], IDENTITY)


async def test_it_speaks_json_rpc_2(chain: Chain) -> None:
    seen: list[dict[str, Any]] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(json.loads(request.content))
        return httpx.Response(200, json={"id": seen[-1]["id"], "result": DEVNET.genesis})

    async with JsonRpc(["http://a/"], IDENTITY, transport=httpx.MockTransport(handle)) as rpc:
        await rpc.call("getBalance", "x", {"commitment": "confirmed"})
    assert seen[1] == {"jsonrpc": "2.0", "id": 2, "method": "getBalance", "params": ["x", {"commitment": "confirmed"}]}
