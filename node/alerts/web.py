"""Messages over HTTP: a webhook of the owner's, and ntfy (docs.ntfy.sh/publish)."""

from __future__ import annotations

import json
from urllib.parse import urlsplit, urlunsplit

import httpx

from node.alerts.notice import Notice
from node.alerts.post import Undelivered
from node.hardware.health import Severity
from wallet.secret import Secret

TIMEOUT_S = 10.0
_PRIORITY = {Severity.NOTICE: 3, Severity.WARNING: 4, Severity.GRAVE: 5}
_JSON = {"Content-Type": "application/json"}


class Webhook:
    """POSTs each message as a JSON document, see `Notice.document`."""

    name = "webhook"

    def __init__(self, address: str) -> None:
        self._address = address

    async def deliver(self, notice: Notice) -> None:
        await call("POST", self._address, notice.document(), _JSON)


class Ntfy:
    """Publishes to a topic of an ntfy server.

    Args:
        address: of the topic, such as ``https://ntfy.sh/my-topic``.
        token: an access token, where the server wants one.
    """

    name = "ntfy"

    def __init__(self, address: str, token: Secret | None = None) -> None:
        parts = urlsplit(address)
        folder, _, self._topic = parts.path.rstrip("/").rpartition("/")
        self._address = urlunsplit((parts.scheme, parts.netloc, f"{folder}/", "", ""))
        self._token = token

    async def deliver(self, notice: Notice) -> None:
        message = {
            "topic": self._topic,
            "title": notice.headline,
            "message": notice.text,
            "priority": _PRIORITY[notice.alarm.severity] if notice.begun else 3,
            "tags": ["warning" if notice.begun else "white_check_mark"],
        }
        headers = dict(_JSON)
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token.reveal()}"
        await call("POST", self._address, json.dumps(message), headers)


async def call(method: str, address: str, body: str | None = None, headers: dict[str, str] | None = None) -> None:
    """One request whose answer is not read; redirects are not followed.

    Raises:
        Undelivered: no answer, or none that says yes.
    """
    try:
        async with (
            httpx.AsyncClient(timeout=TIMEOUT_S) as client,
            client.stream(method, address, content=body, headers=headers) as answer,
        ):
            status = answer.status_code
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise Undelivered(f"no answer ({type(error).__name__})") from None
    if not 200 <= status < 300:
        raise Undelivered(f"it answered with status {status}")
