from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from local_endpoint import Endpoint, Serve, served
from loose_tickets import LooseTickets

from node.clock import SystemClock
from node.networks.base import Tickets
from node.networks.local.access import AccessKeys
from node.networks.local.limits import Limits


@pytest.fixture
def access(tmp_path: Path) -> AccessKeys:
    return AccessKeys(tmp_path / "access.json", SystemClock())


@pytest.fixture
async def serve(access: AccessKeys) -> AsyncIterator[Serve]:
    """Serve these tickets for as long as the test lasts."""
    async with AsyncExitStack() as stack:

        async def start(tickets: Tickets | None = None, limits: Limits | None = None) -> Endpoint:
            return await stack.enter_async_context(served(tickets or LooseTickets(), access, limits or Limits()))

        yield start
