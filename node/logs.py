"""The node's log: one stream for people or for programs, a file that rolls over, and the latest lines in memory."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections import deque
from contextlib import nullcontext
from logging.handlers import RotatingFileHandler
from pathlib import Path

from node.control.wire import LogLine

KEPT_LINES = 2000
FILE_BYTES = 4 << 20
FILES = 3

SECRETS = re.compile(r"\b(sk-[A-Za-z0-9_-]{4})[A-Za-z0-9_-]{8,}|(?i:(bearer )|(api_?key[\"'=: ]+))[^\s\"',}]{6,}")


class HumanFormatter(logging.Formatter):
    """``12:41:07 INFO    engine  ready``, without the text of exceptions' locals."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s  %(message)s", "%Y-%m-%d %H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


class JsonFormatter(logging.Formatter):
    """One JSON object a line: at, level, source, message, and the traceback if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, object] = {
            "at": round(record.created, 3),
            "level": record.levelname.lower(),
            "source": record.name,
            "message": redact(record.getMessage()),
        }
        if record.exc_info:
            said["traceback"] = redact(self.formatException(record.exc_info))
        return json.dumps(said, ensure_ascii=False)


class LatestLines(logging.Handler):
    """The newest lines, numbered, for whoever asks the control API."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: deque[LogLine] = deque(maxlen=KEPT_LINES)
        self._next = 1

    def emit(self, record: logging.LogRecord) -> None:
        try:
            message = record.getMessage()
        except Exception:
            self.handleError(record)  # what is logged badly must not fail whoever logs
            return
        if record.exc_info and record.exc_info[1] is not None:
            message = f"{message}: {type(record.exc_info[1]).__name__}: {record.exc_info[1]}"
        line = LogLine(self._next, record.created, record.levelname.lower(), record.name, redact(message)[:4000])
        self._lines.append(line)
        self._next += 1

    def after(self, seq: int, limit: int) -> list[LogLine]:
        """The last ``limit`` lines that came after line ``seq``."""
        with self.lock or nullcontext():  # other threads log, too
            return [line for line in self._lines if line.seq > seq][-limit:]


def redact(text: str) -> str:
    """Blacken what looks like a key, should one ever slip into a message."""
    return SECRETS.sub(lambda found: f"{found[1] or found[2] or found[3]}[redacted]", text)


def set_up(level: str, form: str, directory: Path) -> LatestLines:
    """Log to stderr, to ``node.log`` in a directory, and to memory."""
    formatter = JsonFormatter() if form == "json" else HumanFormatter()
    latest = LatestLines()
    rolling = RotatingFileHandler(directory / "node.log", maxBytes=FILE_BYTES, backupCount=FILES, encoding="utf-8")
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr), rolling, latest]
    root = logging.getLogger()
    for handler in handlers:
        handler.setFormatter(formatter)
    root.handlers[:] = handlers
    logging.raiseExceptions = False  # a full disk must not turn every log line into a traceback
    set_level(level)
    for noisy in ("httpx", "httpcore", "uvicorn", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    return latest


def set_level(level: str) -> None:
    """How much is told: debug, info, warning or error."""
    logging.getLogger().setLevel(level.upper())
