"""Engines that already run on this machine: their owner has a working GPU set-up, and we should use it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from node.engines.base import EngineError
from node.engines.client import EngineClient
from node.engines.faults import KeyRefused
from node.engines.listing import Listed
from node.engines.stream import Patience

USUAL_PORTS: Mapping[str, int] = MappingProxyType(
    {"llama-server": 8080, "Ollama": 11434, "vLLM": 8000, "LM Studio": 1234, "KoboldCpp": 5001}
)
OWNERS = MappingProxyType({"llamacpp": "llama-server", "library": "Ollama", "vllm": "vLLM", "koboldcpp": "KoboldCpp"})
PROBE_S = 1.0


@dataclass(frozen=True, slots=True)
class FoundServer:
    """A server that answers like an engine.

    Attributes:
        kind: what it is, by its own word, else by its port.
        models: what it lists.
        wants_key: it answers, but not to us; its models are unknown.
    """

    kind: str
    url: str
    models: tuple[str, ...]
    wants_key: bool = False


async def detect(ports: Mapping[str, int] = USUAL_PORTS, *, limit_s: float = PROBE_S) -> tuple[FoundServer, ...]:
    """Ask all usual ports on loopback at once; takes ``limit_s`` seconds at most.

    Args:
        ports: the port on which each kind of server usually listens.
    """
    probes = (_probe(kind, port, limit_s) for kind, port in ports.items())
    return tuple(found for found in await asyncio.gather(*probes) if found is not None)


async def _probe(kind: str, port: int, limit_s: float) -> FoundServer | None:
    url = f"http://127.0.0.1:{port}"
    client = EngineClient(url, None, patience=Patience(connect=limit_s))
    try:
        async with asyncio.timeout(limit_s):
            listed = await client.models()
    except (EngineError, TimeoutError) as error:
        return FoundServer(kind, url, (), wants_key=True) if isinstance(error, KeyRefused) else None
    finally:
        await client.aclose()
    return FoundServer(_kind(kind, listed), url, tuple(model.name for model in listed))


def _kind(usual: str, listed: list[Listed]) -> str:
    return next((OWNERS[model.owner] for model in listed if model.owner in OWNERS), usual)
