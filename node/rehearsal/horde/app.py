"""The stand-in's HTTP face: paths, keys, caches, rate limits, and faults that a test may command."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from node.rehearsal.horde import views
from node.rehearsal.horde.horde import Horde
from node.rehearsal.horde.limits import Limiter
from node.rehearsal.horde.people import User, Worker
from node.rehearsal.horde.refusals import Refused, not_found, schema

BASE = "/api/v2"
LARGEST_BODY = 4 * 1024 * 1024
WORKER = re.compile(r"/workers/([0-9a-f-]{36})")
WORKER_NAME = re.compile(r"/workers/name/(.+)")
STATUS = re.compile(r"/generate/text/status/([0-9a-f-]{36})")

Fault = Callable[[str], Response | None]
"""What is answered to a path instead of the truth; None for the truth after all."""


class HordeApp:
    """An ASGI application.

    Attributes:
        asked: how often each path was asked. delay: seconds before each answer.
        fault: set it to make the service misbehave.
        lose: paths whose answers do not arrive as long as they are in here, though they were worked on.
    """

    def __init__(self, horde: Horde) -> None:
        self.horde = horde
        self.asked: dict[str, int] = {}
        self.delay = 0.0
        self.fault: Fault | None = None
        self.lose: set[str] = set()
        self._limiter = Limiter(horde.clock)
        self._cache: dict[str, tuple[float, Any]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        body = await request.body()
        path = request.url.path
        self.asked[path] = self.asked.get(path, 0) + 1
        await asyncio.sleep(self.delay)
        answer = self.fault(path) if self.fault else None
        if answer is None:
            answer = self._answer(request, path.removeprefix(BASE), body)
        while path in self.lose:  # noqa: ASYNC110  nobody is told when a test has had enough
            await asyncio.sleep(0.02)
        answer.headers["Horde-Node"] = "rehearsal:0:5.1.5"
        await answer(scope, receive, send)

    def _answer(self, request: Request, path: str, body: bytes) -> Response:
        try:
            limited = self._limited(request, path)
            return limited or self._route(request, path, body)
        except Refused as refusal:
            return JSONResponse(refusal.body(), refusal.status)
        except KeyError:
            return JSONResponse({"message": "Internal Server Error"}, 500)

    def _limited(self, request: Request, path: str) -> Response | None:
        rules = self.horde.rules
        address = request.client.host if request.client else "?"
        if path.startswith("/rehearsal/"):
            return None
        if path in ("/generate/text/pop", "/generate/text/submit", "/generate/text/async"):
            most, seconds, told = rules.polls_per_second, 1.0, f"{rules.polls_per_second} per 1 second"
        elif request.method == "PUT":
            most, seconds, told = rules.writes_per_minute, 60.0, f"{rules.writes_per_minute} per 1 minute"
        else:
            most, seconds, told = rules.reads_per_minute, 60.0, f"{rules.reads_per_minute} per 1 minute"
        wait = self._limiter.wait(f"{address} {request.method} {path}", most, seconds)
        if not wait:
            return None
        headers = {"Retry-After": str(max(1, round(wait))), "X-RateLimit-Limit": str(most)}
        return JSONResponse({"message": told}, 429, headers)

    def _route(self, request: Request, path: str, body: bytes) -> Response:
        horde, method = self.horde, request.method
        if (method, path) == ("POST", "/generate/text/pop"):
            return JSONResponse(horde.pop(_key(request), _object(body)))
        if (method, path) == ("POST", "/generate/text/submit"):
            return JSONResponse({"reward": horde.submit(_key(request), _object(body))})
        if (method, path) == ("POST", "/generate/text/async"):
            return JSONResponse(self._ask(_key(request), _object(body)), 202)
        if found := STATUS.fullmatch(path):
            return JSONResponse(self._status(found[1], cancel=method == "DELETE"))
        if path == "/find_user":
            return JSONResponse(self._cached(f"user {_key(request)}", lambda: self._user(request)))
        if found := WORKER.fullmatch(path):
            return JSONResponse(self._worker(request, horde.find_worker(worker_id=found[1]), body))
        if found := WORKER_NAME.fullmatch(path):
            worker = horde.find_worker(name=found[1])
            return JSONResponse(self._cached(f"worker {worker.id}", lambda: views.worker_view(horde, worker)))
        return JSONResponse(self._read(path))

    def _read(self, path: str) -> object:
        horde = self.horde
        reads: dict[str, Callable[[], object]] = {
            "/status/models": lambda: views.models_view(horde),
            "/status/performance": lambda: views.performance_view(horde),
            "/status/modes": lambda: {"maintenance_mode": False, "invite_only_mode": horde.invite_only},
            "/status/heartbeat": lambda: {"message": "OK", "version": "5.1.5"},
            "/rehearsal/books": lambda: views.books_view(horde),
            "/rehearsal/reference": lambda: views.reference_view(horde),
        }
        if path not in reads:
            raise not_found("NotFound", "The requested URL was not found on the server.")
        return reads[path]()

    def _user(self, request: Request) -> object:
        key = _key(request)
        if key not in self.horde.users:
            raise not_found("UserNotFound", "No user matching sent API Key was found.")
        return views.user_view(self.horde, self.horde.user_of(key))

    def _worker(self, request: Request, worker: Worker, body: bytes) -> object:
        if request.method == "GET":
            return self._cached(f"worker {worker.id}", lambda: views.worker_view(self.horde, worker))
        if request.method != "PUT":
            raise Refused(405, "MethodNotAllowed", "Only GET and PUT are played here")
        return self._change(self.horde.user_of(_key(request)), worker, _object(body))

    def _change(self, user: User, worker: Worker, wanted: dict[str, object]) -> dict[str, object]:
        if "paused" in wanted and not user.moderator:
            raise Refused(403, "NotModerator", "Only moderators may pause and unpause")
        if user is not worker.owner and not user.moderator:
            raise Refused(403, "NotOwner", "Only its owner may change a worker")
        changed: dict[str, object] = {}
        if isinstance(wanted.get("maintenance"), bool):
            worker.maintenance = changed["maintenance"] = bool(wanted["maintenance"])
            worker.maintenance_message = str(wanted.get("maintenance_msg", ""))[:1000]
        if isinstance(wanted.get("info"), str):
            if len(str(wanted["info"])) > 1000:
                raise schema(info="too long")
            worker.info = changed["info"] = str(wanted["info"])
        if isinstance(wanted.get("paused"), bool):
            worker.paused = changed["paused"] = bool(wanted["paused"])
        return changed

    def _ask(self, key: str, body: dict[str, object]) -> dict[str, object]:
        params = body.get("params", {})
        wants = {name: value for name, value in body.items() if name not in ("prompt", "params")}
        request = self.horde.ask(key, str(body.get("prompt", "")), params if isinstance(params, dict) else {}, **wants)
        return {"id": request.id, "kudos": 0.0, "message": ""}

    def _status(self, request_id: str, *, cancel: bool) -> dict[str, object]:
        horde = self.horde
        request = horde.cancel(request_id) if cancel else horde.find_request(request_id)
        running = sum(job.request is request and job.state == "running" and not job.fake for job in horde.jobs.values())
        return {
            "done": not request.left and not running,
            "faulted": request.faulted,
            "waiting": request.left,
            "processing": running,
            "finished": len(request.answers),
            "generations": request.answers,
        }

    def _cached(self, key: str, make: Callable[[], Any]) -> Any:
        now = self.horde.clock.monotonic()
        made, value = self._cache.get(key, (None, None))
        if made is None or now - made >= self.horde.rules.cached:
            made, value = now, make()
            self._cache[key] = (made, value)
        return value


def _key(request: Request) -> str:
    key = request.headers.get("apikey")
    if not key:
        raise schema(apikey="Missing required parameter in the HTTP headers")
    return key


def _object(body: bytes) -> dict[str, object]:
    try:
        value = json.loads(body) if len(body) <= LARGEST_BODY else None
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise schema(body="expected a JSON object")
    return value
