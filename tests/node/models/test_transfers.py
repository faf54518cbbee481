"""Transfers into the store: one for each model, watched by as many as like, cancelled, and their failures told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from hand_clock import HandClock
from tiny_model import broken_models, tiny_model
from until import until

from node.control.wire import Transfer
from node.models.catalogue import UnknownModelError, load_catalogue
from node.models.errors import ModelError, StoreError
from node.models.partial import Progress
from node.models.store import InstalledModel, ModelStore
from node.models.transfers import Transfers

SMALL = "smollm2-135m-instruct"


class SlowStore(ModelStore):
    """The real store, but what it pulls comes as the test says."""

    def __init__(self, directory: Path, source: Path) -> None:
        super().__init__(directory, load_catalogue())
        self._source = source
        self.progress: asyncio.Future[Progress] = asyncio.get_running_loop().create_future()
        self.go = asyncio.Event()
        self.pulls = 0

    async def pull(self, name: str, progress: Progress) -> InstalledModel:
        self.pulls += 1
        self.progress.set_result(progress)
        await self.go.wait()
        return await self.import_file(self._source, "tiny", lambda done, total: None)


class House:
    def __init__(self, directory: Path, arrive: Callable[[InstalledModel], Awaitable[None]] | None = None) -> None:
        self.clock = HandClock()
        self.store = SlowStore(directory / "models", tiny_model(directory))
        self.arrived: list[str] = []
        self.transfers = Transfers(self.store, self.clock, arrive or self._note)

    async def _note(self, model: InstalledModel) -> None:
        self.arrived.append(model.name)

    async def watched(self, name: str) -> list[Transfer | InstalledModel]:
        return [step async for step in self.transfers.watch(name)]


@pytest.fixture
async def house(tmp_path: Path) -> House:
    return House(tmp_path)


def last(steps: list[Any]) -> Any:
    return steps[-1]


async def test_a_transfer_tells_its_progress_its_rate_and_at_last_the_model(house: House) -> None:
    house.transfers.pull(SMALL)
    watching = asyncio.create_task(house.watched(SMALL))
    progress = await house.store.progress
    for second in range(4):
        progress(second * 1000, 98_000)
        house.clock.now += 1
    (now,) = house.transfers.now()
    assert (now.name, now.done, now.total, now.rate) == (SMALL, 3000, 98_000, 1000.0)
    assert now.detail.startswith("from ")
    house.store.go.set()
    steps = await watching
    assert isinstance(steps[0], Transfer)
    assert isinstance(steps[-1], InstalledModel)
    assert house.arrived == ["tiny"]
    await until(lambda: house.transfers.now() == ())


async def test_the_same_model_asked_for_twice_is_fetched_once_and_both_are_told(house: House) -> None:
    house.transfers.pull(SMALL)
    house.transfers.pull(SMALL)
    both = asyncio.gather(house.watched(SMALL), house.watched(SMALL))
    house.store.go.set()
    first, second = await both
    assert last(first) == last(second)
    assert house.store.pulls == 1


async def test_a_watcher_that_leaves_does_not_end_the_transfer(house: House) -> None:
    house.transfers.pull(SMALL)
    watching = asyncio.create_task(house.watched(SMALL))
    await house.store.progress
    watching.cancel()
    house.store.go.set()
    await until(lambda: house.arrived == ["tiny"])


async def test_a_cancelled_transfer_is_told_to_whoever_watches(house: House) -> None:
    house.transfers.pull(SMALL)
    watching = asyncio.create_task(house.watched(SMALL))
    await house.store.progress
    assert house.transfers.cancel(SMALL)
    with pytest.raises(StoreError, match=f"the transfer of {SMALL} was cancelled"):
        await watching
    assert house.transfers.now() == ()
    assert not house.transfers.cancel(SMALL)


async def test_an_unknown_model_is_refused(house: House) -> None:
    with pytest.raises(UnknownModelError, match="model 'smolm2' is not known"):
        house.transfers.pull("smolm2")
    assert house.transfers.now() == ()


async def test_a_file_is_brought_in_under_its_name(house: House, tmp_path: Path) -> None:
    label = house.transfers.bring(tiny_model(tmp_path), "mine")
    assert label == "mine"
    assert last(await house.watched(label)).name == "mine"
    assert house.arrived == ["mine"]


async def test_a_file_without_a_name_is_watched_under_the_files(house: House, tmp_path: Path) -> None:
    label = house.transfers.bring(tiny_model(tmp_path).rename(tmp_path / "My Model.gguf"), None)
    assert label == "My Model.gguf"
    assert last(await house.watched(label)).name == "my-model"


async def test_the_same_file_is_not_brought_twice_at_once(house: House, tmp_path: Path) -> None:
    house.transfers.bring(tiny_model(tmp_path), "mine")
    with pytest.raises(StoreError, match="'mine' is being brought here already"):
        house.transfers.bring(tiny_model(tmp_path), "mine")
    await house.transfers.stop()


@pytest.mark.parametrize("kind", ["truncated", "not_gguf", "empty"])
async def test_a_broken_file_fails_with_its_reason(house: House, tmp_path: Path, kind: str) -> None:
    label = house.transfers.bring(broken_models(tmp_path)[kind], "broken")
    with pytest.raises(ModelError):
        await house.watched(label)
    assert house.arrived == []
    assert house.store.find("broken") is None


async def test_a_failure_that_nobody_watches_disturbs_nobody(house: House, tmp_path: Path) -> None:
    house.transfers.bring(tmp_path / "nowhere.gguf", None)
    await until(lambda: house.transfers.now() == ())


async def test_a_transfer_that_ends_before_anybody_looks_is_told_all_the_same(house: House, tmp_path: Path) -> None:
    steps = house.transfers.watch(house.transfers.bring(tiny_model(tmp_path), "mine"))
    await until(lambda: house.transfers.now() == ())
    assert [step.name async for step in steps] == ["mine"]


async def test_stopping_ends_every_transfer(house: House, tmp_path: Path) -> None:
    house.transfers.pull(SMALL)
    await house.store.progress
    await house.transfers.stop()
    await until(lambda: house.transfers.now() == ())
    assert house.arrived == []
