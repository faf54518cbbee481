"""What a worker of the AI Horde is tested with runs in warped time: the stand-in, its customers, the worker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from warped_loop import WarpedLoop


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    real = item.get_closest_marker("real_time") is not None
    return {"real": asyncio.SelectorEventLoop} if real else {"warped": WarpedLoop}
