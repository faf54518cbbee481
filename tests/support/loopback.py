"""An HTTP server on loopback that notes what it is sent and answers what the test says."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from patience import PATIENCE


@dataclass(frozen=True)
class Received:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: str


class Loopback:
    """Listens from ``with`` to its end.

    Attributes:
        status: what the next requests are answered with.
        received: every request, oldest first.
    """

    def __init__(self) -> None:
        self.status = 200
        self.received: list[Received] = []
        self._arrived = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def note(self, request: Received) -> None:
        with self._arrived:
            self.received.append(request)
            self._arrived.notify_all()

    def wait_for(self, count: int, seconds: float = PATIENCE, method: str = "") -> list[Received]:
        """The requests, of this method if one is named, once there are so many; blocking."""

        def matching() -> list[Received]:
            return [request for request in self.received if method in ("", request.method)]

        with self._arrived:
            assert self._arrived.wait_for(lambda: len(matching()) >= count, seconds), self.received
            return matching()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(loopback: Loopback) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            loopback.note(Received(self.command, self.path, dict(self.headers), body))
            self.send_response(loopback.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST = _serve  # noqa: N815  the names that http.server calls

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    return Handler
