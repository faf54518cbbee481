"""What clients may ask for: OpenAI's requests, checked, bounded, and turned into what an engine is asked."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from typing import Annotated, Any, ClassVar, Literal, TypeVar

import pydantic_core
from pydantic import BeforeValidator, Field, ValidationError, field_validator

from node.jobs import GenerationRequest
from node.networks.local.errors import ApiError
from node.networks.local.messages import MOST_MESSAGES, MOST_TOOLS, Body, Message, Name, ResponseFormat, Tool, refuse

MOST_NEW_TOKENS = 1_000_000
MOST_STOPS = 16
MOST_TEXTS = 256
BIGGEST_SEED = 2**63 - 1


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class StreamOptions(Body):
    include_usage: bool | None = None


class Generation(Body, ABC):
    """What a chat and a completion have in common."""

    OPTIONS: ClassVar[frozenset[str]] = frozenset(
        {
            "temperature",
            "top_p",
            "frequency_penalty",
            "presence_penalty",
            "seed",
            "stop",
            "logit_bias",
            "logprobs",
        }
    )

    model: Name
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: int | None = None
    max_tokens: int | None = Field(default=None, ge=1, le=MOST_NEW_TOKENS)
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, ge=0, le=1)
    frequency_penalty: float | None = Field(default=None, ge=-2, le=2)
    presence_penalty: float | None = Field(default=None, ge=-2, le=2)
    seed: int | None = Field(default=None, ge=-BIGGEST_SEED, le=BIGGEST_SEED)
    stop: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=512)]] | None,
        Field(max_length=MOST_STOPS),
        BeforeValidator(_listed),
    ] = None
    logit_bias: dict[str, Annotated[float, Field(ge=-100, le=100)]] | None = Field(default=None, max_length=1024)

    @field_validator("n")
    @classmethod
    def _one_answer(cls, n: int | None) -> int | None:
        if n not in (None, 1):
            raise refuse(f"got {n}; this node gives one answer per request: leave n out, or ask again for another")
        return n

    @property
    def streams(self) -> bool:
        return bool(self.stream)

    @property
    def includes_usage(self) -> bool:
        return bool(self.stream_options and self.stream_options.include_usage)

    @property
    def new_tokens(self) -> int | None:
        """The most tokens the answer may have, as the client asked."""
        return self.max_tokens

    def options(self) -> dict[str, object]:
        """What is passed on to the engine as it is."""
        return self.model_dump(include=set(self.OPTIONS), exclude_none=True)

    @abstractmethod
    def asked(self, max_tokens: int | None) -> GenerationRequest:
        """The same, as the node asks its engines."""


class ChatRequest(Generation):
    """POST /v1/chat/completions"""

    OPTIONS: ClassVar[frozenset[str]] = Generation.OPTIONS | {
        "top_logprobs",
        "tools",
        "tool_choice",
        "parallel_tool_calls",
        "response_format",
    }

    messages: list[Message] = Field(min_length=1, max_length=MOST_MESSAGES)
    max_completion_tokens: int | None = Field(default=None, ge=1, le=MOST_NEW_TOKENS)
    logprobs: bool | None = None
    top_logprobs: int | None = Field(default=None, ge=0, le=20)
    tools: list[Tool] | None = Field(default=None, max_length=MOST_TOOLS)
    tool_choice: str | dict[str, Any] | None = None
    parallel_tool_calls: bool | None = None
    response_format: ResponseFormat | None = None

    @field_validator("tool_choice", mode="before")
    @classmethod
    def _known_choice(cls, choice: Any) -> Any:
        if choice in (None, "none", "auto", "required") or (
            isinstance(choice, dict) and choice.get("type") == "function" and isinstance(choice.get("function"), dict)
        ):
            return choice
        raise refuse("expected 'none', 'auto', 'required' or {'type': 'function', 'function': {'name': …}}")

    @property
    def new_tokens(self) -> int | None:
        return self.max_completion_tokens or self.max_tokens

    def asked(self, max_tokens: int | None) -> GenerationRequest:
        messages = tuple(message.wire() for message in self.messages)
        return GenerationRequest(self.model, messages=messages, max_tokens=max_tokens, options=self.options())


class CompletionRequest(Generation):
    """POST /v1/completions"""

    prompt: str
    logprobs: int | None = Field(default=None, ge=0, le=20)
    best_of: Literal[1] | None = None
    echo: Literal[False] | None = None
    suffix: Literal[""] | None = None

    @field_validator("prompt", mode="before")
    @classmethod
    def _one_prompt(cls, prompt: Any) -> Any:
        if isinstance(prompt, list):
            if len(prompt) == 1 and isinstance(prompt[0], str):
                return prompt[0]
            raise refuse("expected one string; send one request for each prompt, as text and not as tokens")
        return prompt

    def asked(self, max_tokens: int | None) -> GenerationRequest:
        return GenerationRequest(self.model, prompt=self.prompt, max_tokens=max_tokens, options=self.options())


class EmbeddingsRequest(Body):
    """POST /v1/embeddings"""

    model: Name
    input: Annotated[
        list[Annotated[str, Field(min_length=1)]],
        Field(min_length=1, max_length=MOST_TEXTS),
        BeforeValidator(_listed),
    ]
    encoding_format: Literal["float", "base64"] | None = None
    dimensions: None = None


Kind = TypeVar("Kind", bound=Body)


def parse(kind: type[Kind], body: bytes) -> Kind:
    """Read a request's body.

    Raises:
        ApiError: 400, naming the field, its value and what was expected.
    """
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ApiError(
            400,
            f"the request body is no valid UTF-8: byte {error.start} is 0x{body[error.start]:02x}; send JSON in UTF-8",
            code="invalid_utf8",
        ) from None
    try:
        content = pydantic_core.from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise ApiError(400, f"the request body is no valid JSON: {error}", code="invalid_json") from None
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        raise _explained(error) from None


def _explained(error: ValidationError) -> ApiError:
    first = error.errors(include_url=False, include_context=False)[0]
    field = _dotted(first["loc"])
    words = (first["msg"][:1].lower() + first["msg"][1:]).replace(" after validation", "")
    if first["type"] == "missing":
        message = f"{field}: it is missing and required"
    elif first["type"] == "model_type":
        message = f"{field}: got {_shown(first['input'])}; expected an object"
    elif first["type"] == "refused":
        message = f"{field}: {words}"
    else:
        message = f"{field}: got {_shown(first['input'])}; {words}"
    return ApiError(400, message, param=field, code="invalid_value")


def _dotted(place: tuple[int | str, ...]) -> str:
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return path.lstrip(".") or "body"


def _shown(value: object) -> str:
    """A value in a few words: what a client sent may be long."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, str):
        return json.dumps(value if len(value) <= 40 else value[:40] + "…", ensure_ascii=False)
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 128:
        return "a number of too many digits"
    return json.dumps(value)
