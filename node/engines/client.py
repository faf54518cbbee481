"""The one client for every OpenAI-compatible server: llama-server, Ollama, vLLM, LM Studio, KoboldCpp, our child."""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncGenerator, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from node.engines.base import Embeddings, EngineError, EngineFault
from node.engines.faults import error_from_answer
from node.engines.listing import Listed, parse_embeddings, parse_models, parse_token_count
from node.engines.request import body_of, path_of
from node.engines.stream import Endpoint, Patience, stream
from node.jobs import Chunk, GenerationRequest
from node.reasons import reason_of
from wallet.secret import Secret

LARGEST_ANSWER = 64 << 20
SHORT = 10.0  # seconds for questions that need no computing


class EngineClient:
    """Speaks to one server. Holds no connection between requests.

    Args:
        url: the server's root, with or without ``/v1`` at its end.
        key: sent as a bearer token; None where the server wants none.
        socket: the Unix socket on which the server listens; its URL's host and port are then for its eyes only.

    Raises:
        ValueError: the URL is no plain http or https address, or the key cannot be a bearer token.
    """

    def __init__(
        self, url: str, key: Secret | None, *, socket: Path | None = None, patience: Patience | None = None
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"engine.url: got {url!r}; expected http://HOST:PORT or https://HOST:PORT")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("engine.url: expected no user, password, query or fragment; a key has its own setting")
        self.url = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/').removesuffix('/v1')}"
        self._patience = patience or Patience()
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        port = parts.port or (443 if self._tls else 80)
        self._endpoint = Endpoint(parts.hostname, port, self._tls, str(socket or ""))
        self._place = str(socket or self.url)
        self._prefix = urlsplit(self.url).path
        self._host = parts.netloc
        if key is not None and not all("!" <= character <= "~" for character in key.reveal()):
            raise ValueError("engine key: expected visible ASCII characters only")
        self._key = key
        self._http: httpx.AsyncClient | None = None

    def __repr__(self) -> str:
        return f"EngineClient({self._place})"

    def generate(self, request: GenerationRequest, *, model: str | None = None) -> AsyncGenerator[Chunk, None]:
        """Compute an answer; closing the iterator closes the connection, which stops the computation."""
        body = body_of(request, model=model)
        head = [
            f"POST {self._prefix}{path_of(request)} HTTP/1.1",
            f"Host: {self._host}",
            "Connection: close",
            "Accept: text/event-stream",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
        ]
        head += [f"{name}: {value}" for name, value in self._credentials().items()]
        message = "\r\n".join(head).encode() + b"\r\n\r\n" + body
        return stream(self._endpoint, message, self._patience)

    async def healthy(self, limit_s: float = SHORT) -> bool:
        """Whether a server of llama.cpp's kind says within ``limit_s`` seconds that it can compute now."""
        try:
            status, _ = await self._exchange("GET", "/health", limit_s=limit_s)
        except EngineError:
            return False
        return status == 200

    async def models(self) -> list[Listed]:
        """What the server lists."""
        return parse_models(await self._answer("GET", "/v1/models", limit_s=SHORT))

    async def count_tokens(self, model: str, text: str) -> int:
        """How many tokens the text is, by llama-server's or vLLM's ``/tokenize``."""
        asked = {"model": model, "content": text, "prompt": text}
        try:
            answer = await self._answer("POST", "/tokenize", asked, limit_s=SHORT)
        except EngineError as error:
            if error.fault in (EngineFault.UNKNOWN_MODEL, EngineFault.UNSUPPORTED):
                raise EngineError(EngineFault.UNSUPPORTED, "this engine does not count tokens") from None
            raise
        return parse_token_count(answer)

    async def embed(self, model: str, texts: Sequence[str]) -> Embeddings:
        """Turn texts into vectors."""
        asked = {"model": model, "input": list(texts), "encoding_format": "float"}
        answer = await self._answer("POST", "/v1/embeddings", asked, limit_s=self._patience.first)
        return parse_embeddings(answer, len(texts))

    async def aclose(self) -> None:
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def _answer(
        self, method: str, path: str, asked: Mapping[str, object] | None = None, *, limit_s: float
    ) -> object:
        status, body = await self._exchange(method, path, asked, limit_s=limit_s)
        if status != 200:
            raise error_from_answer(status, body)
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            raise EngineError(
                EngineFault.UNAVAILABLE, f"what answers at {self._place}{path} does not speak JSON"
            ) from None

    async def _exchange(
        self, method: str, path: str, asked: Mapping[str, object] | None = None, *, limit_s: float
    ) -> tuple[int, bytes]:
        if self._http is None:
            self._http = httpx.AsyncClient(
                transport=httpx.AsyncHTTPTransport(
                    limits=httpx.Limits(max_keepalive_connections=0),
                    verify=self._tls or False,  # without a TLS context the URL is plain http
                    trust_env=False,
                    uds=self._endpoint.socket or None,
                ),
                trust_env=False,
            )
        timeout = httpx.Timeout(limit_s, connect=self._patience.connect)
        try:
            async with self._http.stream(
                method, self.url + path, json=asked, headers=self._credentials(), timeout=timeout
            ) as answer:
                body = bytearray()
                async for piece in answer.aiter_bytes():
                    body += piece
                    if len(body) > LARGEST_ANSWER:
                        raise EngineError(EngineFault.UNAVAILABLE, f"the engine's answer to {path} has no end")
                return answer.status_code, bytes(body)
        except httpx.TimeoutException:
            raise EngineError(EngineFault.UNAVAILABLE, f"the engine at {self._place} did not answer in time") from None
        except httpx.HTTPError as error:
            raise EngineError(
                EngineFault.UNAVAILABLE, f"the engine at {self._place} cannot be reached: {reason_of(error)}"
            ) from None

    def _credentials(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._key.reveal()}"} if self._key else {}
