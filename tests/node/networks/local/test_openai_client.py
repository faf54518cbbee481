"""The official client, unchanged, against the served endpoint."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import openai
import pytest
from local_endpoint import Serve
from loose_tickets import LooseTickets

from node.engines.base import EngineError, EngineFault, ModelInfo
from node.jobs import Chunk, Job, JobState, Usage


def chat(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


def failing(fault: EngineFault, words: str, after: int = 0) -> LooseTickets:
    async def script(job: Job) -> AsyncIterator[Chunk]:
        for _ in range(after):
            yield Chunk(text="so far ", deltas=1)
        raise EngineError(fault, words)

    return LooseTickets(script)


async def test_a_chat_gets_its_answer_with_the_engines_usage(serve: Serve) -> None:
    async with (await serve()).openai() as client:
        answer = await client.chat.completions.create(model="tiny", messages=chat("to be or not"))
    assert answer.choices[0].message.content == "to be or not"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens) == (4, 4, 8)


async def test_a_streamed_chat_opens_with_the_role_and_closes_with_reason_and_usage(serve: Serve) -> None:
    async with (await serve()).openai() as client:
        stream = await client.chat.completions.create(
            model="tiny", messages=chat("to be or not"), stream=True, stream_options={"include_usage": True}
        )
        events = [event async for event in stream]
    assert events[0].choices[0].delta.role == "assistant"
    assert "".join(event.choices[0].delta.content or "" for event in events[:-1]) == "to be or not"
    assert [event.choices[0].finish_reason for event in events[:-1]] == [None] * 5 + ["stop"]
    assert events[-1].choices == []
    assert events[-1].usage is not None
    assert events[-1].usage.total_tokens == 8
    assert all(event.usage is None for event in events[:-1])


async def test_usage_is_streamed_only_on_request(serve: Serve) -> None:
    async with (await serve()).openai() as client:
        stream = await client.chat.completions.create(model="tiny", messages=chat("hi"), stream=True)
        assert [event.usage async for event in stream] == [None, None, None]


async def test_a_completion_gets_its_answer_whole_and_streamed(serve: Serve) -> None:
    async with (await serve()).openai() as client:
        whole = await client.completions.create(model="tiny", prompt="once upon a time")
        stream = await client.completions.create(model="tiny", prompt="once upon a time", stream=True)
        pieces = [event.choices[0] async for event in stream]
    assert whole.choices[0].text == "once upon a time"
    assert "".join(piece.text for piece in pieces) == "once upon a time"
    assert pieces[-1].finish_reason == "stop"


async def test_the_synchronous_client_works_as_well(serve: Serve) -> None:
    endpoint = await serve()

    def ask() -> str:
        with openai.OpenAI(base_url=endpoint.url, api_key=endpoint.key, max_retries=0) as client:
            stream = client.chat.completions.create(model="tiny", messages=chat("one two"), stream=True)
            return "".join(event.choices[0].delta.content or "" for event in stream)

    assert await asyncio.to_thread(ask) == "one two"


async def test_models_are_listed_and_shown(serve: Serve) -> None:
    models = (ModelInfo("tiny", 512, 2), ModelInfo("maker/large", None, 1))
    async with (await serve(LooseTickets(models=models))).openai() as client:
        assert [model.id async for model in client.models.list()] == ["tiny", "maker/large"]
        assert (await client.models.retrieve("maker/large")).owned_by == "stoker"
        with pytest.raises(openai.NotFoundError, match="this node serves maker/large, tiny"):
            await client.models.retrieve("other")


async def test_embeddings_come_as_the_client_asks_for_them(serve: Serve) -> None:
    models = (ModelInfo("vectors", 512, 1, chat=False, embeddings=True),)
    async with (await serve(LooseTickets(models=models))).openai() as client:
        packed = await client.embeddings.create(model="vectors", input=["a", "bcd"])
        numbers = await client.embeddings.create(model="vectors", input="a b", encoding_format="float")
    assert [entry.embedding for entry in packed.data] == [[1.0, 0.5], [3.0, 0.5]]
    assert numbers.data[0].embedding == [3.0, 0.5]
    assert numbers.usage.total_tokens == 2


async def test_embeddings_are_refused_by_a_model_that_has_none(serve: Serve) -> None:
    async with (await serve()).openai() as client:
        with pytest.raises(openai.BadRequestError, match="tiny makes no embeddings"):
            await client.embeddings.create(model="tiny", input="words")


async def test_tool_calls_and_log_probabilities_arrive_whole_and_streamed(serve: Serve) -> None:
    def calling(piece: dict[str, object]) -> Chunk:
        return Chunk(choice={"index": 3, "delta": {"tool_calls": [{"index": 0, **piece}]}, "finish_reason": None})

    async def script(job: Job) -> AsyncIterator[Chunk]:
        assert job.request.options["tools"]
        yield calling({"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": ""}})
        yield calling({"function": {"arguments": '{"city":'}})
        yield calling({"function": {"arguments": '"Oslo"}'}})
        logprob = {"token": "ok", "logprob": -0.5, "bytes": None, "top_logprobs": []}
        yield Chunk(text="ok", choice={"delta": {"content": "ok"}, "logprobs": {"content": [logprob]}})
        yield Chunk(finish_reason="tool_calls", usage=Usage(1, 9))

    async with (await serve(LooseTickets(script))).openai() as client:
        tools = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}]
        whole = await client.chat.completions.create(model="tiny", messages=chat("Oslo?"), tools=tools)
        stream = await client.chat.completions.create(model="tiny", messages=chat("Oslo?"), tools=tools, stream=True)
        events = [event.choices[0] async for event in stream]
    calls = whole.choices[0].message.tool_calls
    assert [(call.id, call.function.name, call.function.arguments) for call in calls] == [
        ("call_1", "weather", '{"city":"Oslo"}')
    ]
    assert whole.choices[0].logprobs.content[0].logprob == -0.5
    assert whole.choices[0].message.content == "ok"
    assert whole.choices[0].finish_reason == events[-1].finish_reason == "tool_calls"
    pieces = [call for event in events for call in event.delta.tool_calls or []]
    assert "".join(piece.function.arguments for piece in pieces) == '{"city":"Oslo"}'


async def test_eight_clients_at_once_each_get_their_own_answer(serve: Serve) -> None:
    endpoint = await serve()

    async def ask(number: int) -> str:
        async with endpoint.openai() as client:
            stream = await client.chat.completions.create(
                model="tiny", messages=chat(" ".join([f"client{number}"] * 50)), stream=True
            )
            return "".join([event.choices[0].delta.content or "" async for event in stream])

    answers = await asyncio.gather(*map(ask, range(8)))
    assert answers == [" ".join([f"client{number}"] * 50) for number in range(8)]


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        (EngineFault.BAD_REQUEST, openai.BadRequestError),
        (EngineFault.CONTEXT_EXCEEDED, openai.BadRequestError),
        (EngineFault.UNKNOWN_MODEL, openai.NotFoundError),
        (EngineFault.UNSUPPORTED, openai.BadRequestError),
        (EngineFault.UNAVAILABLE, openai.InternalServerError),
        (EngineFault.CRASHED, openai.InternalServerError),
    ],
)
@pytest.mark.parametrize("streaming", [False, True])
async def test_a_fault_of_the_engine_becomes_the_clients_own_exception(
    serve: Serve, fault: EngineFault, raised: type[openai.APIStatusError], streaming: bool
) -> None:
    tickets = failing(fault, "the engine's own words")
    async with (await serve(tickets)).openai() as client:
        with pytest.raises(raised, match="the engine's own words"):
            await client.chat.completions.create(model="tiny", messages=chat("hi"), stream=streaming)
    assert tickets.runs[0].state is JobState.FAILED


async def test_a_prompt_longer_than_the_context_is_told_by_its_code(serve: Serve) -> None:
    tickets = failing(EngineFault.CONTEXT_EXCEEDED, "the prompt has 900 tokens, the context holds 512")
    async with (await serve(tickets)).openai() as client:
        with pytest.raises(openai.BadRequestError) as refused:
            await client.chat.completions.create(model="tiny", messages=chat("long"))
    assert refused.value.code == "context_length_exceeded"


async def test_an_engine_that_dies_mid_stream_ends_the_stream_with_an_error(serve: Serve) -> None:
    tickets = failing(EngineFault.CRASHED, "the engine died", after=3)
    heard = ""
    async with (await serve(tickets)).openai() as client:
        stream = await client.chat.completions.create(model="tiny", messages=chat("hi"), stream=True)
        with pytest.raises(openai.APIError, match="the engine died"):
            async for event in stream:
                heard += event.choices[0].delta.content or ""
    assert heard == "so far so far so far "
    assert tickets.runs[0].state is JobState.FAILED


async def test_a_closed_node_says_why(serve: Serve) -> None:
    tickets = LooseTickets()
    tickets.closed = "paused by the owner"
    async with (await serve(tickets)).openai() as client:
        with pytest.raises(openai.InternalServerError, match="paused by the owner") as refused:
            await client.chat.completions.create(model="tiny", messages=chat("hi"))
    assert refused.value.status_code == 503
    assert refused.value.response.headers["retry-after"] == "30"


async def test_a_full_node_lets_its_clients_wait(serve: Serve) -> None:
    endpoint = await serve(LooseTickets(line=1))

    async def ask(text: str) -> str | None:
        async with endpoint.openai() as client:
            answer = await client.chat.completions.create(model="tiny", messages=chat(text))
            return answer.choices[0].message.content

    assert await asyncio.gather(*map(ask, "abcd")) == list("abcd")


async def test_an_answer_names_its_job_which_ends_done_when_it_was_delivered(serve: Serve) -> None:
    tickets = LooseTickets()
    async with (await serve(tickets)).openai() as client:
        answer = await client.chat.completions.with_raw_response.create(model="tiny", messages=chat("hi"))
    assert answer.headers["x-stoker-job"] == "1"
    await asyncio.wait_for(tickets.runs[0].ended.wait(), 1)
    assert tickets.runs[0].state is JobState.DONE
    assert tickets.runs[0].job.client == "tests"
