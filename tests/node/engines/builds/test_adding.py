"""Builds are fetched or brought, tried, kept; the next one where one does not work."""

from __future__ import annotations

import asyncio
import hashlib
import io
import tarfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from eventually import eventually
from hub import Hub, running
from loopback import Loopback

from node.engines.builds.adding import Adding
from node.engines.builds.errors import BuildError
from node.engines.builds.index import PinnedArchive, PinnedBuild, PinnedRelease
from node.engines.builds.store import Build, BuildStore
from node.engines.builds.suit import Facts
from node.engines.builds.taking import Step, Taking
from node.models.download import Downloads

MIB = 1 << 20
GAMER = Facts("Linux", "x86_64", "2.41", driver=580, vendors=frozenset({"NVIDIA"}))


def archive(**files: bytes) -> bytes:
    """A release's archive: everything below one directory."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as opened:
        for name, data in files.items():
            entry = tarfile.TarInfo(f"llama-b1/{name.replace('_', '-')}")
            entry.size, entry.mode = len(data), 0o755
            opened.addfile(entry, io.BytesIO(data))
    return packed.getvalue()


NOISE = hashlib.shake_256(b"noise").digest(3 * MIB)
FILES = {
    "llama-b1-vulkan.tar.gz": archive(llama_server=NOISE),
    "llama-b1-cuda.tar.gz": archive(llama_server=b"cuda"),
    "cudart-b1-cuda.tar.gz": archive(libcudart=b"runtime"),
}


def pinned(backend: str, *names: str) -> PinnedBuild:
    archives = tuple(
        PinnedArchive(name=name, size_bytes=len(FILES[name]), sha256=hashlib.sha256(FILES[name]).hexdigest())
        for name in names
    )
    return PinnedBuild.model_validate({"backend": backend, "system": "Linux", "machine": "x86_64", "archive": archives})


class Trial:
    """Says how each backend's trial ends, and notes what was tried."""

    def __init__(self) -> None:
        self.faults: dict[str, str] = {}
        self.tried: list[str] = []

    async def __call__(self, build: Build) -> str:
        self.tried.append(build.name)
        if fault := self.faults.get(build.backend):
            raise BuildError(fault, "stoker doctor")
        return "RTX 4090 (CUDA0)"


class Told:
    def __init__(self) -> None:
        self.steps: list[Step] = []

    def __call__(self, step: Step) -> None:
        self.steps.append(step)

    @property
    def details(self) -> list[str]:
        return list(dict.fromkeys(step.detail for step in self.steps))


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    async with running(Hub(files={f"b1/{name}": data for name, data in FILES.items()}, links=False)) as hub:
        yield hub


@pytest.fixture
def store(tmp_path: Path) -> BuildStore:
    return BuildStore(tmp_path / "data" / "engines")


@pytest.fixture
def trial() -> Trial:
    return Trial()


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def adding(hub: Hub, store: BuildStore, trial: Trial) -> Adding:
    release = PinnedRelease(
        release="b1",
        url=f"{hub.url}/b1",
        build=(
            pinned("vulkan", "llama-b1-vulkan.tar.gz"),
            pinned("cuda", "llama-b1-cuda.tar.gz", "cudart-b1-cuda.tar.gz"),
        ),
    )
    taking = Taking(store, release, Downloads(instead="add a file", pauses=(0.0,), timeout=5))
    return Adding(taking, facts=lambda: GAMER, attempt=trial)


async def test_the_best_build_is_fetched_tried_and_kept(adding: Adding, store: BuildStore, told: Told) -> None:
    build = await adding.add("auto", [], told)
    assert (build.name, build.device, build.fault) == ("cuda-b1", "RTX 4090 (CUDA0)", "")
    assert store.installed() == [build]
    assert store.server(build).read_bytes() == b"cuda"
    assert (store.server(build).parent / "libcudart").read_bytes() == b"runtime"
    assert told.details == [
        "fetching cuda-b1", "unpacking llama-b1-cuda.tar.gz", "unpacking cudart-b1-cuda.tar.gz", "trying cuda-b1",
    ]  # fmt: skip
    fetched = [step for step in told.steps if step.detail == "fetching cuda-b1"]
    total = len(FILES["llama-b1-cuda.tar.gz"]) + len(FILES["cudart-b1-cuda.tar.gz"])
    assert (fetched[-1].done, fetched[-1].total) == (total, total)


async def test_everything_of_it_is_the_owners_alone(adding: Adding, store: BuildStore, told: Told) -> None:
    await adding.add("vulkan", [], told)
    assert [path for path in (store.directory, *store.directory.rglob("*")) if path.stat().st_mode & 0o077] == []
    assert [path.name for path in store.directory.iterdir()] == ["vulkan-b1"]


async def test_a_build_that_does_not_work_is_followed_by_the_next_with_the_reason(
    adding: Adding, store: BuildStore, trial: Trial, told: Told
) -> None:
    trial.faults["cuda"] = "it sees no card"
    build = await adding.add("auto", [], told)
    assert build.name == "vulkan-b1"
    assert "cuda-b1: it sees no card; trying vulkan" in told.details
    assert [(each.name, each.fault) for each in store.installed()] == [
        ("cuda-b1", "it sees no card"), ("vulkan-b1", ""),
    ]  # fmt: skip


async def test_where_none_works_every_reason_is_said(adding: Adding, trial: Trial, told: Told) -> None:
    trial.faults = {"cuda": "it sees no card", "vulkan": "libvulkan.so.1 is missing"}
    with pytest.raises(BuildError, match=r"cuda-b1: it sees no card; vulkan-b1: libvulkan\.so\.1 is missing"):
        await adding.add("auto", [], told)


async def test_what_is_here_already_is_tried_and_not_fetched_again(adding: Adding, hub: Hub, told: Told) -> None:
    await adding.add("vulkan", [], told)
    asked = len(hub.asked)
    assert (await adding.add("vulkan", [], told)).fault == ""
    assert len(hub.asked) == asked


async def test_an_interrupted_fetch_goes_on_where_it_stood(adding: Adding, hub: Hub, told: Told) -> None:
    hub.stall, hub.cuts = asyncio.Event(), [2 * MIB]
    first = asyncio.create_task(adding.add("vulkan", [], told))
    await eventually(lambda: any(step.done >= 2 * MIB for step in told.steps))
    first.cancel()
    await asyncio.wait((first,))
    hub.stall.set()
    hub.stall = None
    await adding.add("vulkan", [], told)
    assert hub.requests[-1]["range"] == f"bytes={2 * MIB}-"


async def test_another_file_than_the_pinned_one_is_refused(
    adding: Adding, hub: Hub, store: BuildStore, trial: Trial, told: Told
) -> None:
    data = FILES["llama-b1-vulkan.tar.gz"]
    hub.files["b1/llama-b1-vulkan.tar.gz"] = data[:-1] + bytes([data[-1] ^ 1])
    with pytest.raises(BuildError, match=r"its sha256 is .* expected"):
        await adding.add("vulkan", [], told)
    assert (store.installed(), trial.tried) == ([], [])
    assert not any(path.is_file() for path in store.directory.rglob("*"))


async def test_a_release_that_is_gone_says_what_else_can_be_done(adding: Adding, hub: Hub, told: Told) -> None:
    hub.files.clear()
    with pytest.raises(BuildError, match=r"404.*You can add a file"):
        await adding.add("vulkan", [], told)


async def test_the_proxy_of_the_environment_is_asked(
    adding: Adding, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Loopback() as proxy:
        proxy.status = 403
        monkeypatch.setenv("HTTP_PROXY", proxy.address)
        monkeypatch.setenv("NO_PROXY", "")
        with pytest.raises(BuildError, match="403"):
            await adding.add("vulkan", [], told)
    assert proxy.received[0].path.endswith("/b1/llama-b1-vulkan.tar.gz")


@pytest.fixture
def downloaded(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "Downloads"
    folder.mkdir()
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    yield folder


async def test_files_on_disk_need_no_network(adding: Adding, hub: Hub, downloaded: Path, told: Told) -> None:
    files = [downloaded / "llama-b1-cuda.tar.gz", downloaded / "cudart-b1-cuda.tar.gz"]
    build = await adding.add("auto", files, told)
    assert (build.backend, build.origin) == ("cuda", "from llama-b1-cuda.tar.gz, cudart-b1-cuda.tar.gz")
    assert hub.asked == []
    assert all(file.exists() for file in files)


async def test_a_file_that_is_not_what_its_name_says_is_refused(adding: Adding, downloaded: Path, told: Told) -> None:
    file = downloaded / "llama-b1-cuda.tar.gz"
    file.write_bytes(FILES["llama-b1-vulkan.tar.gz"])
    with pytest.raises(BuildError, match="the release's file of that name has"):
        await adding.add("auto", [file], told)


async def test_a_file_of_unknown_kind_asks_for_it(adding: Adding, downloaded: Path, told: Told) -> None:
    file = downloaded / "my-own.tar.gz"
    file.write_bytes(FILES["llama-b1-vulkan.tar.gz"])
    with pytest.raises(BuildError, match="does not say for which kind of card") as caught:
        await adding.add("auto", [file], told)
    assert "BACKEND being one of cuda, vulkan, rocm, metal" in caught.value.remedy
    assert (await adding.add("vulkan", [file], told)).backend == "vulkan"


async def test_a_file_without_a_server_leaves_nothing(
    adding: Adding, store: BuildStore, downloaded: Path, told: Told
) -> None:
    (store.prepare() / ".unpack-left-by-a-killed-node").mkdir()
    with pytest.raises(BuildError, match="no llama-server"):
        await adding.add("cuda", [downloaded / "cudart-b1-cuda.tar.gz"], told)
    assert list(store.directory.iterdir()) == []


async def test_a_build_is_tried_again_and_removed_by_its_backend(
    adding: Adding, store: BuildStore, trial: Trial, told: Told
) -> None:
    await adding.add("vulkan", [], told)
    trial.faults["vulkan"] = "device lost"
    with pytest.raises(BuildError, match="vulkan-b1: device lost"):
        await adding.test("vulkan", told)
    assert [build.fault for build in store.installed()] == ["device lost"]
    await adding.remove("vulkan")
    assert list(store.directory.iterdir()) == []
    with pytest.raises(BuildError, match="'vulkan': there is no such build; here: none"):
        await adding.remove("vulkan")


async def test_two_of_one_backend_want_their_whole_names(
    adding: Adding, store: BuildStore, downloaded: Path, told: Told
) -> None:
    one = await adding.add("vulkan", [], told)
    other = await adding.add("vulkan", [downloaded / "llama-b1-vulkan.tar.gz"], told)
    with pytest.raises(BuildError, match="there are several"):
        store.resolve("vulkan")
    assert store.resolve(one.name) == one
    assert store.resolve(other.name) == other


async def test_only_one_is_added_at_a_time(adding: Adding, hub: Hub, told: Told) -> None:
    hub.stall, hub.cuts = asyncio.Event(), [MIB]
    first = asyncio.create_task(adding.add("vulkan", [], told))
    await asyncio.sleep(0)
    with pytest.raises(BuildError, match="already"):
        await adding.add("cuda", [], told)
    first.cancel()
    await asyncio.wait((first,))


def test_a_record_that_was_tampered_with_counts_as_none(store: BuildStore, tmp_path: Path) -> None:
    build = Build("vulkan-b1", "vulkan", "llama-server", "llama.cpp b1", ("0" * 64,))
    unpacked = store.prepare() / "fresh"
    unpacked.mkdir()
    (unpacked / "llama-server").touch()
    store.keep(unpacked, build)
    assert store.find("vulkan-b1") == build
    store.note(replace(build, name="other"), store.directory / "vulkan-b1")
    assert store.installed() == []
    (store.directory / "vulkan-b1" / "build.json").write_text("{")
    assert store.installed() == []
    for name in ("../vulkan-b1", "", ".", "A"):
        assert store.find(name) is None
