"""How fast and how much at once each access key may ask."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from node.clock import Clock
from node.networks.local.access import AccessKey
from node.networks.local.errors import ApiError


@dataclass(slots=True)
class _Account:
    allowance: float  # requests that may be made at once, as of ``at``
    at: float
    in_hand: int = 0


class Quotas:
    """Counts requests against their key's limits: a token bucket for the rate, a counter for what is in hand."""

    def __init__(self, clock: Clock, in_hand: int) -> None:
        self._clock = clock
        self._most = in_hand
        self._in_hand = 0
        self._accounts: dict[str, _Account] = {}

    @contextmanager
    def admitted(self, key: AccessKey | None) -> Iterator[None]:
        """One request, for as long as it is in hand.

        Raises:
            ApiError: 429, naming the limit, with the seconds after which to try again.
        """
        if self._in_hand >= self._most:
            raise _too_many(f"the node has {self._in_hand} requests in hand, the most it takes; try again later", 1)
        account = None if key is None else self._charge(key)
        self._in_hand += 1
        try:
            yield
        finally:
            self._in_hand -= 1
            if account is not None:
                account.in_hand -= 1

    def _charge(self, key: AccessKey) -> _Account:
        now = self._clock.monotonic()
        rate = key.limits.requests_per_minute
        full = float(rate or 0)
        account = self._accounts.setdefault(key.digest, _Account(full, now))
        if key.limits.concurrent is not None and account.in_hand >= key.limits.concurrent:
            raise _too_many(
                f"key {key.name!r} has {account.in_hand} jobs in hand and may have {key.limits.concurrent} at once; "
                "wait for one to end",
                1,
            )
        if rate is not None:
            account.allowance = min(full, account.allowance + (now - account.at) * rate / 60)
            account.at = now
            if account.allowance < 1:
                seconds = math.ceil((1 - account.allowance) * 60 / rate)
                raise _too_many(
                    f"key {key.name!r} may make {rate} requests a minute; try again in {seconds} s", seconds
                )
            account.allowance -= 1
        account.in_hand += 1
        return account


def _too_many(message: str, retry_after: int) -> ApiError:
    return ApiError(429, message, type="requests", code="rate_limit_exceeded", retry_after=retry_after)
