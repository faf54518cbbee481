"""How a question to a node fails: nobody is there, or the node says no."""

from __future__ import annotations

import json


class NodeAbsent(Exception):
    """No node answers at this place.

    Attributes:
        remedy: what to do; empty where the usual ways to start one are meant.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


class Refused(Exception):
    """The node understood and said no.

    Attributes:
        code: a short name of the reason, such as ``unknown_model``.
        message: the field, the value and what was expected.
        remedy: what to do; may be empty.
        status: the HTTP status.
    """

    def __init__(self, status: int, code: str, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.remedy = remedy


def refusal(status: int, raw: bytes) -> Refused:
    """What an answer with an error status says, even one that is not the node's own form."""
    try:
        error = json.loads(raw)["error"]
        return Refused(status, str(error.get("code") or ""), str(error["message"]), str(error.get("remedy") or ""))
    except (ValueError, KeyError, TypeError, AttributeError):
        return Refused(status, "", raw[:200].decode(errors="replace") or f"HTTP status {status}")
