"""What a single setting may hold: lists of words, web addresses, hours and rates of the week."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
)
from pydantic_settings import NoDecode

from node.energy.rates import parse_rates
from node.weekly import parse_windows


def split_words(text: str) -> list[Any]:
    """Words between commas, or a JSON list where a word has a comma itself.

    Raises:
        ValueError: it begins like a list and is none.
    """
    if text.lstrip().startswith("["):
        words = json.loads(text)
        if isinstance(words, list):
            return words
    return [word.strip() for word in text.split(",") if word.strip()]


def join_words(words: Sequence[str]) -> str:
    """The text of which `split_words` makes these words."""
    plain = all("," not in word and word == word.strip() for word in words) and not "".join(words).startswith("[")
    return ", ".join(words) if plain else json.dumps(list(words), ensure_ascii=False)


def _words(value: object) -> object:
    if isinstance(value, str):
        return split_words(value)
    return [str(item) if type(item) is int else item for item in value] if isinstance(value, list) else value


Words = Annotated[
    tuple[Annotated[str, StringConstraints(min_length=1, max_length=4000)], ...],
    NoDecode,
    BeforeValidator(_words, json_schema_input_type=list[str] | str),
    Field(max_length=64),
]
"""Several words: a list in the file; in the environment and on the command line see `split_words`."""


def _web_address(value: str) -> str:
    if value and not re.fullmatch(r"https?://[^/\s]+\S*", value):
        raise ValueError("an address that begins with https:// or http://")
    return value


WebAddress = Annotated[str, StringConstraints(max_length=2000), AfterValidator(_web_address)]


def _hours(value: str) -> str:
    parse_windows(value)
    return value


def _rates(value: str) -> str:
    parse_rates(value)
    return value


Hours = Annotated[str, AfterValidator(_hours)]
Rates = Annotated[str, AfterValidator(_rates)]
