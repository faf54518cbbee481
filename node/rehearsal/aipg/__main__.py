"""``python -m node.rehearsal.aipg``: an AI Power Grid on loopback, to watch a node earn without an account."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys

from node.clock import SystemClock
from node.rehearsal.aipg.coordinator import Coordinator
from node.rehearsal.aipg.demand import Callers

KEY = "grid_rehearsal0000000000000000000000"
LINGER_SECONDS = 130.0
"""After the last job: workers read the account's pages once a minute."""


def main() -> int:
    """Serve until the demand is met, the time is up, or it is interrupted; then tell the books."""
    arguments = _parse()
    try:
        return asyncio.run(_play(arguments))
    except OSError as error:
        sys.stderr.write(f"port {arguments.port}: {error.strerror}; choose another with --port\n")
        return 1
    except KeyboardInterrupt:
        return 0


async def _play(arguments: argparse.Namespace) -> int:
    grid = Coordinator(clock=SystemClock())
    grid.books.open_account(secret=KEY)
    callers = Callers(
        grid, waiting=arguments.queue, total=arguments.jobs, models=arguments.model, max_tokens=arguments.max_tokens
    )
    over = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, over.set)
    async with grid.serving(arguments.port):
        sys.stdout.write(f"{grid.url}\n")
        sys.stdout.flush()
        sys.stderr.write(
            f"An AI Power Grid of its own; its AIPG buys nothing. It ends after {arguments.jobs} jobs or "
            f"{arguments.minutes:g} minutes.\nThe API key of its one worker's account is: {KEY}\n"
            f"Its books: {grid.url}/rehearsal/books\n"
        )
        playing = [
            asyncio.create_task(_demand(callers)),
            asyncio.create_task(_hours(grid, arguments.hour)),
            asyncio.create_task(_wait(over)),
        ]
        await asyncio.wait(playing, timeout=arguments.minutes * 60, return_when=asyncio.FIRST_COMPLETED)
        for task in playing:
            task.cancel()
        await asyncio.gather(*playing, return_exceptions=True)
    sys.stderr.write(json.dumps(grid.books.summary(), indent=2) + "\n")
    return 0


async def _demand(callers: Callers) -> None:
    await callers.run()
    sys.stderr.write(
        f"{callers.answered} of {callers.made} jobs were answered; it ends in {LINGER_SECONDS:g} s, "
        "so that the books can be read.\n"
    )
    await asyncio.sleep(LINGER_SECONDS)


async def _hours(grid: Coordinator, seconds: float) -> None:
    """Pay what was earned since the last time: a rehearsal's hour is short."""
    while True:
        began = grid.clock.wall_ns()
        await asyncio.sleep(seconds)
        grid.books.close_hour(grid.clock.wall_ns(), since_ns=began)


async def _wait(over: asyncio.Event) -> None:
    await over.wait()


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="stoker dev aipg", description=__doc__)
    parser.add_argument("--port", type=int, default=7002)
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--queue", type=int, default=20)
    parser.add_argument("--max-tokens", type=int, default=64)
    parser.add_argument("--hour", type=float, default=120.0)
    parser.add_argument("--model", action="append", default=[])
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
