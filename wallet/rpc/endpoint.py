"""One RPC node: a bounded exchange with it, its pace, and what is known of its health."""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import random
import re
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import httpx

from wallet.secret import Secret

logging.getLogger("httpx").setLevel(logging.WARNING)  # at INFO it logs whole URLs, and RPC URLs carry API keys

LARGEST_ANSWER = 8 * 1024 * 1024
LONGEST_REST = 60.0
"""Seconds that a failing node is left alone at most; the first time it is half a second."""

BUSY = frozenset({429, 503})
_PASSING = frozenset({-32004, -32005, -32007, -32014, -32016, -32603, 429})
"""JSON-RPC error codes that are about the node's own state (behind, no block, internal), not about the question."""


class EndpointState(StrEnum):
    """What is known of a node."""

    UNTRIED = "untried"
    HEALTHY = "healthy"
    FAILING = "failing"
    RATE_LIMITED = "rate limited"
    WRONG_CHAIN = "wrong chain"


@dataclass(frozen=True, slots=True)
class EndpointHealth:
    """A node's health for a person.

    Attributes:
        host: the host alone, as the rest of the URL may hold an API key.
        problem: what it last did wrong; empty while it is healthy.
        failures: in a row.
        latency: seconds that its last good answer took.
        rests: seconds until it is asked again.
    """

    host: str
    state: EndpointState
    problem: str = ""
    failures: int = 0
    latency: float | None = None
    rests: float = 0.0


class EndpointFailed(Exception):
    """This node cannot answer now; another one may."""

    def __init__(self, problem: str, state: EndpointState = EndpointState.FAILING, rest: float | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.state = state
        self.rest = rest


class RpcRefused(Exception):
    """The node understood the question and answers with an error; another node would as well.

    Attributes:
        code, message: as JSON-RPC has them. data: whatever came along; untrusted.
    """

    def __init__(self, code: int, message: str, data: object = None) -> None:
        super().__init__(f"{message} ({code})")
        self.code = code
        self.message = message
        self.data = data


class Endpoint:
    """One node. Not safe for use from several event loops."""

    def __init__(self, url: Secret, client: httpx.AsyncClient, *, timeout: float, per_second: float) -> None:
        """Connects when first asked.

        Args:
            url: http or https. It is a secret because RPC providers put their API keys into it.
            timeout: seconds for a whole exchange. per_second: requests, with bursts of one second's worth.

        Raises:
            ValueError: not an http or https URL with a host. The URL is not quoted.
        """
        try:
            parsed = httpx.URL(url.reveal())
        except (httpx.InvalidURL, ValueError):
            parsed = httpx.URL("")
        if parsed.scheme not in ("http", "https") or not re.fullmatch(r"[A-Za-z0-9._:-]+", parsed.host):
            raise ValueError("RPC URL: expected http:// or https:// and a host")
        self.host: str = parsed.host
        self.vetted = False
        self.vetting = asyncio.Lock()
        self._url = url
        self._client = client
        self._timeout = timeout
        self._interval = 1 / per_second
        self._state = EndpointState.UNTRIED
        self._problem = ""
        self._failures = 0
        self._latency: float | None = None
        self._rests_until = 0.0
        self._due = 0.0
        self._numbers = itertools.count(1)

    def health(self) -> EndpointHealth:
        """What is known now."""
        return EndpointHealth(
            self.host, self._state, self._problem, self._failures, self._latency, round(self.rests(), 1)
        )

    def rests(self) -> float:
        """Seconds until it should be asked again; 0 if now."""
        return max(0.0, self._rests_until - time.monotonic())

    def failed(self, failure: EndpointFailed) -> None:
        """Take a failure into account: it rests, twice as long each time, or as long as it asked for.

        Calls that were in flight together and fail together count once.
        """
        if self.rests() > 0:
            return
        self._failures += 1
        self._state, self._problem = failure.state, failure.problem
        backoff = min(LONGEST_REST, 0.25 * 2 ** min(self._failures, 10)) * random.uniform(0.8, 1.2)  # noqa: S311
        rest = LONGEST_REST if failure.state is EndpointState.WRONG_CHAIN else failure.rest
        self._rests_until = time.monotonic() + (backoff if rest is None else min(rest, LONGEST_REST))
        self.vetted = False

    async def ask(self, method: str, params: list[Any]) -> object:
        """One exchange.

        Raises:
            EndpointFailed: no usable answer. RpcRefused: the answer is an error about the question.
        """
        await self._paced()
        number = next(self._numbers)
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._timeout):
                body = await self._exchange({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        except TimeoutError:
            raise EndpointFailed(f"no answer within {self._timeout:g} s") from None
        except httpx.HTTPError as error:
            raise EndpointFailed(f"not reached ({type(error).__name__})") from None
        result = _result(body, number)
        self._state, self._problem, self._failures = EndpointState.HEALTHY, "", 0
        self._latency = time.monotonic() - began
        return result

    async def _paced(self) -> None:
        now = time.monotonic()
        self._due = max(self._due, now - 1.0) + self._interval
        if self._due > now:
            await asyncio.sleep(self._due - now)

    async def _exchange(self, request: dict[str, Any]) -> bytes:
        async with self._client.stream("POST", self._url.reveal(), json=request) as response:
            if response.status_code in BUSY:
                raise EndpointFailed(
                    f"it is busy or limits us (HTTP {response.status_code})",
                    EndpointState.RATE_LIMITED,
                    _seconds(response.headers.get("retry-after")),
                )
            if response.status_code in (401, 403):
                raise EndpointFailed(f"it refuses us (HTTP {response.status_code}): check its API key")
            body = bytearray()
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > LARGEST_ANSWER:
                    raise EndpointFailed(f"an answer of more than {LARGEST_ANSWER} bytes")
            # some nodes send a JSON-RPC error with HTTP 400 or 500, so only a body that is none makes it a failure
            if response.status_code != 200 and not body.lstrip().startswith(b"{"):
                raise EndpointFailed(f"HTTP {response.status_code}")
            return bytes(body)


def _result(body: bytes, number: int) -> object:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise EndpointFailed("its answer is not JSON") from None
    if not isinstance(answer, dict):
        raise EndpointFailed("its answer is no JSON-RPC")
    error = answer.get("error")
    if error is not None:
        raise _refusal(error)
    if "result" not in answer or answer.get("id") != number:
        raise EndpointFailed("its answer is not to our question")
    return answer["result"]


def _refusal(error: object) -> Exception:
    code, message = (error.get("code"), error.get("message")) if isinstance(error, dict) else (None, None)
    if type(code) is not int or not isinstance(message, str):
        return EndpointFailed("its error is no JSON-RPC")
    if code in _PASSING:
        limited = EndpointState.RATE_LIMITED if code == 429 else EndpointState.FAILING
        return EndpointFailed(f"it says {message[:120]!r} ({code})", limited)
    return RpcRefused(code, message[:500], error.get("data") if isinstance(error, dict) else None)


def _seconds(text: str | None) -> float | None:
    """A Retry-After header in seconds; its other form, a date, is not used by RPC nodes."""
    return float(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 10 else None
