"""Speaks llama-server's part of HTTP on a Unix socket, so that what starts llama-servers can be tested without one.

It says the alphabet, and behaves as the file ``behaviour.json`` beside it says. Written into a directory by
`standin_server`, and started by that copy's first line.
"""

from __future__ import annotations

import json
import os
import socketserver
import sys
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

CARD = "I llama_prepare_model_devices: using device Vulkan0 (Stand-in 4090 (RADV)) (0000:01:00.0) - 24000 MiB free"
LAYERS = "I load_tensors: offloaded {} layers to GPU"


def standin_server(directory: Path, **behaviour: object) -> Path:
    """Put a stand-in into a directory; its path.

    Args:
        behaviour: ``layers`` such as ``2/3``, the share on the card; ``says`` instead of the alphabet; ``dies`` with
            (code, words) before it serves; ``escapes``: tries to become another program first.
    """
    directory.mkdir(parents=True, exist_ok=True)
    server = directory / "llama-server"
    server.write_text(f"#!{sys.executable} -SP\n" + Path(__file__).read_text())
    server.chmod(0o755)
    (directory / "behaviour.json").write_text(json.dumps(behaviour))
    return server


def main() -> None:
    behaviour = json.loads(Path(__file__).with_name("behaviour.json").read_text())
    words = sys.argv[1:]
    told = {word: words[place + 1 : place + 2] for place, word in enumerate(words) if word.startswith("--")}
    key = Path(told["--api-key-file"][0]).read_text().strip()
    Path("told.json").write_text(json.dumps([word for word in words if word != key]))
    if "dies" in behaviour:
        code, last = behaviour["dies"]
        print(last, file=sys.stderr, flush=True)
        os._exit(code)
    if behaviour.get("escapes"):
        Path("escaped.txt").write_text(_escape())
    layers = behaviour.get("layers", "3/3")
    if not layers.startswith("0/"):
        print(CARD, file=sys.stderr)
    print(LAYERS.format(layers), file=sys.stderr, flush=True)
    with Server(told["--host"][0], Handler) as server:
        server.key, server.says = key, behaviour.get("says", "")
        server.serve_forever()


def _escape() -> str:
    try:
        os.execv("/bin/true", ["true"])
    except OSError as error:
        return error.strerror


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    key = says = ""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def address_string(self) -> str:
        return "socket"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Standard error is for the card."""

    def do_GET(self) -> None:
        self._send("application/json", b'{"status": "ok"}')

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.headers["Authorization"] != f"Bearer {self.server.key}":
            self.send_response(401)
            self.end_headers()
            return
        count = asked["max_tokens"]
        after = ord(asked["prompt"][-1]) + 1
        text = self.server.says or "".join(chr(after + place) for place in range(count))
        pieces: list[dict[str, Any]] = [{"choices": [{"index": 0, "text": letter}]} for letter in text[:count]]
        pieces.append({"choices": [{"index": 0, "text": "", "finish_reason": "length"}]})
        pieces.append({"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": count}})
        lines = b"".join(b"data: " + json.dumps(piece).encode() + b"\n\n" for piece in pieces)
        self._send("text/event-stream", lines + b"data: [DONE]\n\n")
        if asked["prompt"] == "die":
            time.sleep(0.01)
            os._exit(7)

    def _send(self, kind: str, data: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


if __name__ == "__main__":
    main()
