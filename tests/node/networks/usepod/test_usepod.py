"""Use Pod, a further member of the WebSocket family, against a stand-in that follows the protocol notes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from grid import so
from pydantic import ValidationError
from scripted_engine import MemoryBooks, ScriptedEngine
from warped_loop import LoopClock, warped

from node.clock import Clock
from node.dispatcher import Dispatcher
from node.engines.base import EngineError, EngineFault, ModelInfo
from node.jobs import JobState, Receipt
from node.ledger.records import JobFinished
from node.networks.credits import ClosedBooks
from node.networks.kind import Enrolment
from node.networks.usepod import HOME, KIND, UsePodDialect, UsePodNetwork, UsePodOptions
from node.networks.websocket import Announced, Announcement
from node.networks.websocket.price import Price
from node.rehearsal.usepod import Pod
from wallet.secret import Secret

SEED = Secret(bytes(range(32)))


def enrolment(url: str, clock: Clock, key: Secret = SEED, models: Mapping[str, str] | None = None) -> Enrolment:
    return Enrolment(
        name="usepod",
        url=url,
        worker_name="usepod",
        key=key,
        models=models or {"m": ""},
        options=UsePodOptions(asked_them=True, prompt_price=400_000, answer_price=600_000),
        directory=Path("unused"),
        clock=clock,
        ledger=ClosedBooks(),
    )


class Host:
    """A node that works for the pod."""

    def __init__(self, pod: Pod, slots: int, by_itself: bool) -> None:
        clock = LoopClock()
        self.engine, self.books = ScriptedEngine(slots, by_itself=by_itself), MemoryBooks()
        self.dispatcher = Dispatcher([self.engine], self.books, clock)
        self.network = UsePodNetwork(enrolment(pod.url, clock))

    def receipts(self) -> list[Receipt]:
        return [record.receipt for record in self.books.records if isinstance(record, JobFinished)]


@asynccontextmanager
async def hosting(
    slots: int = 2, *, by_itself: bool = True, nonce_bytes: int = 32, known: bool = True
) -> AsyncIterator[tuple[Pod, Host]]:
    pod = Pod(LoopClock())
    pod.nonce_bytes = nonce_bytes
    if not known:
        pod.known = set()
    async with pod.serving():
        host = Host(pod, slots, by_itself)
        await host.dispatcher.refresh()
        following = asyncio.create_task(host.dispatcher.run())
        working = asyncio.create_task(host.network.run(host.dispatcher.desk("usepod")))
        try:
            if known and nonce_bytes == 32:
                await pod.ready.wait()
            yield pod, host
        finally:
            for task in (working, following):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            await host.dispatcher.stop("the test is over")
    assert host.engine.computing == 0
    assert pod.complaints == []


class Serving:
    """A node's capacity: these models."""

    def __init__(self, *models: str) -> None:
        self._models = models

    def models(self) -> list[ModelInfo]:
        return [ModelInfo(name, 4096, 2) for name in self._models]

    def seconds(self, model: str, prompt_tokens: int, answer_tokens: int) -> float | None:
        return None


class FixedLink:
    """A link that says what is written down and remembers what it is told."""

    def __init__(self, *frames: dict[str, object]) -> None:
        self.sent: list[dict[str, object]] = []
        self._frames = list(frames)

    async def send(self, frame: dict[str, object]) -> None:
        self.sent.append(frame)

    async def receive(self) -> dict[str, object]:
        return self._frames.pop(0)


@warped
async def test_the_challenge_is_signed_as_the_protocols_test_vector_has_it() -> None:
    dialect = UsePodDialect("ws://localhost", SEED, Price(1, 1), LoopClock())
    nonce = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8="
    link = FixedLink({"type": "auth_challenge", "nonce": nonce}, {"type": "auth_ok"})
    await dialect.greet(link, Announcement(1, (Announced("m", 4096),), 2))  # type: ignore[arg-type]
    assert link.sent[0]["pubkey"] == "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="
    assert link.sent[0]["signature"] == (
        "RvwJzG8dl9JB4bem/R5G94jmhB0l6rvztamkRZAIYYfkK+3QSr/5dtIeA4dgC0nyVSAS5Km8SxWWaoK0RNswAQ=="
    )
    assert link.sent[1]["models"] == [
        {
            "model_id": "m",
            "input_per_1m": 1,
            "output_per_1m": 1,
            "max_concurrent": 2,
            "backend": "llamacpp",
            "context_window": 4096,
        }
    ]


@pytest.mark.parametrize("said", [{}, {"asked_them": False}])
def test_nothing_can_be_made_of_it_before_the_owner_has_asked_the_vendor(said: dict[str, bool]) -> None:
    with pytest.raises(ValidationError, match="ask them"):
        UsePodOptions.model_validate(said)


def test_a_key_of_its_own_is_made_for_it() -> None:
    assert KIND.new_key is not None
    one, other = KIND.new_key(), KIND.new_key()
    assert len(one) == 32
    assert one != other


@warped
async def test_a_model_is_announced_under_the_name_that_the_owner_gave_it_there() -> None:
    pod = Pod(LoopClock())
    async with pod.serving():
        network = UsePodNetwork(enrolment(pod.url, LoopClock(), models={"m": "mistral:7b"}))
        (finding,) = await network.examine(Serving("m"))
        await so(lambda: bool(pod.capabilities))
    assert finding.good
    assert pod.capabilities[0]["models"][0]["model_id"] == "mistral:7b"  # type: ignore[index]


@warped
async def test_what_is_not_served_here_is_not_announced_to_try_it() -> None:
    pod = Pod(LoopClock())
    async with pod.serving():
        network = UsePodNetwork(enrolment(pod.url, LoopClock(), models={"m": "mistral:7b"}))
        (finding,) = await network.examine(Serving())
    assert finding.remedy == "test it later"
    assert pod.capabilities == []


@pytest.mark.parametrize("size", [8, 2000])
@warped
async def test_a_challenge_of_an_odd_size_is_not_signed(size: int) -> None:
    async with hosting(nonce_bytes=size) as (pod, host):
        await so(lambda: "challenge" in host.network.recovery.problem)
        assert not pod.ready.is_set()


@warped
async def test_a_key_that_was_not_paired_is_told_and_tried_more_and_more_seldom() -> None:
    async with hosting(known=False) as (pod, host):
        await asyncio.sleep(100)
        assert "unknown key" in host.network.recovery.problem
        assert pod.dialled == 5
        await asyncio.sleep(590)
        assert pod.dialled == 6


@warped
async def test_a_jobs_event_stream_reaches_its_caller_and_is_billed_at_the_listed_price() -> None:
    async with hosting() as (pod, host):
        jobs = [await pod.job("m", f"tell me {number}") for number in range(2)]
        for job in jobs:
            done = await job.ended
            assert done["type"] == "job_done"
            assert done["tokens"] == {"input": 3, "output": 2, "input_tokens": 3, "output_tokens": 2}
            assert job.text == "one "
            assert job.data.endswith(b"data: [DONE]\n\n")
            assert b'"usage":{"prompt_tokens": 3' in job.data
        await so(lambda: len(host.receipts()) == 2)
        assert {receipt.state for receipt in host.receipts()} == {JobState.DONE}
        assert {receipt.reward for receipt in host.receipts()} == {None}, "the network states none"
        assert host.network.estimate.units == pod.earned * 8 // 10**7 == 3


@warped
async def test_jobs_share_the_connection_and_the_surplus_is_refused_in_words() -> None:
    async with hosting(slots=2, by_itself=False) as (pod, host):
        announced = pod.capabilities[0]["limits"]["max_concurrent_total"]  # type: ignore[index]
        jobs = [await pod.job("m") for _ in range(announced + 2)]
        refused = [job for job in jobs if job.ended.done() or await _refused(job)]
        assert len(refused) == 2
        assert {job.ended.result()["error_code"] for job in refused} == {"out_of_capacity"}
        assert host.engine.computing == 2
        host.engine.by_itself = True
        for gate in host.engine.gates:
            gate.set_result("two")
        assert {(await job.ended)["type"] for job in jobs if job not in refused} == {"job_done"}
        assert host.engine.most_computing == 2
        assert pod.dialled == 1


async def _refused(job: object) -> bool:
    await asyncio.sleep(0.3)
    return job.ended.done()  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize("model", ["M", "other"])
@warped
async def test_a_model_that_was_not_announced_is_refused(model: str) -> None:
    async with hosting() as (pod, _):
        ended = await (await pod.job(model)).ended
        assert (ended["error_code"], ended["tokens_emitted"]) == ("model_not_loaded", 0)


@warped
async def test_anthropics_format_is_refused() -> None:
    async with hosting() as (pod, _):
        assert (await (await pod.job("m", format="anthropic")).ended)["error_code"] == "internal"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (EngineFault.UNAVAILABLE, "backend_unreachable"),
        (EngineFault.CRASHED, "internal"),
        (EngineFault.BAD_REQUEST, "internal"),
    ],
)
@warped
async def test_failures_have_their_codes_and_tell_the_bytes_sent(fault: EngineFault, code: str) -> None:
    async with hosting(by_itself=False) as (pod, host):
        job = await pod.job("m")
        (await host.engine.next_gate()).set_result(EngineError(fault, "no"))
        ended = await job.ended
        assert (ended["error_code"], ended["tokens_emitted"]) == (code, len(job.data))


@warped
async def test_a_deadline_ends_a_job_in_words() -> None:
    async with hosting(by_itself=False) as (pod, host):
        job = await pod.job("m", deadline_ms=300)
        began = pod.clock.monotonic()
        ended = await job.ended
        assert ended["error_code"] == "backend_timeout"
        assert ended["tokens_emitted"] == len(job.data) > 0
        assert pod.clock.monotonic() - began < 0.5
        await so(lambda: host.receipts()[0].state is JobState.EXPIRED)


@warped
async def test_a_cancelled_job_stops_the_engine_and_nothing_more_is_said_of_it() -> None:
    async with hosting(by_itself=False) as (pod, host):
        job = await pod.job("m")
        await so(lambda: host.engine.computing == 1)
        await pod.cancel(job)
        await so(lambda: host.engine.computing == 0, 1)
        await pod.say({"type": "job_cancel", "job_id": "00000000-0000-4000-8000-000000000000"})
        await asyncio.sleep(5)
        assert not job.ended.done()


@warped
async def test_heartbeats_come_every_fifteen_seconds_during_jobs_too() -> None:
    async with hosting(by_itself=False) as (pod, _):
        await pod.job("m", deadline_ms=600_000)
        await asyncio.sleep(100)
        gaps = [later - earlier for earlier, later in zip(pod.heartbeats, pod.heartbeats[1:], strict=False)]
        assert len(gaps) >= 4
        assert all(13 <= gap <= 17 for gap in gaps)


@pytest.mark.parametrize(
    "garbage",
    [
        "no json",
        b"\x00",
        {"no": "type"},
        {"type": "config_update"},
        {"type": "job", "job_id": "x"},
        {"type": "job", "job_id": "no uuid", "model_id": "m", "request": {}},
        {"type": "job", "job_id": "00000000-0000-4000-8000-000000000000", "model_id": "m", "request": 7},
        {"type": "job_cancel", "job_id": 7},
    ],
)
@warped
async def test_malformed_frames_leave_the_session_alive(garbage: object) -> None:
    async with hosting() as (pod, _):
        await pod.say(garbage)
        assert (await (await pod.job("m")).ended)["type"] == "job_done"
        assert pod.dialled == 1


@pytest.mark.parametrize("clean", [True, False])
@warped
async def test_after_a_loss_it_comes_back_announces_again_and_says_nothing_of_old_jobs(clean: bool) -> None:
    async with hosting(by_itself=False) as (pod, host):
        old = await pod.job("m")
        await so(lambda: host.engine.computing == 1)
        lost_at = pod.clock.monotonic()
        if clean:
            await pod.close()
        else:
            pod.cut()
        await so(lambda: len(pod.capabilities) == 2)
        assert 0.7 <= pod.clock.monotonic() - lost_at <= 1.4
        host.engine.by_itself = True
        assert (await (await pod.job("m")).ended)["type"] == "job_done"
        assert not old.ended.done()
        await so(lambda: len(host.receipts()) == 2)
        assert [receipt.state for receipt in host.receipts()] == [JobState.RETURNED, JobState.DONE]


@pytest.mark.parametrize("size", [0, 31, 33])
@warped
async def test_an_identity_of_the_wrong_size_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        UsePodNetwork(enrolment(HOME, LoopClock(), Secret(bytes(size))))


@pytest.mark.parametrize("price", [(0, 1), (1, 0), (-1, 1)])
def test_nothing_is_offered_for_nothing(price: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="at least 1 base unit"):
        Price(*price)
