"""What the AI Horde answers, typed and bounded. Unknown fields are tolerated."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

LONGEST_PROMPT = 8 * 1024 * 1024
MOST_STOPS = 256

JobId = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")]


def _printable(text: str) -> str:
    """Strangers' words on one line that a terminal can show."""
    return "".join(sign if sign.isprintable() else " " for sign in text).strip()


Shown = Annotated[str, AfterValidator(_printable)]
Text = Annotated[str, Field(max_length=2000)]
Kudos = Annotated[float, Field(ge=-1e12, le=1e12)]
Count = Annotated[int, Field(ge=0, le=2**53)]


class Answer(BaseModel):
    """Common to all: frozen, finite numbers."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Payload(Answer):
    """What a text job asks for. Limits are the network's own, with some room."""

    prompt: Annotated[str, Field(max_length=LONGEST_PROMPT)] = ""
    n: int = 1
    max_length: Annotated[int, Field(ge=1, le=65_536)] = 80
    max_context_length: Annotated[int, Field(ge=1, le=4_194_304)] = 2048
    temperature: Annotated[float, Field(ge=0, le=10)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    top_k: Annotated[int, Field(ge=-1, le=100_000)] | None = None
    top_a: Annotated[float, Field(ge=0, le=1)] | None = None
    min_p: Annotated[float, Field(ge=0, le=1)] | None = None
    typical: Annotated[float, Field(ge=0, le=1)] | None = None
    tfs: Annotated[float, Field(ge=0, le=1)] | None = None
    rep_pen: Annotated[float, Field(ge=0, le=10)] | None = None
    rep_pen_range: Annotated[int, Field(ge=0, le=1_048_576)] | None = None
    rep_pen_slope: Annotated[float, Field(ge=0, le=10)] | None = None
    smoothing_factor: Annotated[float, Field(ge=0, le=10)] | None = None
    dynatemp_range: Annotated[float, Field(ge=0, le=10)] | None = None
    dynatemp_exponent: Annotated[float, Field(ge=0, le=10)] | None = None
    sampler_order: Annotated[tuple[int, ...], Field(max_length=32)] | None = None
    stop_sequence: Annotated[tuple[Text, ...], Field(max_length=MOST_STOPS)] | None = None
    use_default_badwordsids: bool | None = None
    singleline: bool | None = None
    frmttriminc: bool | None = None
    frmtrmblln: bool | None = None
    frmtrmspch: bool | None = None
    frmtadsnsp: bool | None = None


class Message(Answer):
    """From a moderator. ``expiry`` is a date as in e-mails."""

    id: Annotated[str, Field(max_length=100)]
    message: Annotated[Shown, Field(max_length=10_000)]
    origin: Annotated[str, Field(max_length=200)] | None = None
    expiry: Annotated[str, Field(max_length=100)] | None = None


class PopAnswer(Answer):
    """``id`` is None when there is no job; ``payload`` is there all the same.

    Attributes:
        ttl: seconds from the pop until the job is aborted.
        skipped: how many requests we were passed over for, by reason.
    """

    payload: Payload = Payload()
    id: JobId | None = None
    ids: Annotated[tuple[JobId, ...], Field(max_length=20)] = ()
    ttl: Annotated[float, Field(ge=1, le=86_400)] | None = None
    model: Annotated[str, Field(max_length=255)] | None = None
    messages: Annotated[tuple[Message, ...], Field(max_length=200)] = ()
    skipped: Annotated[dict[str, Count], Field(max_length=50)] = {}


class SubmitAnswer(Answer):
    reward: Annotated[float, Field(ge=0, le=1e9)]


class UserAnswer(Answer):
    """The account. Its balance is in whole kudos; what is held back of an untrusted one is not in it."""

    username: Annotated[Shown, Field(max_length=200)]
    kudos: Kudos
    trusted: bool = False
    flagged: bool = False


class WorkerKudos(Answer):
    generated: Kudos | None = None
    uptime: Kudos | None = None


class WorkerAnswer(Answer):
    """Our worker, as the network has it in its books (up to 30 s old)."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")]
    name: Annotated[str, Field(max_length=200)]
    owner: Annotated[Shown, Field(max_length=200)] | None = None
    requests_fulfilled: Count = 0
    uncompleted_jobs: Count = 0
    kudos_details: WorkerKudos | None = None
    performance: Annotated[str, Field(max_length=200)] | None = None
    uptime: Annotated[float, Field(ge=0)] | None = None
    maintenance_mode: bool = False
    info: Annotated[str, Field(max_length=2000)] | None = None
    trusted: bool | None = None
    flagged: bool | None = None


class ModelStatus(Answer):
    """One model's queue: ``queued`` in tokens, ``jobs`` in requests, ``count`` of workers that serve it."""

    name: Annotated[Shown, Field(max_length=300)]
    count: Annotated[float, Field(ge=0)] = 0
    queued: Annotated[float, Field(ge=0)] = 0
    jobs: Annotated[float, Field(ge=0)] = 0
    eta: Annotated[float, Field(ge=0)] | None = None


class Performance(Answer):
    queued_text_requests: Count = 0
    text_worker_count: Count = 0


class Modes(Answer):
    maintenance_mode: bool = False
    invite_only_mode: bool = False


class ErrorAnswer(Answer):
    """``rc`` is a word for each kind of error; errors of the schema have ``errors`` instead."""

    message: Annotated[Shown, Field(max_length=20_000)] = ""
    rc: Annotated[str, Field(max_length=200)] | None = None
    errors: dict[str, object] | None = None
