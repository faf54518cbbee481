"""Downloads resume, believe nothing but the hash, and say what is wrong."""

from __future__ import annotations

import asyncio
import hashlib
import random
import resource
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hub import Hub, running

from node.models.catalogue import HuggingFaceSource
from node.models.errors import FetchError
from node.models.hugging_face import HuggingFace

DATA = random.Random(5).randbytes(5 << 20)
DIGEST = hashlib.sha256(DATA).hexdigest()
SOURCE = HuggingFaceSource(repository="someone/tiny", revision="main", file="tiny.gguf")
PATH = "someone/tiny/resolve/main/tiny.gguf"
MIB = 1 << 20


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    async with running(Hub(files={PATH: DATA})) as hub:
        yield hub


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "tiny.gguf"


@pytest.fixture
def part(target: Path) -> Path:
    return target.with_name("tiny.gguf.part")


class Told:
    """Keeps what progress said."""

    def __init__(self) -> None:
        self.steps: list[tuple[int, int | None]] = []
        self.moved = asyncio.Event()

    def __call__(self, done: int, total: int | None) -> None:
        self.steps.append((done, total))
        self.moved.set()


async def fetch(
    hub: Hub, target: Path, told: Told | None = None, *, size: int = len(DATA), sha256: str = DIGEST, tries: int = 2
) -> None:
    client = HuggingFace(hub.url, pauses=(0.0,) * tries, timeout=5)
    await client.fetch(SOURCE, target, size=size, sha256=sha256, progress=told or Told())


async def test_a_file_arrives_whole_and_private(hub: Hub, target: Path, part: Path) -> None:
    told = Told()
    await fetch(hub, target, told)
    assert target.read_bytes() == DATA
    assert target.stat().st_mode & 0o777 == 0o600
    assert not part.exists()
    assert told.steps[-1] == (len(DATA), len(DATA))
    assert [done for done, _ in told.steps] == sorted(done for done, _ in told.steps)


async def test_a_broken_connection_is_taken_up_where_it_broke(hub: Hub, target: Path) -> None:
    hub.cuts = [2 * MIB + 100, MIB]
    await fetch(hub, target)
    assert target.read_bytes() == DATA
    assert [request.get("range") for request in hub.requests] == [None, f"bytes={2 * MIB}-", f"bytes={3 * MIB}-"]
    assert all("if-range" in request for request in hub.requests[1:])


async def test_a_part_of_an_earlier_run_is_not_fetched_again(hub: Hub, target: Path, part: Path) -> None:
    part.write_bytes(DATA[: 3 * MIB])
    told = Told()
    await fetch(hub, target, told)
    assert target.read_bytes() == DATA
    assert [request["range"] for request in hub.requests] == [f"bytes={3 * MIB}-"]
    assert told.steps[0] == (3 * MIB, len(DATA))


async def test_a_part_that_is_whole_is_only_checked(hub: Hub, target: Path, part: Path) -> None:
    part.write_bytes(DATA)
    await fetch(hub, target)
    assert target.read_bytes() == DATA
    assert hub.asked == []


async def test_a_part_of_another_file_is_thrown_away(hub: Hub, target: Path, part: Path) -> None:
    part.write_bytes(b"x" * MIB)
    await fetch(hub, target)
    assert target.read_bytes() == DATA
    assert len(hub.requests) == 2


async def test_a_part_longer_than_the_file_is_thrown_away(hub: Hub, target: Path, part: Path) -> None:
    part.write_bytes(DATA + b"more")
    await fetch(hub, target)
    assert target.read_bytes() == DATA


async def test_a_server_without_ranges_sends_all_of_it_again(hub: Hub, target: Path, part: Path) -> None:
    hub.ranges = False
    part.write_bytes(DATA[:MIB])
    await fetch(hub, target)
    assert target.read_bytes() == DATA


async def test_a_server_that_sends_another_piece_is_not_believed(hub: Hub, target: Path, part: Path) -> None:
    hub.shift = 7
    part.write_bytes(DATA[:MIB])
    await fetch(hub, target)
    assert target.read_bytes() == DATA
    assert [request.get("range") for request in hub.requests] == [f"bytes={MIB}-", None]


async def test_a_body_of_unannounced_length_that_ends_early_is_taken_up(hub: Hub, target: Path) -> None:
    hub.announce, hub.cuts = False, [2 * MIB]
    await fetch(hub, target)
    assert target.read_bytes() == DATA


async def test_a_server_in_trouble_is_asked_again(hub: Hub, target: Path) -> None:
    hub.statuses = ["503 Service Unavailable", "429 Too Many Requests\r\nRetry-After: 0"]
    await fetch(hub, target)
    assert target.read_bytes() == DATA


async def test_progress_starts_the_tries_anew(hub: Hub, target: Path) -> None:
    hub.cuts = [MIB] * 5
    await fetch(hub, target, tries=1)
    assert target.read_bytes() == DATA


async def test_what_keeps_failing_keeps_its_part_and_says_so(hub: Hub, target: Path, part: Path) -> None:
    hub.cuts = [2 * MIB, 0, 0, 0]
    with pytest.raises(FetchError) as caught:
        await fetch(hub, target)
    assert "goes on from there" in caught.value.remedy
    assert part.read_bytes() == DATA[: 2 * MIB]
    assert not target.exists()


async def test_no_network_is_said(target: Path) -> None:
    client = HuggingFace("http://127.0.0.1:1", pauses=(0.0,) * 9)
    with pytest.raises(FetchError, match=r"127\.0\.0\.1 cannot be reached") as caught:
        await client.fetch(SOURCE, target, size=1, sha256=DIGEST, progress=Told())
    assert "HTTPS_PROXY" in caught.value.remedy
    assert "stoker model import FILE" in caught.value.remedy


@pytest.mark.parametrize(
    ("status", "said"),
    [("404 Not Found", "no such file"), ("401 Unauthorized", "not open to everyone"), ("418 Teapot", "HTTP 418")],
)
async def test_a_refusal_is_not_asked_again(hub: Hub, target: Path, status: str, said: str) -> None:
    hub.statuses = [status]
    with pytest.raises(FetchError, match=said):
        await fetch(hub, target)
    assert len(hub.asked) == 1


async def test_another_hash_in_the_link_stops_before_any_byte(hub: Hub, target: Path) -> None:
    with pytest.raises(FetchError, match="its sha256 is"):
        await fetch(hub, target, sha256="0" * 64)
    assert not target.exists()


async def test_another_size_in_the_link_stops_before_any_byte(hub: Hub, target: Path) -> None:
    with pytest.raises(FetchError, match="its size is 5,242,880 bytes, expected 1,000"):
        await fetch(hub, target, size=1000)


async def test_a_file_with_another_hash_is_deleted(hub: Hub, target: Path, part: Path) -> None:
    hub.links = False
    with pytest.raises(FetchError, match="was deleted"):
        await fetch(hub, target, sha256="0" * 64)
    assert not target.exists()
    assert not part.exists()


async def test_a_body_without_end_is_cut_off(hub: Hub, target: Path, part: Path) -> None:
    hub.links = hub.announce = False
    with pytest.raises(FetchError, match="more than 1,000 bytes came"):
        await fetch(hub, target, size=1000)
    assert not part.exists()


async def test_a_file_that_has_no_room_is_not_begun(hub: Hub, target: Path) -> None:
    with pytest.raises(FetchError, match="needed"):
        await fetch(hub, target, size=1 << 44)
    assert hub.asked == []


@pytest.fixture
def small_files() -> Iterator[None]:
    """The system lets no file grow beyond 2 MiB."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * MIB, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("small_files")
async def test_a_disk_that_takes_no_more_is_said(hub: Hub, target: Path, part: Path) -> None:
    with pytest.raises(FetchError, match=r"after 2 MiB.*Make room"):
        await fetch(hub, target)
    assert part.read_bytes() == DATA[: 2 * MIB]


async def test_a_cancelled_download_keeps_its_part(hub: Hub, target: Path, part: Path) -> None:
    hub.stall, hub.cuts = asyncio.Event(), [3 * MIB]
    told = Told()
    task = asyncio.create_task(fetch(hub, target, told))
    await told.moved.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    hub.stall.set()
    hub.stall = None
    kept = part.stat().st_size
    assert kept >= MIB
    await fetch(hub, target)
    assert target.read_bytes() == DATA
    assert hub.requests[-1]["range"] == f"bytes={kept}-"


async def test_every_file_is_closed(hub: Hub, target: Path, part: Path) -> None:
    await fetch(hub, target)
    with pytest.raises(FetchError):
        await fetch(hub, target, sha256="0" * 64)
    held = {str(entry.resolve()) for entry in Path("/dev/fd").iterdir()}
    assert not {str(target), str(part)} & held
