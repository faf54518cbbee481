"""A control API that plays what a test wrote down: real HTTP over a real Unix socket."""

from __future__ import annotations

import json
import shutil
import socketserver
import tempfile
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from click.testing import Result

from node.control.codec import encode

Stoker = Callable[..., Result]
"""Runs ``stoker ARGUMENTS``."""


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    query: dict[str, str]
    body: Any


@dataclass(frozen=True)
class Answer:
    """What is sent back: a status, headers, and pieces that go out one by one."""

    pieces: Iterable[bytes]
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


def json_answer(value: object, status: int = 200) -> Answer:
    """A JSON value; wire models are encoded as the node does."""
    return Answer([json.dumps(value, default=encode).encode()], status, {"Content-Type": "application/json"})


def refusal(status: int, code: str, message: str, remedy: str = "") -> Answer:
    """A no, in the form of the control API."""
    return json_answer({"error": {"code": code, "message": message, "remedy": remedy}}, status)


def server_sent(*events: object) -> list[bytes]:
    """The bytes of a stream of OpenAI's events, with its end."""
    return [*(f"data: {json.dumps(event)}\n\n".encode() for event in events), b"data: [DONE]\n\n"]


class ScriptedControl:
    """Listens where the node of its ``directory`` would.

    Attributes:
        asked: every request, oldest first.
    """

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="stoker-"))  # short enough for the path of a socket
        self.asked: list[Asked] = []
        self._script: dict[tuple[str, str], Callable[[Asked], Answer]] = {}
        self._server = _Server(str(self.directory / "control.sock"), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def on(self, method: str, path: str, answer: Callable[[Asked], Answer] | Answer | object) -> None:
        """Say how a request is answered: with a value as JSON, an Answer, or a function of the request."""
        if isinstance(answer, Answer):
            whole = answer
            self._script[method, path] = lambda _: whole
        elif callable(answer):
            self._script[method, path] = answer
        else:
            self._script[method, path] = lambda _: json_answer(answer)

    def commands(self) -> list[tuple[str, dict[str, Any]]]:
        """The commands that were given, with their arguments."""
        prefix = "/commands/"
        return [
            (asked.path.removeprefix(prefix), asked.body["arguments"])
            for asked in self.asked
            if asked.path.startswith(prefix)
        ]

    def answer(self, asked: Asked) -> Answer:
        """What the script says to a request."""
        self.asked.append(asked)
        scripted = self._script.get((asked.method, asked.path))
        return scripted(asked) if scripted else refusal(404, "unknown_path", f"nothing is scripted for {asked.path}")

    def vanish(self) -> None:
        """Answer no new connection any more, as a node that has ended; may be called while one is answered."""
        (self.directory / "control.sock").unlink(missing_ok=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        shutil.rmtree(self.directory)


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no news."""


def _handler(control: ScriptedControl) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            url = urlsplit(self.path)
            length = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(length)) if length else None
            answer = control.answer(Asked(self.command, url.path, dict(parse_qsl(url.query)), body))
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            for piece in answer.pieces:
                self.wfile.write(piece)
                self.wfile.flush()

        do_GET = do_POST = do_PUT = _serve  # noqa: N815  the names that http.server calls

        def address_string(self) -> str:
            return "a Unix socket"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    return Handler
