"""Server-sent events as they come in: https://html.spec.whatwg.org/multipage/server-sent-events.html."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any

LONGEST_LINE = 64 << 20


def server_sent(answer: http.client.HTTPResponse) -> Iterator[tuple[str, dict[str, Any]]]:
    """The name and the JSON object of each event, until the other side ends."""
    event = "message"
    data: list[str] = []
    while line := answer.readline(LONGEST_LINE):
        text = line.decode().rstrip("\r\n")
        if not text:
            if data:
                yield event, json.loads("\n".join(data))
            event, data = "message", []
        elif text.startswith("event:"):
            event = text[6:].strip()
        elif text.startswith("data:"):
            data.append(text[5:].strip())
