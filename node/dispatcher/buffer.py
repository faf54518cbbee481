"""What the engine has said and its reader has not yet heard."""

from __future__ import annotations

import asyncio

from node.jobs import Chunk


class Buffer:
    """Takes chunks as they come, from an engine that waits for nobody."""

    def __init__(self) -> None:
        self._gathered: list[Chunk] = []
        self._news: asyncio.Future[None] | None = None

    def add(self, chunk: Chunk) -> None:
        """One more."""
        self._gathered.append(chunk)
        self.wake()

    def take(self) -> list[Chunk]:
        """All that has gathered since the last time, joined as far as it can be."""
        gathered, self._gathered = self._gathered, []
        return merged(gathered)

    def wake(self) -> None:
        """There is something new to be seen, here or elsewhere."""
        news, self._news = self._news, None
        if news is not None and not news.done():
            news.set_result(None)

    async def news(self) -> None:
        """Wait for it; for one reader."""
        self._news = asyncio.get_running_loop().create_future()
        await self._news


def merged(chunks: list[Chunk]) -> list[Chunk]:
    """Join neighbouring chunks of plain text; what carries more stays as it is."""
    if len(chunks) < 2:
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
