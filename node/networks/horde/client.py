"""The AI Horde's HTTP interface (API 2.5), as far as a text worker needs it: bounded, typed, one exchange at a time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import TypeVar
from urllib.parse import quote

import httpx
from pydantic import TypeAdapter, ValidationError

from node import __version__
from node.networks.horde.answers import (
    Answer,
    ErrorAnswer,
    ModelStatus,
    Modes,
    Performance,
    PopAnswer,
    SubmitAnswer,
    UserAnswer,
    WorkerAnswer,
)
from node.reasons import reason_of
from wallet.secret import Secret

log = logging.getLogger(__name__)
logging.getLogger("httpx").setLevel(logging.WARNING)

LARGEST_ANSWER = 32 * 1024 * 1024
LONGEST_WAIT = 600.0  # of what a Retry-After may ask for
AGENT = f"Stoker:{__version__}:stoker"

Typed = TypeVar("Typed", bound=Answer)
_MODELS = TypeAdapter(list[ModelStatus])


class Unreachable(Exception):
    """No usable answer: the same question may work later.

    Attributes:
        problem: what happened, for a person.
        wait: seconds that the server wants to be left alone; None if it does not say.
    """

    def __init__(self, problem: str, wait: float | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.wait = wait


class Refused(Exception):
    """The server understood and says no.

    Attributes:
        rc: its word for the reason; empty where it gives none. message: its sentence, without its framework's noise.
    """

    def __init__(self, status: int, rc: str, message: str) -> None:
        super().__init__(f"{message} ({rc or status})")
        self.status = status
        self.rc = rc
        self.message = message


class HordeClient:
    """One account at one horde. ``aclose`` it in the end."""

    def __init__(self, url: str, key: Secret, *, seconds: float = 15.0, agent: str = AGENT) -> None:
        """Connects when first asked.

        Args:
            url: the API's base, such as ``https://aihorde.net/api/v2``. seconds: for a whole exchange.
            agent: ``name:version:contact`` of this software.

        Raises:
            ValueError: no http or https URL.
        """
        parsed = httpx.URL(url)
        if parsed.scheme not in ("http", "https") or not parsed.host:
            raise ValueError(f"url: got {url!r}; expected the base of the API, such as https://aihorde.net/api/v2")
        if parsed.scheme == "http" and parsed.host not in ("127.0.0.1", "localhost", "::1"):
            log.warning("%s is spoken to without encryption: others on the way can read the API key", parsed.host)
        self.host = parsed.host
        self.agent = agent
        self._base = url.rstrip("/")
        self._key = key
        self._seconds = seconds
        self._secure = parsed.scheme == "https"
        self._http: httpx.AsyncClient | None = None
        self._connecting = asyncio.Lock()

    async def pop(self, body: Mapping[str, object]) -> PopAnswer:
        """``POST /generate/text/pop``; raises ``Refused`` and ``Unreachable`` as all of these do."""
        return _parsed(PopAnswer, await self._exchange("POST", "/generate/text/pop", body))

    async def submit(self, job_id: str, generation: str, state: str = "ok") -> float:
        """``POST /generate/text/submit``: the reward in kudos. ``state`` is ok or faulted."""
        body = {"id": job_id, "generation": generation, "state": state}
        return _parsed(SubmitAnswer, await self._exchange("POST", "/generate/text/submit", body)).reward

    async def user(self) -> UserAnswer:
        """``GET /find_user``: the account of this key. Cached there for 30 s."""
        return _parsed(UserAnswer, await self._exchange("GET", "/find_user"))

    async def worker(self, name: str) -> WorkerAnswer | None:
        """``GET /workers/name/{name}``, also of workers that are offline; None if there is none. Cached for 30 s."""
        try:
            return _parsed(WorkerAnswer, await self._exchange("GET", f"/workers/name/{quote(name, safe='')}"))
        except Refused as refusal:
            if refusal.status == 404:
                return None
            raise

    async def change_worker(self, worker_id: str, changes: Mapping[str, object]) -> None:
        """``PUT /workers/{id}``: maintenance, maintenance_msg, info."""
        await self._exchange("PUT", f"/workers/{worker_id}", changes)

    async def models(self) -> Sequence[ModelStatus]:
        """``GET /status/models?type=text``"""
        try:
            return _MODELS.validate_json(await self._exchange("GET", "/status/models?type=text"))
        except ValidationError as error:
            raise Unreachable(_unreadable(error)) from None

    async def performance(self) -> Performance:
        """``GET /status/performance``"""
        return _parsed(Performance, await self._exchange("GET", "/status/performance"))

    async def modes(self) -> Modes:
        """``GET /status/modes``"""
        return _parsed(Modes, await self._exchange("GET", "/status/modes"))

    async def fetch(self, url: str) -> bytes:
        """Any document, without the account's key."""
        return await self._exchange("GET", url, anonymous=True)

    async def aclose(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def _exchange(
        self, method: str, path: str, body: Mapping[str, object] | None = None, *, anonymous: bool = False
    ) -> bytes:
        http = await self._connected()
        headers = {"Client-Agent": self.agent} | ({} if anonymous else {"apikey": self._key.reveal()})
        url = path if anonymous else self._base + path
        host = httpx.URL(url).host if anonymous else self.host
        try:
            async with (
                asyncio.timeout(self._seconds),
                http.stream(method, url, json=body, headers=headers) as answer,
            ):
                data = await _bounded(answer)
        except TimeoutError:
            raise Unreachable(f"{host} did not answer within {self._seconds:g} s") from None
        except httpx.HTTPError as error:
            raise Unreachable(f"{host} cannot be reached: {reason_of(error)}") from None
        _check(answer, data)
        return data

    async def _connected(self) -> httpx.AsyncClient:
        async with self._connecting:
            if self._http is None:
                # reading the certificates takes tens of milliseconds; plain http needs none
                tls = await asyncio.to_thread(httpx.create_ssl_context) if self._secure else False
                self._http = httpx.AsyncClient(
                    verify=tls,
                    timeout=self._seconds,
                    limits=httpx.Limits(max_connections=64, max_keepalive_connections=20),
                    follow_redirects=False,
                )
            return self._http


async def _bounded(answer: httpx.Response) -> bytes:
    data = bytearray()
    async for piece in answer.aiter_bytes():
        data += piece
        if len(data) > LARGEST_ANSWER:
            raise Unreachable("its answer has no end")
    return bytes(data)


def _check(answer: httpx.Response, data: bytes) -> None:
    """
    Raises:
        Refused, Unreachable: the answer is an error.
    """
    status = answer.status_code
    if 200 <= status < 300:
        return
    wait = _seconds(answer.headers.get("retry-after"))
    if status == 429 or status >= 500:
        told = "asks for fewer requests" if status == 429 else "has trouble of its own"
        raise Unreachable(f"{answer.url.host} {told} (HTTP {status})", wait)
    try:
        error = ErrorAnswer.model_validate_json(data)
    except ValidationError:
        raise Unreachable(f"{answer.url.host} answered HTTP {status} and no JSON of the API", wait) from None
    told = error.message.split(" You have requested this URI")[0].strip()
    if error.errors:
        told += ": " + ", ".join(f"{field}: {problem!r:.200}" for field, problem in list(error.errors.items())[:5])
    raise Refused(status, error.rc or "", told[:500] or f"HTTP {status}")


def _parsed(kind: type[Typed], data: bytes) -> Typed:
    try:
        return kind.model_validate_json(data)
    except ValidationError as error:
        raise Unreachable(_unreadable(error)) from None


def _unreadable(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    if first["type"] == "json_invalid":
        return "it answered with something that is not JSON"
    where = ".".join(str(part) for part in first["loc"])
    return f"its answer cannot be read: {where}: {first['msg']}"


def _seconds(text: str | None) -> float | None:
    """A Retry-After in seconds; its other form, a date, would trust two clocks."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 9:
        return None
    return min(LONGEST_WAIT, float(text))
