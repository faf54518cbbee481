"""The routes for what the owner looks after: settings, models, access keys, the log, and the doctor's findings."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from node import settings_form
from node.config import ConfigError, Settings
from node.control.codec import encode
from node.control.errors import ControlError
from node.control.query import body, integer
from node.control.wire import SettingView, Transfer
from node.doctor import Check
from node.engines.detect import detect
from node.logs import LatestLines
from node.models.errors import ModelError
from node.models.fit import Fit
from node.models.licences import Licence
from node.models.store import InstalledModel, ModelStore
from node.models.transfers import Transfers
from node.networks.local.access import AccessKeys


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What these routes need.

    Attributes:
        available: bytes of memory that a model may use now.
        served: the names of the models that are loaded.
        changed: told of each changed setting.
    """

    settings_path: Path
    settings: Settings
    store: ModelStore
    transfers: Transfers
    access: AccessKeys
    log: LatestLines
    available: Callable[[], int]
    served: Callable[[], set[str]]
    examine: Callable[[], Awaitable[Sequence[Check]]]
    changed: Callable[[SettingView], None]

    def routes(self) -> list[Route]:
        return [
            Route("/settings", self.list_settings),
            Route("/settings/{key}", self.change_setting, methods=["PUT"]),
            Route("/models", self.list_models),
            Route("/models/pull", self.pull, methods=["POST"]),
            Route("/models/import", self.bring, methods=["POST"]),
            Route("/engines/detect", self.detect),
            Route("/access", self.list_keys),
            Route("/logs", self.logs),
            Route("/doctor", self.doctor),
        ]

    async def list_settings(self, _: Request) -> Response:
        try:
            return JSONResponse(
                {"settings": encode(await asyncio.to_thread(settings_form.describe, self.settings_path))}
            )
        except ConfigError as error:
            raise ControlError(409, "bad_config", str(error)) from None

    async def change_setting(self, request: Request) -> Response:
        """Write one setting; ``{"value": null}`` puts the default back."""
        value = (await body(request)).get("value")
        if value is not None and not isinstance(value, str):
            raise ControlError(400, "bad_argument", f"value: got {value!r:.60}; expected a text or null")
        try:
            view = await asyncio.to_thread(settings_form.change, self.settings_path, request.path_params["key"], value)
        except ConfigError as error:
            raise ControlError(400, "bad_setting", str(error), "stoker settings") from None
        except OSError as error:
            raise ControlError(507, "not_written", f"{self.settings_path}: {error.strerror}") from None
        self.changed(view)
        return JSONResponse(encode(view))

    async def list_models(self, _: Request) -> Response:
        """What is here and what could be, each with how it would fit into this machine's memory."""
        engine = self.settings.engine
        available = self.available()
        served = self.served()
        here = await asyncio.to_thread(self.store.installed)

        def fit(name: str) -> dict[str, object]:
            return _fit(self.store.fit(name, slots=engine.slots, context=engine.context, available=available))

        known = {model.name for model in here}
        catalogue = [
            {
                "name": entry.name,
                "title": entry.title,
                "purpose": entry.purpose,
                **_terms(entry.terms),
                "size": entry.size_bytes,
                "context": entry.context,
                "quantisation": entry.quantisation,
                "source": str(entry.source),
                "installed": entry.name in known,
                "fit": fit(entry.name),
            }
            for entry in self.store.catalogue.models
        ]
        installed = [
            {
                **_installed(model),
                **_terms(self.store.licence(model.name)),
                "served": model.name in served,
                "fit": fit(model.name),
            }
            for model in here
        ]
        return JSONResponse({"installed": installed, "catalogue": catalogue})

    async def pull(self, request: Request) -> Response:
        """Fetch a model; the answer is one JSON line for each step, the last one says how it ended."""
        name = (await body(request)).get("name")
        if not isinstance(name, str):
            raise ControlError(400, "bad_argument", f"name: got {name!r:.60}; expected a model's name")
        try:
            self.transfers.pull(name)
        except ModelError as error:
            raise told(error) from None
        return _told_by_line(self.transfers.watch(name))

    async def bring(self, request: Request) -> Response:
        """Copy a GGUF file into the store, told like `pull`."""
        said = await body(request)
        path, name = said.get("path"), said.get("name")
        if not isinstance(path, str) or not Path(path).is_absolute():
            raise ControlError(400, "bad_argument", f"path: got {path!r:.60}; expected an absolute path")
        if name is not None and not isinstance(name, str):
            raise ControlError(400, "bad_argument", f"name: got {name!r:.60}; expected a text")
        try:
            label = self.transfers.bring(Path(path), name)
        except ModelError as error:
            raise told(error) from None
        return _told_by_line(self.transfers.watch(label))

    async def detect(self, _: Request) -> Response:
        """Engines that somebody else runs on this machine."""
        found = await detect()
        return JSONResponse(
            {"found": [{"kind": item.kind, "url": item.url, "models": list(item.models)} for item in found]}
        )

    async def list_keys(self, _: Request) -> Response:
        keys = [
            {
                "name": key.name,
                "created_at": key.created_at,
                "last_used_at": key.last_used_at,
                **key.limits.model_dump(),
            }
            for key in self.access.list()
        ]
        return JSONResponse({"keys": keys})

    async def logs(self, request: Request) -> Response:
        lines = self.log.after(integer(request, "after", 0), integer(request, "limit", 500, most=2000))
        return JSONResponse({"lines": encode(lines)})

    async def doctor(self, _: Request) -> Response:
        return JSONResponse({"checks": encode(list(await self.examine()))})


def told(error: ModelError) -> ControlError:
    """A model's trouble as an answer."""
    return ControlError(409, "model", error.what, error.remedy)


def _told_by_line(steps: AsyncIterator[Transfer | InstalledModel]) -> StreamingResponse:
    return StreamingResponse(_lines(steps), media_type="application/x-ndjson")


async def _lines(steps: AsyncIterator[Transfer | InstalledModel]) -> AsyncIterator[bytes]:
    try:
        async for step in steps:
            if isinstance(step, InstalledModel):
                yield _line({"installed": _installed(step)})
            else:
                yield _line({"done": step.done, "total": step.total, "detail": step.detail})
    except ModelError as error:
        yield _line({"error": {"code": "transfer", "message": error.what, "remedy": error.remedy}})


def _installed(model: InstalledModel) -> dict[str, object]:
    header = model.header
    return {
        "name": model.name,
        "path": str(model.path),
        "size": model.size_bytes,
        "context": header.context_length,
        "quantisation": header.quantisation,
        "licence": header.licence,
        "sha256": model.sha256,
        "source": model.source,
    }


def _terms(licence: Licence) -> dict[str, object]:
    return {"licence": licence.name, "commercial": licence.commercial, "conditions": licence.conditions}


def _fit(fit: Fit) -> dict[str, object]:
    return {"level": fit.level, "total": fit.total, "available": fit.available, "sentence": fit.sentence}


def _line(value: object) -> bytes:
    return json.dumps(value).encode() + b"\n"
