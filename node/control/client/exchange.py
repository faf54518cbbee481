"""Requests to a node and its answers, whatever they are about."""

from __future__ import annotations

import codecs
import http.client
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from node.control.address import Address, default_directory
from node.control.client.connection import Connection
from node.control.client.refusals import NodeAbsent, refusal

MAX_ANSWER = 64 << 20
PIECE = 1 << 16


class Exchange:
    """One node, by its data directory. Safe to use from several threads: each request has its own connection.

    Args:
        place: what messages call a node that was named by the person and may be on another machine; ``directory`` is
            then where its socket is reached from here. Empty for this machine's own.
    """

    def __init__(self, directory: Path | None = None, *, timeout: float = 10.0, place: str = "") -> None:
        self.directory = directory or default_directory()
        self.address = Address(self.directory)
        self.timeout = timeout
        self.place = place

    def get(self, path: str, **query: object) -> Any:
        """GET a JSON value; query arguments that are None are left out."""
        return self.call("GET", addressed(path, query))

    def call(
        self, method: str, path: str, body: Mapping[str, object] | None = None, *, timeout: float | None = -1.0
    ) -> Any:
        """One request, one JSON answer.

        Args:
            timeout: seconds; this client's own if negative.

        Raises:
            NodeAbsent: nobody listens.
            Refused: the node says no.
        """
        with self._open(method, path, body, timeout=timeout) as answer:
            return json.loads(answer.read(MAX_ANSWER))

    def text(self, path: str, **query: object) -> str:
        """GET a text, such as a CSV export; query arguments that are None are left out."""
        return "".join(self.pieces(path, **query))

    def pieces(self, path: str, **query: object) -> Iterator[str]:
        """GET a long text piece by piece, such as a whole CSV export."""
        reader = codecs.getincrementaldecoder("utf-8")()
        with self._open("GET", addressed(path, query)) as answer:
            while piece := answer.read(PIECE):
                yield reader.decode(piece)

    @contextmanager
    def stream(self, path: str, body: Mapping[str, object]) -> Iterator[http.client.HTTPResponse]:
        """POST and hold the open answer, for what arrives bit by bit."""
        with self._open("POST", path, body, timeout=None) as answer:
            yield answer

    @contextmanager
    def _open(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = -1.0,
    ) -> Iterator[http.client.HTTPResponse]:
        connection = self._connection(self.timeout if timeout == -1.0 else timeout)
        payload = None if body is None else json.dumps(body).encode()
        sent = {"Content-Type": "application/json"} if payload is not None else {}
        try:
            try:
                connection.request(method, path, payload, {**sent, **connection.extra, **(headers or {})})
                answer = connection.getresponse()
            except (ConnectionError, FileNotFoundError, NotADirectoryError, http.client.BadStatusLine):
                raise self.absence() from None
            except PermissionError:
                raise NodeAbsent(f"the node in {self.directory} belongs to another user") from None
            with answer:
                if answer.status >= 400:
                    raise refusal(answer.status, answer.read(1 << 20))
                yield answer
        finally:
            connection.close()

    def _connection(self, timeout: float | None) -> Connection:
        if not self.address.uses_tcp:
            return Connection(self.address.socket, timeout)
        try:
            port, token = self.address.tcp.read_text().split()
        except (OSError, ValueError):
            raise self.absence() from None
        return Connection((int(port), token), timeout)

    def absence(self) -> NodeAbsent:
        """What is raised when nobody answers."""
        if self.place:
            return NodeAbsent(f"no node answers at {self.place}", "see there whether one runs: `stoker status`")
        return NodeAbsent(f"no node answers in {self.directory}")


def addressed(path: str, query: Mapping[str, object]) -> str:
    """A path with its query; arguments that are None are left out."""
    known = {name: value for name, value in query.items() if value is not None}
    return f"{path}?{urlencode(known)}" if known else path
