"""Answers of OpenAI-compatible servers that are not streams, checked field by field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from node.engines.base import Embeddings, EngineError, EngineFault

MOST_MODELS = 1000
LONGEST_NAME = 256


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of ``/v1/models``.

    Attributes:
        owner: what made the server, in its own word; empty if it does not say.
        context: tokens that one request may use: ``max_model_len`` of vLLM, ``meta.n_ctx`` of llama-server; else None.
    """

    name: str
    context: int | None
    owner: str = ""

    @property
    def embeds(self) -> bool:
        """By its name only: no server says so in this list, and the makers put it there."""
        return "embed" in self.name.lower()


def parse_models(answer: object) -> list[Listed]:
    """The models of ``/v1/models``; entries without a usable name are left out."""
    entries = _member(answer, "data", "/v1/models")
    if not isinstance(entries, Sequence):
        raise _malformed("/v1/models", "data is not a list")
    found: dict[str, Listed] = {}
    for entry in entries[:MOST_MODELS]:
        if not isinstance(entry, Mapping):
            continue
        name = entry.get("id")
        if isinstance(name, str) and 0 < len(name) <= LONGEST_NAME and name.isprintable():
            owner = entry.get("owned_by")
            found[name] = Listed(name, _context(entry), owner if isinstance(owner, str) else "")
    return list(found.values())


def parse_token_count(answer: object) -> int:
    """The number in an answer of ``/tokenize``: ``count`` of vLLM, or the length of ``tokens``."""
    if isinstance(answer, Mapping):
        count, tokens = answer.get("count"), answer.get("tokens")
        if type(count) is int and count >= 0:
            return count
        if isinstance(tokens, list):
            return len(tokens)
    raise _malformed("/tokenize", "neither count nor tokens")


def parse_embeddings(answer: object, wanted: int) -> Embeddings:
    """The vectors of ``/v1/embeddings`` in the order of the texts."""
    entries = _member(answer, "data", "/v1/embeddings")
    usage = _member(answer, "usage", "/v1/embeddings")
    try:
        assert isinstance(entries, list) and isinstance(usage, Mapping)
        by_index = {int(entry["index"]): tuple(map(float, entry["embedding"])) for entry in entries}
        vectors = tuple(by_index[index] for index in range(wanted))
        tokens = int(usage["prompt_tokens"])
    except (AssertionError, KeyError, TypeError, ValueError, OverflowError):
        raise _malformed("/v1/embeddings", f"expected {wanted} vectors of numbers and their usage") from None
    return Embeddings(vectors, tokens)


def _context(entry: Mapping[str, object]) -> int | None:
    meta = entry.get("meta")
    context = entry.get("max_model_len")
    if context is None and isinstance(meta, Mapping):
        context = meta.get("n_ctx")
    return context if type(context) is int and context > 0 else None


def _member(answer: object, name: str, path: str) -> object:
    if not isinstance(answer, Mapping) or name not in answer:
        raise _malformed(path, f"no member {name!r}")
    return answer[name]


def _malformed(path: str, what: str) -> EngineError:
    return EngineError(EngineFault.UNAVAILABLE, f"the engine's answer to {path} cannot be read: {what}")
