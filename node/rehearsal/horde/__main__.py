"""``python -m node.rehearsal.horde``: an AI Horde on loopback, to watch a node earn without an account."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal
import socket
import sys
from collections.abc import Coroutine

from node.clock import SystemClock
from node.rehearsal.horde.app import BASE, HordeApp
from node.rehearsal.horde.demand import Customers
from node.rehearsal.horde.horde import Horde
from node.rehearsal.horde.views import books_view
from node.serving import GuestServer, listening

KEY = "rehearsal-key"
LINGER_SECONDS = 120.0
"""After the last job: workers read the account's books once a minute, and what they are told is half a minute old."""


def main() -> int:
    """Serve until all is done and read, the time is up, or it is interrupted; then tell the books."""
    arguments = _parse()
    horde = Horde(SystemClock())
    horde.join("Rehearsal", KEY, trusted=arguments.trusted)
    customers = Customers(
        horde, waiting=arguments.queue, total=arguments.jobs, models=arguments.model, max_length=arguments.max_length
    )
    try:
        bound = listening("127.0.0.1", arguments.port)
    except OSError as error:
        sys.stderr.write(f"port {arguments.port}: {error.strerror}; choose another with --port\n")
        return 1
    url = f"http://127.0.0.1:{bound.getsockname()[1]}{BASE}"
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()
    sys.stderr.write(
        f"An AI Horde of its own; its kudos buy nothing. It ends after {arguments.jobs} jobs or "
        f"{arguments.minutes:g} minutes.\nThe API key of its one worker's account is: {KEY}\n"
        f"Its books: {url}/rehearsal/books\n"
    )
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(HordeApp(horde), _demand(customers), bound, arguments.minutes * 60))
    sys.stderr.write(json.dumps(books_view(horde), indent=2) + "\n")
    return 0


async def _demand(customers: Customers) -> None:
    await customers.run()
    sys.stderr.write(
        f"All {customers.made} jobs are done; it ends in {LINGER_SECONDS:g} s, so that the books can be read.\n"
    )
    await asyncio.sleep(LINGER_SECONDS)


async def _serve(app: HordeApp, demand: Coroutine[None, None, None], bound: socket.socket, seconds: float) -> None:
    serving = asyncio.ensure_future(GuestServer(app).serve_until_cancelled(bound))
    asking = asyncio.ensure_future(demand)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asking.cancel)
    await asyncio.wait([serving, asking], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for task in (asking, serving):
        task.cancel()
    await asyncio.gather(asking, serving, return_exceptions=True)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="stoker dev horde", description=__doc__)
    parser.add_argument("--port", type=int, default=7001)
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--queue", type=int, default=20)
    parser.add_argument("--max-length", type=int, default=80)
    parser.add_argument("--model", action="append", default=[])
    parser.add_argument("--trusted", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
