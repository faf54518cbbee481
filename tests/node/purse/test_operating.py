"""The secrets that a node works with: open after a reboot, without a keyring, a login or a passphrase."""

from __future__ import annotations

import os
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from patience import PATIENCE
from running_node import prepare, running_node

from node.purse.operating import open_all
from wallet.home import SECRETS, open_operating_secrets
from wallet.keystore.sealed import Place
from wallet.secret import Secret

TOKEN = "canary-network-key"


def test_what_was_kept_is_opened(tmp_path: Path) -> None:
    open_operating_secrets(tmp_path).put("horde", Secret(TOKEN))
    opened = open_all(tmp_path)
    assert opened.secrets == {"horde": Secret(TOKEN)}
    assert opened.places == {"horde": Place.HOST_SEALED}


def test_nothing_kept_is_nothing_opened(tmp_path: Path) -> None:
    assert open_all(tmp_path).secrets == {}
    assert not (tmp_path / SECRETS).exists()


def test_one_that_is_damaged_keeps_no_other_back(tmp_path: Path) -> None:
    kept = open_operating_secrets(tmp_path)
    kept.put("horde", Secret(TOKEN))
    kept.put("aipg", Secret(TOKEN))
    file = tmp_path / SECRETS / "aipg.sealed"
    file.write_bytes(file.read_bytes()[:-1])
    opened = open_all(tmp_path)
    assert list(opened.secrets) == ["horde"]
    assert "enter the secret again" in opened.problems["aipg"]


def test_the_credentials_directory_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_operating_secrets(tmp_path).put("horde", Secret("old"))
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / "stoker-secret-horde").write_text(TOKEN)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "credentials"))
    opened = open_all(tmp_path)
    assert (opened.secrets["horde"], opened.places["horde"]) == (Secret(TOKEN), Place.CREDENTIALS)


class Server(HTTPServer):
    """An OpenAI-compatible server that knows whether it was asked with the right key."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.right_key = threading.Event()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()


class Answers(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        if self.headers.get("Authorization") == f"Bearer {TOKEN}":
            self.server.right_key.set()
        body = b'{"object": "list", "data": [{"id": "theirs", "object": "model"}]}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_new_process_uses_its_key_without_keyring_and_passphrase(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with Server() as server:
        url = f"http://127.0.0.1:{server.server_port}/v1"
        prepare(data, model=False, engine={"kind": "openai", "url": url})
        open_operating_secrets(data).put("engine", Secret(TOKEN))
        assert "DBUS_SESSION_BUS_ADDRESS" not in os.environ
        with running_node(data) as node:
            assert server.right_key.wait(PATIENCE)
            checks = {check["name"]: check for check in node.control.get("/doctor")["checks"]}
            assert checks["secret engine"]["status"] == "ok"
            assert "protects copies and backups, not this account" in checks["secret engine"]["detail"]
            assert TOKEN not in node.said()
        server.shutdown()
    kept = b"".join(path.read_bytes() for path in data.rglob("*") if path.is_file())
    assert TOKEN.encode() not in kept
