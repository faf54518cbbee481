"""Files over HTTPS: resumed where they broke off, believed only by their sha256.

Servers such as Hugging Face and GitHub answer with a redirect to a storage that understands ``Range``; the proxy of the
environment (``HTTPS_PROXY``) is used.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Sequence
from pathlib import Path

import httpx

from node.models.blocking import step
from node.models.errors import FetchError
from node.models.partial import PartialFile, Progress, require_space
from node.reasons import reason_of

log = logging.getLogger(__name__)

NETWORK_CHUNK = 1 << 20
MAX_RETRY_AFTER = 60.0  # seconds
UNREACHED_TRIES = 3  # to a host that never answered; there is nothing to lose then, and a person waits
KEPT = "Check the network and try again: what is here already is kept, and the download goes on from there"
UNREACHED = "Check the network, and behind a proxy what HTTPS_PROXY says; then try again, or {instead}"
CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


class _Interrupted(Exception):
    """The answer was no good this time; asking again may help."""

    def __init__(self, reason: str, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.wait = wait


class Downloads:
    """Fetches files of known size and hash.

    Args:
        instead: what a person can do if a file cannot be had, as the end of a sentence.
        pauses: seconds before each further try after a failure; a try that brought bytes starts them anew.
        timeout: seconds without any byte before a connection counts as broken.
    """

    def __init__(self, *, instead: str, pauses: Sequence[float] = (0.5, 1, 2, 4, 8), timeout: float = 30.0) -> None:
        self._instead = instead
        self._pauses = tuple(pauses)
        self._timeout = timeout

    async def fetch(self, url: str, target: Path, *, size: int, sha256: str, progress: Progress) -> None:
        """Bring the file to ``target``; a ``.part`` file beside it survives interruption and cancellation.

        Raises:
            FetchError: it cannot be had, there is no room for it, or it is not the file that was expected.
        """
        part = PartialFile(target.with_name(f"{target.name}.part"))
        download = _Download(url, part, size, sha256, progress, self._instead)
        with download.part as part:
            while part.size <= size and await step(part.take_in):
                progress(min(part.size, size), size)
            resumed = part.size > 0
            await step(require_space, target.parent, max(0, size - part.size))
            await self._complete(download)
            if part.digest != sha256 and resumed:
                log.warning("%s: what was left of an earlier download does not belong to it; starting anew", url)
                await step(part.restart)
                await self._complete(download)
            if part.digest != sha256:
                await step(part.discard)
                raise FetchError(
                    f"{url}: its sha256 is {part.digest}, expected {sha256}; the file was deleted",
                    "Do not use this file: it is not the one that was meant",
                )
            await step(part.commit, target)

    async def _complete(self, download: _Download) -> None:
        """Ask until all bytes are here, or until asking is no use."""
        failures = 0
        async with httpx.AsyncClient(timeout=self._timeout, follow_redirects=True) as client:
            while not download.complete:
                before = download.part.size
                try:
                    await download.request(client)
                except (httpx.TransportError, _Interrupted) as error:
                    failures = 0 if download.part.size > before else failures
                    reason = reason_of(error)
                    if not download.part.size and failures + 1 >= UNREACHED_TRIES and _unreached(error):
                        raise FetchError(
                            f"{httpx.URL(download.url).host} cannot be reached: {reason}",
                            UNREACHED.format(instead=self._instead),
                        ) from error
                    if failures >= len(self._pauses):
                        raise FetchError(f"{download.url}: {reason}", KEPT) from error
                    wait = max(self._pauses[failures], error.wait if isinstance(error, _Interrupted) else 0.0)
                    failures += 1
                    log.info("%s: %s; trying again in %.1f s", download.url, reason, wait)
                    await asyncio.sleep(wait)
                except (httpx.TooManyRedirects, httpx.InvalidURL) as error:
                    raise FetchError(f"{download.url}: {error}", f"Try again later, or {self._instead}") from error


def _unreached(error: Exception) -> bool:
    return isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.ProxyError)


class _Download:
    """One file on its way, over as many requests as it takes."""

    def __init__(self, url: str, part: PartialFile, size: int, sha256: str, progress: Progress, instead: str) -> None:
        self.url = url
        self.part = part
        self._size = size
        self._sha256 = sha256
        self._progress = progress
        self._instead = instead
        self._etag = ""

    @property
    def complete(self) -> bool:
        return self.part.size == self._size

    async def request(self, client: httpx.AsyncClient) -> None:
        headers = {"Accept-Encoding": "identity"}
        if self.part.size > self._size:
            await step(self.part.restart)
        if self.part.size:
            headers["Range"] = f"bytes={self.part.size}-"
            if self._etag:
                headers["If-Range"] = self._etag
        async with client.stream("GET", self.url, headers=headers) as response:
            self._check_links(response)
            await self._check_start(response)
            etag = response.headers.get("etag", "")
            self._etag = "" if etag.startswith("W/") else etag
            async for chunk in response.aiter_raw(NETWORK_CHUNK):
                if self.part.size + len(chunk) > self._size:
                    await step(self.part.discard)
                    raise self._not_the_file(f"more than {self._size:,} bytes came")
                await step(self.part.write, chunk)
                self._progress(self.part.size, self._size)
        if not self.complete:
            raise _Interrupted(f"the connection ended after {self.part.size:,} of {self._size:,} bytes")

    def _check_links(self, response: httpx.Response) -> None:
        """See from the redirect, before any byte, that this is the file that is meant."""
        for answer in (*response.history, response):
            size = answer.headers.get("x-linked-size", "")
            if size.isdecimal() and int(size) != self._size:
                raise self._not_the_file(f"its size is {int(size):,} bytes, expected {self._size:,}")
            digest = answer.headers.get("x-linked-etag", "").strip('"').lower()
            if re.fullmatch("[0-9a-f]{64}", digest) and digest != self._sha256:
                raise self._not_the_file(f"its sha256 is {digest}, expected {self._sha256}")

    async def _check_start(self, response: httpx.Response) -> None:
        status = response.status_code
        if status == 206:
            span = CONTENT_RANGE.fullmatch(response.headers.get("content-range", ""))
            if span and int(span[1]) == self.part.size and span[2] in ("*", str(self._size)):
                return
            await step(self.part.restart)
            raise _Interrupted("it sent another piece than the one asked for")
        if status == 200:
            length = response.headers.get("content-length", "")
            if length.isdecimal() and int(length) != self._size:
                raise self._not_the_file(f"its size is {int(length):,} bytes, expected {self._size:,}")
            if self.part.size:
                await step(self.part.restart)
            return
        if status == 416:
            await step(self.part.restart)
            raise _Interrupted("it has no such piece (HTTP 416)")
        if status in (408, 425, 429) or status >= 500:
            after = response.headers.get("retry-after", "")
            wait = min(float(after), MAX_RETRY_AFTER) if after.isdecimal() else 0.0
            raise _Interrupted(f"it answers HTTP {status}", wait)
        if status in (401, 403):
            raise FetchError(
                f"{self.url}: HTTP {status}, it is not open to everyone",
                f"Accept its terms on the website and download it in a browser, or {self._instead}",
            )
        if status == 404:
            raise FetchError(f"{self.url}: HTTP 404, there is no such file (any more)", f"You can {self._instead}")
        raise FetchError(f"{self.url}: HTTP {status}, expected 200", f"Try again later, or {self._instead}")

    def _not_the_file(self, what: str) -> FetchError:
        return FetchError(f"{self.url}: {what}", f"It is not the file that was meant: {self._instead}")
