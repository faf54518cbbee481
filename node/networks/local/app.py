"""The OpenAI-compatible endpoint: an ASGI app over the tickets of one network."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from starlette.types import Receive, Scope, Send

from node.clock import Clock, SystemClock
from node.engines.base import EngineError, EngineFault, ModelInfo
from node.jobs import Job
from node.networks.base import Closed, Full, JobEnded, Ticket, Tickets
from node.networks.local.access import AccessKey, AccessKeys
from node.networks.local.embeddings import embeddings_body
from node.networks.local.errors import SERVER, ApiError, told
from node.networks.local.events import CHAT, COMPLETION, EventStream, Shape
from node.networks.local.http import ClientGone, Reply, header, read_body
from node.networks.local.limits import Limits
from node.networks.local.line import Line, open_line
from node.networks.local.quota import Quotas
from node.networks.local.relay import collect, stream
from node.networks.local.requests import ChatRequest, CompletionRequest, EmbeddingsRequest, Generation, parse
from node.networks.local.whole import WholeAnswer

log = logging.getLogger(__name__)

NETWORK = "local"
OWNER = "owner"

Handler = Callable[[Scope, Receive, Reply, AccessKey | None], Awaitable[None]]


class LocalApp:
    """Serves ``/v1/...``, at the root of a server or mounted at ``/v1``."""

    def __init__(self, tickets: Tickets, access: AccessKeys, limits: Limits, *, trusted: bool, clock: Clock) -> None:
        self._tickets = tickets
        self._access = access
        self._limits = limits
        self._trusted = trusted
        self._quotas = Quotas(clock, limits.in_hand)
        self._clock = clock
        self._born = self._seconds()
        self._lines: set[Line] = set()
        self._stopping = ""
        self._handlers: dict[str, tuple[str, Handler]] = {
            "/v1/models": ("GET", self._list_models),
            "/v1/chat/completions": ("POST", self._chat),
            "/v1/completions": ("POST", self._complete),
            "/v1/embeddings": ("POST", self._embed),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"the endpoint speaks HTTP, not {scope['type']}")
        reply = Reply(send)
        try:
            try:
                await self._serve(scope, receive, reply)
            except (EngineError, JobEnded, Closed) as error:
                raise told(error) from error
        except ApiError as error:
            await reply.error(error)
        except ClientGone:
            return
        except Exception:
            log.exception("%s %s could not be answered", scope["method"], scope["path"])
            if reply.started:
                raise
            await reply.error(ApiError(500, "a fault in the node; its log says more", type=SERVER, code="fault"))

    def stop(self, reason: str) -> None:
        """End every answer under way, and take no further request."""
        self._stopping = reason
        for line in tuple(self._lines):
            line.end(reason)

    async def _serve(self, scope: Scope, receive: Receive, reply: Reply) -> None:
        path = scope["path"].rstrip("/")
        method, handler = self._handlers.get(path, ("", None))
        if handler is None and path.startswith("/v1/models/"):
            method, handler = "GET", self._show_model
        if handler is None:
            known = ", ".join(self._handlers)
            raise ApiError(404, f"there is nothing at {path[:200] or '/'}; there are: {known}", code="not_found")
        if scope["method"] != method:
            raise ApiError(
                405,
                f"{scope['method']} {path[:200]}: expected {method}",
                code="method_not_allowed",
                headers=((b"allow", method.encode()),),
            )
        key = None if self._trusted else self._key(scope)
        if self._stopping:
            raise Closed(self._stopping)
        await handler(scope, receive, reply, key)

    def _key(self, scope: Scope) -> AccessKey:
        """Whose key came with a request."""
        kind, _, presented = (header(scope, b"authorization") or b"").decode("latin-1").strip().partition(" ")
        if kind.lower() != "bearer" or not presented.strip():
            hint = "send it as 'Authorization: Bearer sk-stoker-…'"
            if not self._access.list():
                hint = f"there is none yet: make one with 'stoker access new NAME', then {hint}"
            raise _unauthorized(f"this endpoint needs an access key; {hint}")
        key = self._access.check(presented.strip())
        if key is None:
            raise _unauthorized(
                "the access key is not known here, or was revoked; "
                "'stoker access list' shows the keys there are, 'stoker access new NAME' makes one"
            )
        return key

    # Models

    async def _list_models(self, scope: Scope, receive: Receive, reply: Reply, key: AccessKey | None) -> None:
        await reply.json({"object": "list", "data": [self._model_fields(model) for model in self._tickets.models()]})

    async def _show_model(self, scope: Scope, receive: Receive, reply: Reply, key: AccessKey | None) -> None:
        await reply.json(self._model_fields(self._model(scope["path"].removeprefix("/v1/models/"))))

    def _model_fields(self, model: ModelInfo) -> dict[str, object]:
        fields = {"id": model.name, "object": "model", "created": self._born, "owned_by": "stoker"}
        return fields if model.context is None else {**fields, "context_length": model.context}

    def _model(self, name: str) -> ModelInfo:
        served = {model.name: model for model in self._tickets.models()}
        if name in served:
            return served[name]
        if not served:
            raise EngineError(EngineFault.UNAVAILABLE, "no model is ready yet; 'stoker status' says why")
        raise EngineError(
            EngineFault.UNKNOWN_MODEL, f"model: got {name[:100]!r}; this node serves {', '.join(sorted(served))}"
        )

    # Jobs

    async def _chat(self, scope: Scope, receive: Receive, reply: Reply, key: AccessKey | None) -> None:
        with self._quotas.admitted(key):
            asked = parse(ChatRequest, await read_body(scope, receive, self._limits))
            if not self._model(asked.model).chat:
                raise EngineError(
                    EngineFault.UNSUPPORTED, f"model {asked.model} does not chat; use another of /v1/models"
                )
            await self._generate(asked, CHAT, receive, reply, key)

    async def _complete(self, scope: Scope, receive: Receive, reply: Reply, key: AccessKey | None) -> None:
        with self._quotas.admitted(key):
            asked = parse(CompletionRequest, await read_body(scope, receive, self._limits))
            self._model(asked.model)
            await self._generate(asked, COMPLETION, receive, reply, key)

    async def _generate(
        self, asked: Generation, shape: Shape, receive: Receive, reply: Reply, key: AccessKey | None
    ) -> None:
        request = asked.asked(_allowed_tokens(asked.new_tokens, key))
        job = Job(shape.id_prefix + secrets.token_hex(12), NETWORK, request, client=_client(key))
        async with open_line(receive) as line:
            with self._listed(line):
                ticket = await self._ticket(asked.model)
                async with self._tickets.submit(ticket, job) as run:
                    line.carry(run)
                    try:
                        if asked.streams:
                            events = EventStream(
                                shape, job.id, job.model, self._seconds(), include_usage=asked.includes_usage
                            )
                            await stream(run, line, reply, events)
                        else:
                            await collect(run, line, reply, WholeAnswer(shape, job.id, job.model, self._seconds()))
                    except JobEnded:
                        if line.gone:
                            return
                        raise

    async def _embed(self, scope: Scope, receive: Receive, reply: Reply, key: AccessKey | None) -> None:
        with self._quotas.admitted(key):
            asked = parse(EmbeddingsRequest, await read_body(scope, receive, self._limits))
            if not self._model(asked.model).embeddings:
                raise EngineError(EngineFault.UNSUPPORTED, f"model {asked.model} makes no embeddings; see /v1/models")
            async with open_line(receive) as line:
                with self._listed(line):
                    ticket = await self._ticket(asked.model)
                    job_id = "embd-" + secrets.token_hex(12)
                    answer = await self._tickets.embed(ticket, job_id, _client(key), asked.input)
                    await reply.whole(200, await embeddings_body(asked, answer))

    async def _ticket(self, model: str) -> Ticket:
        """A ticket, after a wait behind other jobs if need be; a closed node says so and lets nobody wait."""
        try:
            return await self._tickets.ticket(model, wait=False)
        except Full:
            return await self._tickets.ticket(model)

    @contextmanager
    def _listed(self, line: Line) -> Iterator[None]:
        self._lines.add(line)
        try:
            yield
        finally:
            self._lines.discard(line)

    def _seconds(self) -> int:
        return self._clock.wall_ns() // 1_000_000_000


def build_app(
    tickets: Tickets, access: AccessKeys, limits: Limits, *, trusted: bool, clock: Clock | None = None
) -> LocalApp:
    """The endpoint as an ASGI app.

    Args:
        trusted: whoever reaches it is the owner, so no key is asked for (the control socket).
    """
    return LocalApp(tickets, access, limits, trusted=trusted, clock=clock or SystemClock())


def _client(key: AccessKey | None) -> str:
    return OWNER if key is None else key.name


def _allowed_tokens(wanted: int | None, key: AccessKey | None) -> int | None:
    most = None if key is None else key.limits.max_tokens
    if most is None:
        return wanted
    if wanted is not None and wanted > most:
        raise ApiError(
            400,
            f"max_tokens: got {wanted}; this key may ask for {most} at most",
            param="max_tokens",
            code="max_tokens_exceeded",
        )
    return most if wanted is None else wanted


def _unauthorized(message: str) -> ApiError:
    return ApiError(401, message, code="invalid_api_key", headers=((b"www-authenticate", b"Bearer"),))
