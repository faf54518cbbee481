"""Keys: who may use the endpoint, and how much."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import openai
import pytest
from hand_clock import HandClock
from local_endpoint import Endpoint, Serve
from loose_tickets import LooseTickets
from patience import PATIENCE

from node.jobs import Chunk, Job
from node.networks.local.access import AccessError, AccessKeys
from node.networks.local.errors import ApiError
from node.networks.local.limits import KeyLimits
from node.networks.local.quota import Quotas

ASKED = {"model": "tiny", "messages": [{"role": "user", "content": "hi"}]}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "access.json"


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def keys(path: Path, clock: HandClock) -> AccessKeys:
    return AccessKeys(path, clock)


def test_a_new_key_opens_and_only_its_digest_is_kept(keys: AccessKeys, path: Path) -> None:
    key, secret = keys.new("laptop", KeyLimits(concurrent=2))
    assert secret.reveal().startswith("sk-stoker-")
    assert len(secret.reveal()) == len("sk-stoker-") + 43  # 256 bits in base64
    assert secret.reveal() not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    found = keys.check(secret.reveal())
    assert found == key
    assert key.digest not in repr(key)


def test_keys_are_there_after_a_restart(keys: AccessKeys, path: Path, clock: HandClock) -> None:
    _, secret = keys.new("laptop", KeyLimits(requests_per_minute=3, max_tokens=99))
    again = AccessKeys(path, clock)
    assert again.list() == keys.list()
    found = again.check(secret.reveal())
    assert found is not None
    assert found.limits == KeyLimits(requests_per_minute=3, max_tokens=99)


@pytest.mark.parametrize("presented", ["", "sk-stoker-", "sk-stoker-wrong", "x" * 10_000, "ключ", "\udcff"])
def test_any_other_key_opens_nothing(keys: AccessKeys, presented: str) -> None:
    keys.new("laptop", KeyLimits())
    assert keys.check(presented) is None


def test_a_revoked_key_opens_nothing_and_its_name_is_free(keys: AccessKeys, path: Path, clock: HandClock) -> None:
    _, secret = keys.new("laptop", KeyLimits())
    keys.revoke("laptop")
    assert keys.check(secret.reveal()) is None
    assert AccessKeys(path, clock).list() == ()
    keys.new("laptop", KeyLimits())
    assert keys.check(secret.reveal()) is None


def test_names_are_taken_once_and_well_formed(keys: AccessKeys) -> None:
    keys.new("laptop", KeyLimits())
    with pytest.raises(AccessError, match="'laptop': there is one already"):
        keys.new("laptop", KeyLimits())
    with pytest.raises(AccessError, match=r"'\.\./x': expected 1 to 64 of"):
        keys.new("../x", KeyLimits())
    with pytest.raises(AccessError, match=r"'phone': there is no such key \(there are: laptop\)"):
        keys.revoke("phone")


def test_when_a_key_was_last_used_is_seen_at_once_and_kept_when_saved(
    keys: AccessKeys, path: Path, clock: HandClock
) -> None:
    _, secret = keys.new("laptop", KeyLimits())
    clock.now += 50
    keys.check(secret.reveal())
    assert keys.list()[0].last_used_at == 1050.0
    keys.save()
    assert AccessKeys(path, clock).list()[0].last_used_at == 1050.0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "the file: Invalid JSON"),
        ('{"version": 9}', "version: Input should be less than or equal to 1"),
        ('{"keys": [{"name": "a/b", "digest": "", "created_at": 0}]}', "keys.0.name: String should match"),
        (" " * 2_000_000, "larger than 1048576 bytes"),
    ],
    ids=["torn", "newer", "not ours", "huge"],
)
def test_a_damaged_file_is_told_with_the_place_and_left_alone(
    path: Path, clock: HandClock, content: str, words: str
) -> None:
    path.write_text(content)
    with pytest.raises(AccessError, match=words) as told:
        AccessKeys(path, clock)
    assert str(path) in str(told.value)
    assert path.read_text() == content


def test_a_key_that_cannot_be_written_is_not_in_force(keys: AccessKeys, path: Path) -> None:
    path.mkdir()
    with pytest.raises(AccessError, match="cannot be written"):
        keys.new("laptop", KeyLimits())
    assert keys.list() == ()


def test_a_rate_is_refused_beyond_its_minute_and_told_when_to_come_back(keys: AccessKeys, clock: HandClock) -> None:
    key, _ = keys.new("laptop", KeyLimits(requests_per_minute=2))
    quotas = Quotas(clock, in_hand=10)
    for _ in range(2):
        with quotas.admitted(key):
            pass
    words = "key 'laptop' may make 2 requests a minute; try again in 30 s"
    with pytest.raises(ApiError, match=words) as refused, quotas.admitted(key):
        pass
    assert (b"retry-after", b"30") in refused.value.headers
    clock.now += 30
    with quotas.admitted(key):
        pass


def test_the_node_takes_a_bounded_number_of_requests_from_everyone_together(clock: HandClock) -> None:
    quotas = Quotas(clock, in_hand=1)
    with quotas.admitted(None), pytest.raises(ApiError, match="1 requests in hand"), quotas.admitted(None):
        pass
    with quotas.admitted(None):
        pass


# At the endpoint


async def test_a_wrong_key_is_refused_by_every_route(serve: Serve) -> None:
    endpoint = await serve()
    async with endpoint.http("sk-stoker-wrong") as http:
        answers = [await http.get("models"), await http.post("chat/completions", json=ASKED)]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert "not known here, or was revoked" in answers[0].json()["error"]["message"]
    async with endpoint.openai("sk-stoker-wrong") as client:
        with pytest.raises(openai.AuthenticationError):
            await client.models.list()


async def test_without_any_key_the_answer_names_the_command_that_makes_one(serve: Serve) -> None:
    endpoint = await serve()
    endpoint.access.revoke("tests")
    async with httpx.AsyncClient() as http:
        answer = await http.post(f"{endpoint.url}/chat/completions", json=ASKED)
    assert answer.status_code == 401
    assert "make one with 'stoker access new NAME'" in answer.json()["error"]["message"]


async def test_revoking_takes_effect_at_once_on_an_open_connection(serve: Serve) -> None:
    endpoint = await serve()
    async with endpoint.http() as http:
        before = await http.post("chat/completions", json=ASKED)
        endpoint.access.revoke("tests")
        after = await http.post("chat/completions", json=ASKED)
    assert (before.status_code, after.status_code) == (200, 401)


async def asked_with(endpoint: Endpoint, limits: KeyLimits, **change: object) -> httpx.Response:
    secret = endpoint.access.new("limited", limits)[1]
    async with endpoint.http(secret.reveal()) as http:
        return await http.post("chat/completions", json=ASKED | change)


async def test_a_key_bounds_the_tokens_of_a_request(serve: Serve) -> None:
    answer = await asked_with(await serve(), KeyLimits(max_tokens=50), max_tokens=51)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "max_tokens: got 51; this key may ask for 50 at most"


async def test_a_request_without_max_tokens_gets_those_of_its_key(serve: Serve) -> None:
    tickets = LooseTickets()
    await asked_with(await serve(tickets), KeyLimits(max_tokens=50))
    assert tickets.runs[0].job.request.max_tokens == 50


async def test_a_key_bounds_the_jobs_at_once(serve: Serve) -> None:
    go_on = asyncio.Event()

    async def script(job: Job) -> AsyncIterator[Chunk]:
        await go_on.wait()
        yield Chunk(text="done", finish_reason="stop")

    tickets = LooseTickets(script)
    endpoint = await serve(tickets)
    secret = endpoint.access.new("one", KeyLimits(concurrent=1))[1]
    async with endpoint.http(secret.reveal()) as http:
        first = asyncio.create_task(http.post("chat/completions", json=ASKED))
        await asyncio.wait_for(tickets.submitted.wait(), PATIENCE)
        second = await http.post("chat/completions", json=ASKED)
        go_on.set()
        assert (await first).status_code == 200
        third = await http.post("chat/completions", json=ASKED)
    assert (second.status_code, second.headers["retry-after"]) == (429, "1")
    assert "key 'one' has 1 jobs in hand and may have 1 at once" in second.json()["error"]["message"]
    assert third.status_code == 200
