"""One live connection: bounded JSON frames in both directions, watched by pings."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

from node.networks.websocket.frames import Frame, Garbage, decode, encode, printable

log = logging.getLogger(__name__)

wire_log = logging.getLogger(f"{__name__}.wire")
wire_log.setLevel(logging.INFO)  # below that, websockets writes down what frames say: keys and strangers' prompts

MOST_GARBAGE = 16  # unreadable messages in one connection, before it is given up
LONGEST_WAIT = 600.0  # of what a Retry-After may ask for
NO_PONG = 1011  # the close code when pings are not answered


@dataclass(frozen=True, slots=True)
class LinkLimits:
    """Bounds of one connection, in bytes and seconds.

    Attributes:
        frame_bytes: the largest message that is taken; a larger one ends the connection.
        ping, pong: how often the other side is pinged, and how long its answer may take: a half-open connection is
            noticed after both.
    """

    frame_bytes: int = 16 * 1024 * 1024
    open: float = 15.0
    ping: float = 20.0
    pong: float = 20.0
    close: float = 2.0


class Lost(Exception):
    """The connection is gone, or could not be made.

    Attributes:
        code: the WebSocket close code; 1006 where none came; None where there was no connection yet.
        wait: seconds for which the service wants to be left alone; None if it does not say.
    """

    def __init__(self, reason: str, code: int | None = None, wait: float | None = None) -> None:
        super().__init__(reason)
        self.reason = printable(reason)
        self.code = code
        self.wait = wait


class _Dial(connect):
    """The frames carry keys: they go where the owner said, and nowhere that an answer sends us."""

    def process_redirect(self, exc: Exception) -> Exception:
        return exc


class Link:
    """An open connection."""

    def __init__(self, socket: ClientConnection, clock: asyncio.AbstractEventLoop) -> None:
        self._socket = socket
        self._loop = clock
        self._garbage = 0
        self.spoke_at = clock.time()

    @property
    def latency(self) -> float | None:
        """Seconds there and back, by the last ping; None before the first was answered."""
        return self._socket.latency or None

    async def send(self, frame: Frame) -> None:
        """Say something; waits while the other side reads slowly.

        Raises:
            Lost: the connection is gone.
        """
        self.spoke_at = self._loop.time()
        try:
            await self._socket.send(encode(frame))
        except ConnectionClosed as closed:
            raise _lost(closed) from None

    async def receive(self) -> Frame:
        """The next frame; what cannot be read is skipped, up to a limit.

        Raises:
            Lost: the connection is gone, or talks nonsense.
        """
        while True:
            try:
                return decode(await self._socket.recv())
            except ConnectionClosed as closed:
                raise _lost(closed) from None
            except Garbage as garbage:
                self.skip(garbage)

    async def arrived(self) -> None:
        """Wait until the other side has all that was sent: it answers a ping that was sent after it.

        Raises:
            Lost: the connection is gone, or turns out to be half open.
        """
        try:
            await (await self._socket.ping())
        except ConnectionClosed as closed:
            raise _lost(closed) from None

    def skip(self, garbage: Garbage) -> None:
        """Pass over something that makes no sense.

        Raises:
            Lost: it was once too often.
        """
        self._garbage += 1
        log.warning("skipped: %s", garbage)
        if self._garbage >= MOST_GARBAGE:
            raise Lost(f"the service talks nonsense: {garbage}")


@asynccontextmanager
async def dial(url: str, limits: LinkLimits, tls: ssl.SSLContext | None = None) -> AsyncIterator[Link]:
    """Connect for the length of the block.

    Raises:
        Lost: nobody answers, or what answers is no WebSocket.
    """
    try:
        socket = await _Dial(
            url,
            ssl=tls,
            compression=None,
            open_timeout=limits.open,
            ping_interval=limits.ping,
            ping_timeout=limits.pong,
            close_timeout=limits.close,
            max_size=limits.frame_bytes,
            max_queue=4,
            logger=wire_log,
        )
    except TimeoutError:
        raise Lost(f"no answer within {limits.open:g} s") from None
    except ssl.SSLError as error:
        raise Lost(f"its certificate was not accepted: {error.reason or error}") from None
    except InvalidStatus as error:
        raise _turned_away(error) from None
    except (InvalidHandshake, InvalidURI) as error:
        raise Lost(f"no WebSocket there: {error}") from None
    except OSError as error:
        raise Lost(f"it cannot be reached: {error.strerror or error}") from None
    try:
        yield Link(socket, asyncio.get_running_loop())
    finally:
        await socket.close()


def _turned_away(error: InvalidStatus) -> Lost:
    status, after = error.response.status_code, error.response.headers.get("Retry-After", "")
    wait = min(LONGEST_WAIT, float(after)) if after.isascii() and after.isdigit() and len(after) < 10 else None
    if status == 429:
        return Lost(f"the service asks for fewer connections (HTTP {status})", wait=wait)
    if status >= 500:
        return Lost(f"the service has trouble of its own (HTTP {status})", wait=wait)
    return Lost(f"no WebSocket there: it answers HTTP {status}", wait=wait)


def _lost(closed: ConnectionClosed) -> Lost:
    frame = closed.rcvd or closed.sent
    if frame is None:
        return Lost("the connection broke off", 1006)
    if closed.rcvd is None and frame.code == NO_PONG:
        return Lost("the service answered no pings any more", frame.code)
    return Lost(frame.reason or f"the connection was closed (code {frame.code})", frame.code)
