"""What a boxed process can reach, tried from inside, with every belt and with each alone."""

from __future__ import annotations

import dataclasses
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from node.box.confinement import confine
from node.box.isolation import Isolation
from node.engines.launch import environment

PRISONER = (Path(__file__).parents[2] / "support" / "prisoner.py").read_text("utf-8")

NETWORK = ("speak TCP on loopback", "speak UDP on loopback", "call the node's control socket",
           "call an abstract socket", "send a local datagram")  # fmt: skip
FILES = ("read the home", "read the ledger", "list the data directory", "write the ledger", "write the model",
         "write a new file beside the model")  # fmt: skip
PROCESSES = ("see another process", "signal another process", "trace another process")
CALLS = ("change the ledger's mode", "start a program", "fork", "make a user namespace")
ALLOWED = ("read the model", "write in its own directory", "serve on a socket of its own", "start a thread",
           "signal itself")  # fmt: skip

HELD = {
    "the whole box": (*NETWORK, *FILES, *PROCESSES, *CALLS),
    "Landlock and seccomp": (*NETWORK, *FILES, *PROCESSES, *CALLS),
    "bubblewrap alone": (*NETWORK, *FILES, *PROCESSES, "change the ledger's mode"),
    "Landlock alone": ("speak TCP on loopback", "call an abstract socket", *FILES, *PROCESSES),
    "seccomp alone": (*NETWORK, *CALLS, "signal another process", "trace another process"),
}


def means(machine: Isolation, way: str) -> Isolation:
    return {
        "the whole box": machine,
        "Landlock and seccomp": replace(machine, bubblewrap=""),
        "bubblewrap alone": replace(machine, landlock=0, seccomp=False),
        "Landlock alone": replace(machine, bubblewrap="", seccomp=False),
        "seccomp alone": replace(machine, bubblewrap="", landlock=0),
        "nothing": Isolation(),
    }[way]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, object]]:
    """A node's house with everything that a prisoner would like to reach."""
    root = tmp_path_factory.mktemp("house")
    data, home, models = root / "data", root / "home", root / "models"
    for directory in (data, home, models, data / "engine"):
        directory.mkdir(mode=0o700)
    (home / "secret").write_text("the owner's")
    (data / "ledger.db").write_bytes(b"the books")
    (models / "model.gguf").write_bytes(b"GGUF")
    with ExitStack() as stack:
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        threading.Thread(target=echo, args=(udp,), daemon=True).start()
        for kind, address in (
            (socket.SOCK_STREAM, str(data / "control.sock")),
            (socket.SOCK_STREAM, f"\0{root}"),
            (socket.SOCK_DGRAM, str(data / "datagrams.sock")),
        ):
            server = stack.enter_context(socket.socket(socket.AF_UNIX, kind))
            server.bind(address)
            if kind == socket.SOCK_STREAM:
                server.listen()
        victim = subprocess.Popen([sys.executable, "-S", "-c", "input()"], stdin=subprocess.PIPE)
        try:
            yield {
                "tcp": tcp.getsockname()[1],
                "udp": udp.getsockname()[1],
                "control": str(data / "control.sock"),
                "abstract": str(root),
                "datagram": str(data / "datagrams.sock"),
                "secret": str(home / "secret"),
                "ledger": str(data / "ledger.db"),
                "model": str(models / "model.gguf"),
                "pid": victim.pid,
            }
        finally:
            victim.communicate(b"\n")


def echo(udp: socket.socket) -> None:
    while True:
        try:
            data, sender = udp.recvfrom(100)
        except OSError:
            return
        if not data:
            return
        udp.sendto(data, sender)


@pytest.fixture(scope="module")
def outcomes(
    machine: Isolation, house: Mapping[str, object], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, str]]:
    """What became of every attempt, by how the prisoner was held."""
    return {way: imprison(means(machine, way), house, tmp_path_factory) for way in (*HELD, "nothing")}


def imprison(
    isolation: Isolation, house: Mapping[str, object], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    own = tmp_path_factory.mktemp("own")
    own.chmod(0o700)
    surroundings = environment(own)
    private = Path(str(house["ledger"])).parent
    reach = confine(own, (Path(str(house["model"])),), private=private, environment=surroundings)
    belts = isolation.belts(reach)
    told = {
        "belts": None if belts is None else dataclasses.asdict(belts),
        "targets": {**house, "own": str(own)},
    }
    done = subprocess.run(
        isolation.wrap([sys.executable, "-P", "-c", PRISONER], reach),
        input=json.dumps(told) + "\n",
        env=surroundings,
        cwd=own,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, str] = json.loads(done.stdout)
    new = Path(str(house["model"])).with_name("new")
    if not new.exists():
        said["write a new file beside the model"] = "whatever it wrote, it did not come out"
    new.unlink(missing_ok=True)
    return said


@pytest.mark.parametrize(("way", "attempt"), [(way, attempt) for way, held in HELD.items() for attempt in held])
def test_it_cannot(outcomes: dict[str, dict[str, str]], way: str, attempt: str) -> None:
    assert outcomes[way][attempt] != "done"


@pytest.mark.parametrize("way", HELD)
def test_it_can_do_its_work(outcomes: dict[str, dict[str, str]], way: str) -> None:
    assert {attempt: outcomes[way][attempt] for attempt in ALLOWED} == dict.fromkeys(ALLOWED, "done")


@pytest.mark.parametrize("attempt", [*NETWORK, *FILES, *CALLS[:3], "see another process", "signal another process"])
def test_without_a_box_it_could_have(outcomes: dict[str, dict[str, str]], attempt: str) -> None:
    """The attempts are real ones: nothing but the box stops them."""
    assert outcomes["nothing"][attempt] == "done"


def test_what_it_wrote_in_its_own_directory_is_seen_outside(machine: Isolation, tmp_path: Path) -> None:
    reach = confine(tmp_path, (), private=tmp_path, environment=environment(tmp_path))
    command = machine.wrap(["/bin/sh", "-c", "echo kept > note"], reach)
    subprocess.run(command, env=environment(tmp_path), check=True)
    assert (tmp_path / "note").read_text() == "kept\n"
    assert [path.name for path in tmp_path.iterdir()] == ["note"]
