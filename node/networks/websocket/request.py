"""A stranger's OpenAI chat, checked, bounded and fitted into what can be done here in time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, ClassVar

from pydantic import Field, ValidationError

from node.jobs import GenerationRequest
from node.networks.local.requests import ChatRequest

BIGGEST_SEED = 2**31 - 1  # engines keep 32 bits
TOKENS_AROUND_A_MESSAGE = 8  # what chat templates put around each
SHARE_OF_TIME = 0.8  # of what is left, for computing: the rest is waiting and delivery
FEWEST_TOKENS = 16  # a shorter answer than this, where more was asked for, is no answer


class Unfit(Exception):
    """A request that cannot be served here; the text is for whoever sent it."""


class StrangersChat(ChatRequest):
    """OpenAI's chat and the sampler fields that other engines added to it; anything else is dropped."""

    OPTIONS: ClassVar[frozenset[str]] = ChatRequest.OPTIONS | {"top_k", "min_p", "repeat_penalty"}

    top_k: Annotated[int | None, Field(ge=0, le=1000)] = None
    min_p: Annotated[float | None, Field(ge=0, le=1)] = None
    repeat_penalty: Annotated[float | None, Field(gt=0, le=10, alias="repetition_penalty")] = None


def read(body: Mapping[str, object], model: str) -> StrangersChat:
    """Check a request and give it the model's name in this house.

    Raises:
        Unfit: names the field, and what was expected.
    """
    wanted = dict(body) | {"model": model, "n": 1, "stream": True, "stream_options": None}
    seed = wanted.get("seed")
    if type(seed) is int:
        wanted["seed"] = seed & BIGGEST_SEED
    try:
        return StrangersChat.model_validate(wanted)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        raise Unfit(f"{place or 'request'}: {first['msg']}") from None


def longest_prompt(chat: StrangersChat) -> int:
    """An upper bound of the prompt's tokens: no token is shorter than a byte."""
    texts = sum(len((message.content or "").encode()) for message in chat.messages)
    tools = sum(len(tool.model_dump_json()) for tool in chat.tools or ())
    return texts + tools + TOKENS_AROUND_A_MESSAGE * (len(chat.messages) + 1)


def text_of(chat: StrangersChat) -> str:
    """All that the model has to read, for counting."""
    tools = [tool.model_dump_json() for tool in chat.tools or ()]
    return "\n".join([*(message.content or "" for message in chat.messages), *tools])


def fitted(
    chat: StrangersChat,
    prompt_tokens: int,
    context: int | None,
    seconds: float,
    speed: Callable[[int, int], float | None],
) -> GenerationRequest:
    """Bound the answer by the context and by what can be computed in time.

    Args:
        seconds: until nobody wants the answer.
        speed: how long so many prompt and answer tokens take here; None if unknown.

    Raises:
        Unfit: nothing useful fits.
    """
    asked = chat.new_tokens
    room = asked if context is None else context - prompt_tokens
    if context is not None and context - prompt_tokens < 1:
        raise Unfit(f"messages: about {prompt_tokens} tokens; this model's context is {context}")
    limit = room if asked is None else min(asked, room if room is not None else asked)
    reading, thousand = speed(prompt_tokens, 0), speed(0, 1000)
    if reading is not None and thousand:
        in_time = int((seconds * SHARE_OF_TIME - reading) / thousand * 1000)
        if in_time < min(FEWEST_TOKENS, limit or FEWEST_TOKENS):
            raise Unfit(f"messages: reading them takes {reading:.0f} s here; {seconds:.0f} s are left")
        limit = in_time if limit is None else min(limit, in_time)
    return chat.asked(limit)
