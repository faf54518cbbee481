"""The messages and tools of a chat, as clients send them, checked and bounded."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

MOST_MESSAGES = 4096
MOST_PARTS = 1024
MOST_TOOLS = 128

Name = Annotated[str, Field(min_length=1, max_length=256)]


class Body(BaseModel):
    """Something a client sent: wrong types are refused, fields that nobody knows are dropped."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


def refuse(text: str) -> PydanticCustomError:
    """An objection whose words reach the client as they are."""
    return PydanticCustomError("refused", "{text}", {"text": text})


def _plain_text(content: Any) -> Any:
    """Join the text parts of a multipart content."""
    if not isinstance(content, list):
        return content
    if len(content) > MOST_PARTS:
        raise refuse(f"has {len(content)} parts; at most {MOST_PARTS} are taken")
    texts: list[str] = []
    for place, part in enumerate(content):
        kind = part.get("type") if isinstance(part, dict) else None
        if kind != "text":
            named = f"is of type {kind!r:.40}" if isinstance(kind, str) else "has no type"
            raise refuse(f"part {place} {named}; this node's models read text only: send parts of type 'text'")
        text = part.get("text")
        if not isinstance(text, str):
            raise refuse(f"part {place} is of type 'text' and needs its 'text' as a string")
        texts.append(text)
    return "\n".join(texts)


class CalledFunction(Body):
    name: Name
    arguments: str


class ToolCall(Body):
    id: Name
    type: Literal["function"] = "function"
    function: CalledFunction


class Message(Body):
    """One message of a chat. ``developer`` is the newer name of ``system``; chat templates know only the latter."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: Annotated[str | None, BeforeValidator(_plain_text)] = None
    name: Name | None = None
    tool_calls: list[ToolCall] | None = Field(default=None, max_length=MOST_TOOLS)
    tool_call_id: Name | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.content is None and not (self.role == "assistant" and self.tool_calls):
            raise refuse(f"a message of role {self.role!r} needs content; send a string or a list of text parts")
        return self

    def wire(self) -> dict[str, object]:
        """The message as engines read it."""
        fields = self.model_dump(exclude_none=True)
        if self.role == "developer":
            fields["role"] = "system"
        return fields


class Function(Body):
    name: Name
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class Tool(Body):
    type: Literal["function"]
    function: Function


class ResponseFormat(Body):
    type: Literal["text", "json_object", "json_schema"]
    json_schema: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _has_its_schema(self) -> Self:
        if self.type == "json_schema" and self.json_schema is None:
            raise refuse("type 'json_schema' needs the field json_schema beside it")
        return self
