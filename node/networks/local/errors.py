"""What a client is told when it cannot be served, in OpenAI's error format."""

from __future__ import annotations

import json

from node.engines.base import EngineError, EngineFault
from node.jobs import JobState
from node.networks.base import Closed, JobEnded

INVALID = "invalid_request_error"
SERVER = "server_error"


class ApiError(Exception):
    """An answer that is an error.

    Attributes:
        status: of the HTTP answer.
        message: one or two sentences: the field, the value, what was expected, what to do.
        type, param, code: as OpenAI's clients know them.
        headers: further headers of the answer.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        type: str = INVALID,  # noqa: A002 - the word of the protocol
        param: str | None = None,
        code: str | None = None,
        retry_after: int | None = None,
        headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.type = type
        self.param = param
        self.code = code
        self.headers = headers
        if retry_after is not None:
            self.headers += ((b"retry-after", b"%d" % retry_after),)

    def body(self) -> bytes:
        """The JSON object that tells it."""
        fields = {"message": self.message, "type": self.type, "param": self.param, "code": self.code}
        return json.dumps({"error": fields}).encode()


_ENGINE_ANSWERS = {
    EngineFault.BAD_REQUEST: (400, INVALID, None, "bad_request"),
    EngineFault.CONTEXT_EXCEEDED: (400, INVALID, "messages", "context_length_exceeded"),
    EngineFault.UNKNOWN_MODEL: (404, INVALID, "model", "model_not_found"),
    EngineFault.UNSUPPORTED: (400, INVALID, "model", "unsupported"),
    EngineFault.UNAVAILABLE: (503, SERVER, None, "engine_unavailable"),
    EngineFault.CRASHED: (502, SERVER, None, "engine_crashed"),
}

_ENDINGS = {
    JobState.EXPIRED: (504, "job_expired"),
    JobState.FAILED: (502, "job_failed"),
}


def told(error: EngineError | JobEnded | Closed) -> ApiError:
    """Put what stopped a job into words for its client."""
    if isinstance(error, EngineError):
        status, kind, param, code = _ENGINE_ANSWERS[error.fault]
        retry = 2 if error.fault is EngineFault.UNAVAILABLE else None
        return ApiError(status, error.message, type=kind, param=param, code=code, retry_after=retry)
    if isinstance(error, Closed):
        message = f"this node takes no new work now: {error.reason}"
        return ApiError(503, message, type=SERVER, code="node_closed", retry_after=30)
    status, code = _ENDINGS.get(error.state, (503, f"job_{error.state}"))
    return ApiError(
        status,
        f"the job ended before its answer did: {error.reason}",
        type=SERVER,
        code=code,
        headers=((b"x-should-retry", b"false"),),
    )
