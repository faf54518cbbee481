"""The answer to a request for embeddings."""

from __future__ import annotations

import asyncio
import base64
import json
import struct

from node.engines.base import Embeddings
from node.networks.local.requests import EmbeddingsRequest


async def embeddings_body(asked: EmbeddingsRequest, answer: Embeddings) -> bytes:
    """The JSON of the answer; vectors as numbers, or as the base64 of little-endian 32-bit floats.

    Vectors are encoded one at a time, so that a large answer does not hold up the event loop.
    """
    encode = _base64 if asked.encoding_format == "base64" else _numbers
    entries: list[str] = []
    for place, vector in enumerate(answer.vectors):
        entries.append(f'{{"object":"embedding","index":{place},"embedding":{encode(vector)}}}')
        await asyncio.sleep(0)
    tokens = answer.prompt_tokens
    return (
        f'{{"object":"list","data":[{",".join(entries)}],"model":{json.dumps(asked.model)},'
        f'"usage":{{"prompt_tokens":{tokens},"total_tokens":{tokens}}}}}'
    ).encode()


def _numbers(vector: tuple[float, ...]) -> str:
    return json.dumps(vector)


def _base64(vector: tuple[float, ...]) -> str:
    return json.dumps(base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode())
