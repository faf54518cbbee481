"""How the AI Horde says no."""

from __future__ import annotations


class Refused(Exception):
    """An error answer.

    Attributes:
        rc: its return code, a word; empty for schema errors, which have ``errors`` instead.
    """

    def __init__(self, status: int, rc: str, message: str, errors: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.rc = rc
        self.message = message
        self.errors = errors

    def body(self) -> dict[str, object]:
        """As JSON."""
        if self.errors is not None:
            return {"errors": self.errors, "message": self.message}
        return {"message": self.message, "rc": self.rc} if self.rc else {"message": self.message}


def schema(**errors: str) -> Refused:
    """A body that is not as the schema wants it."""
    return Refused(400, "", "Input payload validation failed", errors)


def not_found(rc: str, message: str) -> Refused:
    """404, with the noise that the server's framework adds."""
    noise = "You have requested this URI but did you mean /api/v2/generate/text/pop ?"
    return Refused(404, rc, f"{message} {noise}")
