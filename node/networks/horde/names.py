"""Under which name the network knows a model: from a GGUF file's name, a model's title, or an engine's tag.

The name decides what is paid, and the network only knows exact ones. Suffixes of quantisation in particular make a
model unknown, so that they are never announced.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

REFERENCE_URL = "https://raw.githubusercontent.com/Haidra-Org/AI-Horde-text-model-reference/main/db.json"
MOST_MODELS = 50_000

SHARD = re.compile(r"-\d{5}-of-\d{5}$")
PACKAGING = re.compile(r"(?i)[-._](gguf|ggml|imat|imatrix|gptq|awq|exl2|i1)$")
QUANTISATION = re.compile(
    r"(?i)[-._:](ud-)?(i?q[0-9](_[0-9a-z]+)*|(bf|fp|f)(8|16|32)|int[48]|[0-9](\.[0-9]+)?bpw|mxfp4)(_[a-z0-9]+)*$"
)
SIZE = re.compile(r"(?:[0-9]+x)?[0-9]+(?:\.[0-9]+)?[bm]")
TOKEN = re.compile(r"[a-z]+|[0-9]+(?:\.[0-9]+)?[bm](?![a-z])|[0-9]+x[0-9]+(?:\.[0-9]+)?b|[0-9]+(?:\.[0-9]+)?")
SILENT = frozenset({"latest", "hf", "gguf"})


class _Known(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    parameters: Annotated[float, Field(ge=0, le=1e15)]


_LISTED = TypeAdapter(Annotated[dict[Annotated[str, Field(max_length=255)], _Known], Field(max_length=MOST_MODELS)])


@dataclass(frozen=True, slots=True)
class Resolved:
    """A model's name in the network.

    Attributes:
        name: what to announce. parameters: as the network has them; None if it does not know the model.
        others: further spellings that the network pays alike.
    """

    name: str
    parameters: int | None
    others: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        return self.parameters is not None


class Reference:
    """The network's list of text models, each with its number of parameters."""

    def __init__(self, parameters: Mapping[str, int]) -> None:
        self._parameters = dict(parameters)
        self._by_words: dict[tuple[str, ...], list[str]] = {}
        for name in self._parameters:
            self._by_words.setdefault(_without_size(_words(name)), []).append(name)

    @classmethod
    def from_json(cls, data: bytes) -> Reference:
        """Read it as the network publishes it (``db.json``).

        Raises:
            ValueError: it is something else.
        """
        try:
            listed = _LISTED.validate_json(data)
        except ValidationError as error:
            raise ValueError(f"model reference: {error.error_count()} entries are not as expected") from None
        return cls({name: round(known.parameters) for name, known in listed.items()})

    def __len__(self) -> int:
        return len(self._parameters)

    def parameters(self, name: str) -> int | None:
        """Of exactly this name, which may be branded (``NAME::alias#id``); None if the network does not know it."""
        return self._parameters.get(name.split("::", 1)[0])

    def resolve(self, label: str) -> Resolved:
        """The network's name for a model that is called so elsewhere; the label itself, cleaned, if it has none."""
        if (exact := self.parameters(label)) is not None:
            return Resolved(label, exact)
        clean = cleaned(label)
        words = _words(clean)
        candidates = [
            name for name in self._by_words.get(_without_size(words), ()) if _sizes_agree(words, _words(name))
        ]
        if not candidates:
            return Resolved(clean, None)
        best = min(candidates, key=lambda name: (_words(name) != words, _spelling(name), name))
        others = tuple(name for name in candidates if name != best)
        return Resolved(best, self._parameters[best], others)


def cleaned(label: str) -> str:
    """A label without path, file ending, shard number, packaging and quantisation."""
    name = label.replace("\\", "/").rstrip("/").rpartition("/")[2]
    name = re.sub(r"(?i)\.gguf$", "", name.strip())
    before = ""
    while before != name:
        before = name
        name = PACKAGING.sub("", QUANTISATION.sub("", SHARD.sub("", name)))
    return name


def _words(name: str) -> tuple[str, ...]:
    """What a name is made of, whatever separates it: sorted, as tags and titles order it differently."""
    last = name.rpartition("/")[2].lower()
    return tuple(sorted(word for word in TOKEN.findall(last) if word not in SILENT))


def _without_size(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for word in words if not SIZE.fullmatch(word))


def _sizes_agree(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    sizes = [{word for word in words if SIZE.fullmatch(word)} for words in (one, other)]
    return not sizes[0] or not sizes[1] or sizes[0] == sizes[1]


def _spelling(name: str) -> int:
    """``org/Name`` first: the others speak of other worker software."""
    return 2 if name.startswith("koboldcpp/") else 1 if name.startswith("aphrodite/") else 0
