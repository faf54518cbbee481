"""The control socket: only its owner gets in, by the file's mode and by the kernel's word on who calls."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest
from patience import PATIENCE
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from node.control.address import MAX_SOCKET_PATH, Address
from node.control.app import build_app
from node.control.server import ControlServer, peer_of

NOBODY = 65534

CALL = """
import os, socket, sys
if os.geteuid() == 0: os.setuid(int(sys.argv[2]))
peer = socket.socket(socket.AF_UNIX)
try: peer.connect(sys.argv[1])
except PermissionError: sys.exit("kept out")
peer.sendall(b"GET /who HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n")
print(peer.makefile().read())
"""


async def who(request: Request) -> JSONResponse:
    return JSONResponse(peer_of(request.scope))


@pytest.fixture
def home() -> Iterator[Path]:
    """Below a directory that every user can enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="stoker-") as name:
        Path(name).chmod(0o755)
        home = Path(name) / "home"
        home.mkdir(mode=0o700)
        yield home


@asynccontextmanager
async def served(home: Path, app: Starlette | None = None) -> AsyncIterator[Path]:
    address = Address(home)
    server = ControlServer(app or build_app([Route("/who", who)]), address)
    server.bind()
    running = asyncio.create_task(server.run())
    await asyncio.sleep(0)
    try:
        yield address.socket
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


def call(path: Path, uid: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", CALL, str(path), str(uid)], capture_output=True, text=True, timeout=10, check=False
    )


def over(path: Path) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(uds=str(path)), base_url="http://node")


async def test_the_socket_and_its_directory_are_the_owners_alone(home: Path) -> None:
    async with served(home) as path:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_ISSOCK(path.stat().st_mode)
        assert stat.S_IMODE(home.stat().st_mode) == 0o700


async def test_a_wide_umask_does_not_widen_the_socket(home: Path) -> None:
    before = os.umask(0)
    try:
        async with served(home) as path:
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            assert os.umask(0) == 0
    finally:
        os.umask(before)


async def test_a_directory_that_others_can_enter_is_refused(home: Path) -> None:
    home.chmod(0o755)
    with pytest.raises(PermissionError, match="must belong to you alone"):
        ControlServer(build_app([]), Address(home)).bind()


async def test_the_kernel_says_who_calls(home: Path) -> None:
    async with served(home) as path, over(path) as client:
        assert (await client.get("/who")).json() == [os.getuid(), os.getpid()]


async def test_another_user_is_kept_out_by_the_file_mode(home: Path) -> None:
    """Where the tests do not run as root, the caller is the owner, and the mode alone is what can be checked."""
    async with served(home) as path:
        done = await asyncio.to_thread(call, path, NOBODY)
        if os.geteuid() == 0:
            assert done.stderr.strip() == "kept out"
        else:
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


async def test_another_user_is_refused_even_where_the_modes_would_let_him_in(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the tests do not run as root, the node takes itself for somebody else's instead."""
    async with served(home) as path:
        home.chmod(0o755)
        path.chmod(0o666)
        if os.geteuid() != 0:
            monkeypatch.setattr(os, "getuid", lambda: NOBODY)
        done = await asyncio.to_thread(call, path, NOBODY)
    assert done.stdout.startswith("HTTP/1.1 403"), done
    assert "this node belongs to another user" in done.stdout


async def test_what_a_dead_node_left_is_taken_over(home: Path) -> None:
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(str(home / "control.sock"))
    dead.close()
    async with served(home) as path, over(path) as client:
        assert (await client.get("/who")).status_code == 200


async def test_the_socket_is_gone_when_the_server_has_ended(home: Path) -> None:
    async with served(home) as path:
        assert path.exists()
    assert not path.exists()


async def test_a_data_directory_with_a_long_path_has_its_socket_elsewhere(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(home))
    deep = home / ("d" * 120)
    deep.mkdir(mode=0o700)
    path = Address(deep).socket
    assert len(os.fsencode(path)) <= MAX_SOCKET_PATH + 40
    assert path.parent != deep
    assert Address(home / ("e" * 120)).socket != path
    async with served(deep) as served_at, over(served_at) as client:
        assert (await client.get("/who")).status_code == 200
        assert stat.S_IMODE(served_at.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "noise",
    [
        b"\x00\xff\xfe" * 100,
        b"GET / HTTP/1.1\r\nX: " + b"y" * 200_000,
        b"POST /who HTTP/1.1\r\nContent-Length: x\r\n\r\n",
    ],
)
async def test_noise_ends_its_connection_and_nothing_else(home: Path, noise: bytes) -> None:
    async with served(home) as path:
        reader, writer = await asyncio.open_unix_connection(str(path))
        writer.write(noise)
        async with asyncio.timeout(PATIENCE):
            with suppress(ConnectionError):
                assert b"200 OK" not in await reader.read()
        writer.close()
        async with over(path) as client:
            assert (await client.get("/who")).status_code == 200


@pytest.fixture
def as_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Address, "uses_tcp", property(lambda self: True))


@pytest.mark.usefixtures("as_windows")
async def test_without_unix_sockets_a_token_in_a_private_file_opens_loopback(home: Path) -> None:
    async with served(home):
        file = home / "control.tcp"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        port, token = file.read_text().split()
        assert len(token) == 64
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            known = await client.get("/who", headers={"Authorization": f"Bearer {token}"})
            assert known.status_code == 200
            for headers in (
                {},
                {"Authorization": f"Bearer {token[:-1]}0x"},
                {"Authorization": "Bearer ÿ".encode("latin-1")},
            ):
                assert (await client.get("/who", headers=headers)).status_code == 403  # type: ignore[arg-type]
    assert not file.exists()
