"""How the control API says no."""

from __future__ import annotations

from starlette.responses import JSONResponse


class ControlError(Exception):
    """A request that cannot be done: HTTP status, short code, what is wrong, what to do."""

    def __init__(self, status: int, code: str, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.remedy = remedy


def answer(error: ControlError) -> JSONResponse:
    """The error as an HTTP answer."""
    body = {"code": error.code, "message": error.message, "remedy": error.remedy}
    return JSONResponse({"error": body}, error.status)
