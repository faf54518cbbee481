"""The books over the control API: jobs, entries, and whether all of it is whole."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from node.control.codec import encode
from node.control.earnings_views import view_of_reward
from node.control.errors import ControlError
from node.control.query import choice, integer, optional_integer, text
from node.control.views import event_of, view_of_row
from node.control.wire import JobView
from node.identity import PublicIdentity
from node.jobs import JobState
from node.ledger import queries
from node.ledger.chain import Entry
from node.ledger.export import csv_of_entries, csv_of_jobs
from node.ledger.rewards import reward_of
from node.ledger.verify import verify

LONGEST_PAGE = 1000
EVERYTHING = 2**53


class Reader(Protocol):
    """Whoever can ask the books."""

    def __call__(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Awaitable[Any]: ...


class Books:
    """Answers from one ledger file.

    Args:
        read: runs a query off the event loop.
        in_hand: views of the jobs that have not ended yet.
    """

    def __init__(
        self,
        path: Path,
        public: PublicIdentity,
        read: Reader,
        in_hand: Callable[[], tuple[JobView, ...]] = tuple,
    ) -> None:
        self._path = path
        self._public = public
        self._read = read
        self._in_hand = in_hand

    def routes(self) -> list[Route]:
        return [
            Route("/jobs", self.jobs),
            Route("/jobs.csv", self.jobs_csv),
            Route("/jobs/{number:int}", self.job),
            Route("/ledger", self.entries),
            Route("/ledger.csv", self.entries_csv),
            Route("/ledger/verify", self.verify),
        ]

    async def jobs(self, request: Request) -> Response:
        """Jobs, newest first; those in hand as they are now."""
        live = {view.number: view for view in self._in_hand()}
        views = [live.get(row.number) or view_of_row(row) for row in await self._job_rows(request)]
        return JSONResponse({"jobs": encode(views)})

    async def jobs_csv(self, request: Request) -> Response:
        """The same for a spreadsheet, all of them unless ``limit`` says how many."""
        return await spreadsheet(self._job_pages(request))

    async def job(self, request: Request) -> Response:
        """One job, every entry that speaks of it, and its reward."""
        number = request.path_params["number"]
        row: Any = await self._read(queries.job, number) if number < 2**63 else None
        live = next((view for view in self._in_hand() if view.number == number), None)
        if row is None and live is None:
            raise ControlError(404, "unknown_job", f"there is no job {number} in the books", "stoker jobs")
        life = await self._read(queries.job_life, number)
        reward = await self._read(reward_of, number)
        view = live or view_of_row(row)
        return JSONResponse(
            {
                "job": encode(view),
                "life": encode([event_of(entry) for entry in life]),
                "reward": None if reward is None else encode(view_of_reward(reward)),
            }
        )

    async def entries(self, request: Request) -> Response:
        found = await self._entries(request)
        return JSONResponse({"entries": encode([event_of(entry) for entry in found])})

    async def entries_csv(self, request: Request) -> Response:
        return await spreadsheet(self._entry_pages(request))

    async def verify(self, _: Request) -> Response:
        """Walk the whole chain, now, from the file itself."""
        found = await asyncio.to_thread(verify, self._path, self._public.key)
        problem = None if found.problem is None else {"seq": found.problem.seq, "what": found.problem.what}
        return JSONResponse(
            {
                "entries": found.entries,
                "head": found.head_hex,
                "checkpoints": found.checkpoints,
                "signed_up_to": found.signed_up_to,
                "problem": problem,
            }
        )

    async def _job_pages(self, request: Request) -> AsyncIterator[str]:
        left = integer(request, "limit", EVERYTHING)
        rows = await self._job_rows(request, limit=min(left, LONGEST_PAGE))
        yield "".join(csv_of_jobs(rows))
        while rows and (left := left - len(rows)) > 0:
            rows = await self._job_rows(request, limit=min(left, LONGEST_PAGE), before=rows[-1].number)
            yield "".join(csv_of_jobs(rows, header=False))

    async def _entry_pages(self, request: Request) -> AsyncIterator[str]:
        left = integer(request, "limit", EVERYTHING)
        found = await self._entries(request, limit=min(left, LONGEST_PAGE))
        yield "".join(csv_of_entries(found))
        while found and (left := left - len(found)) > 0:
            found = await self._entries(request, limit=min(left, LONGEST_PAGE), after=found[-1].seq)
            yield "".join(csv_of_entries(found, header=False))

    async def _job_rows(
        self, request: Request, *, limit: int | None = None, before: int | None = None
    ) -> list[queries.JobRow]:
        state = text(request, "state")
        rows: list[queries.JobRow] = await self._read(
            queries.jobs,
            state=None if state is None else JobState(choice(request, "state", tuple(JobState))),
            network=text(request, "network"),
            model=text(request, "model"),
            text=text(request, "text"),
            before_number=before or optional_integer(request, "before"),
            limit=limit or integer(request, "limit", 100, most=LONGEST_PAGE),
        )
        return rows

    async def _entries(self, request: Request, *, limit: int | None = None, after: int | None = None) -> list[Entry]:
        found: list[Entry] = await self._read(
            queries.entries,
            after_seq=integer(request, "after", 0) if after is None else after,
            limit=limit or integer(request, "limit", 100, most=LONGEST_PAGE),
            kind=text(request, "kind"),
        )
        return found


async def spreadsheet(pages: AsyncIterator[str]) -> Response:
    """A CSV that is sent page by page."""
    first = await anext(pages)  # a bad argument shows here, while there is still a way to say so

    async def whole() -> AsyncIterator[str]:
        yield first
        async for page in pages:
            yield page

    return StreamingResponse(whole(), media_type="text/csv")
