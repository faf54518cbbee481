"""Joining what gathered while a reader was away. Pure."""

from __future__ import annotations

from node.jobs import Chunk


def merged(chunks: list[Chunk]) -> list[Chunk]:
    """Join neighbouring chunks of plain text; what carries more stays as it is."""
    if len(chunks) == 1:
        return chunks
    joined: list[Chunk] = []
    texts: list[str] = []
    deltas = 0
    for chunk in chunks:
        plain = chunk.choice is None and chunk.finish_reason is None and chunk.usage is None
        if plain:
            texts.append(chunk.text)
            deltas += chunk.deltas
        else:
            if texts:
                joined.append(Chunk("".join(texts), deltas))
                texts, deltas = [], 0
            joined.append(chunk)
    if texts:
        joined.append(Chunk("".join(texts), deltas))
    return joined
