"""Tries to break out. Run as ``python -c``, told by one line of JSON what to fasten and where its targets are; answers
with one line: for each attempt ``done``, or what held it back."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from node.box.belts import Belts

CLONE_NEWUSER = 0x10000000
PTRACE_ATTACH, PTRACE_DETACH = 16, 17


def main() -> None:
    told = json.loads(sys.stdin.readline())
    if told["belts"] is not None:
        Belts.from_json(told["belts"]).fasten()
    targets = told["targets"]
    print(json.dumps({name: outcome(attempt, targets) for name, attempt in ATTEMPTS.items()}))


def outcome(attempt: Callable[[Any], object], targets: Any) -> str:
    try:
        attempt(targets)
    except (OSError, RuntimeError) as error:
        return f"{type(error).__name__}: {error}"
    return "done"


def speak_tcp(targets: Any) -> None:
    socket.create_connection(("127.0.0.1", targets["tcp"]), timeout=1).close()


def speak_udp(targets: Any) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.settimeout(0.3)
        sender.sendto(b"hello", ("127.0.0.1", targets["udp"]))
        sender.recv(10)


def speak_to(address: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        caller.connect(address)


def datagram_to(address: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as caller:
        caller.sendto(b"hello", address)


def change_mode(targets: Any) -> None:
    Path(targets["ledger"]).chmod(0o600)


def write(path: str) -> None:
    with Path(path).open("r+b"):
        pass


def start_program(_: Any) -> None:
    os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)


def fork(_: Any) -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def call(name: str, *arguments: Any) -> int:
    result = int(getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments))
    if result == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def trace(targets: Any) -> None:
    call("ptrace", PTRACE_ATTACH, targets["pid"], None, None)
    os.waitpid(targets["pid"], 0)
    call("ptrace", PTRACE_DETACH, targets["pid"], None, None)


def start_thread(_: Any) -> None:
    thread = threading.Thread(target=threading.get_native_id)
    thread.start()
    thread.join()


def serve(targets: Any) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(f"{targets['own']}/prisoner.sock")
        server.listen()


ATTEMPTS: dict[str, Callable[[Any], object]] = {
    "speak TCP on loopback": speak_tcp,
    "speak UDP on loopback": speak_udp,
    "call the node's control socket": lambda targets: speak_to(targets["control"]),
    "call an abstract socket": lambda targets: speak_to("\0" + targets["abstract"]),
    "send a local datagram": lambda targets: datagram_to(targets["datagram"]),
    "read the home": lambda targets: Path(targets["secret"]).read_bytes(),
    "read the ledger": lambda targets: Path(targets["ledger"]).read_bytes(),
    "list the data directory": lambda targets: list(Path(targets["ledger"]).parent.iterdir()),
    "write the ledger": lambda targets: write(targets["ledger"]),
    "change the ledger's mode": change_mode,
    "write the model": lambda targets: write(targets["model"]),
    "write a new file beside the model": lambda targets: Path(targets["model"]).with_name("new").touch(),
    "see another process": lambda targets: Path(f"/proc/{targets['pid']}/environ").read_bytes(),
    "signal another process": lambda targets: os.kill(targets["pid"], signal.SIGCONT),
    "trace another process": trace,
    "start a program": start_program,
    "fork": fork,
    "make a user namespace": lambda _: call("unshare", CLONE_NEWUSER),
    "read the model": lambda targets: Path(targets["model"]).read_bytes(),
    "write in its own directory": lambda targets: Path(targets["own"], "note").write_text("kept"),
    "serve on a socket of its own": serve,
    "start a thread": start_thread,
    "signal itself": lambda _: os.kill(os.getpid(), signal.SIGCONT),
}

main()
