"""The official client, unchanged, against the served endpoint."""

from __future__ import annotations

from local_endpoint import Serve


def chat(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


async def test_a_chat_gets_its_answer_with_the_engines_usage(serve: Serve) -> None:
    async with (await serve()).openai() as client:
        answer = await client.chat.completions.create(model="tiny", messages=chat("to be or not"))
    assert answer.choices[0].message.content == "to be or not"
    assert answer.choices[0].finish_reason == "stop"
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens) == (4, 4, 8)
