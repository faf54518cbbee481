"""The log: for people or for programs, with the latest lines at hand, and never with a key in it."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from node import logs
from node.logs import LatestLines

KEY = "sk-stoker-Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MA"
log = logging.getLogger("node.tests")


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, raising = root.handlers[:], root.level, logging.raiseExceptions
    yield
    for handler in root.handlers:
        if handler not in handlers:
            handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.raiseExceptions = raising


def fail_with(secret: str) -> None:
    try:
        raise ValueError(f"refused: Bearer {secret}")
    except ValueError:
        log.exception("the request failed")


def written(directory: Path) -> str:
    return (directory / "node.log").read_text("utf-8")


def test_a_line_for_people_has_time_level_source_and_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.set_up("info", "human", tmp_path)
    log.info("the engine is %s", "ready")
    line = capsys.readouterr().err
    assert line.endswith("INFO    node.tests  the engine is ready\n")
    assert line == written(tmp_path)


def test_a_line_for_programs_is_one_json_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("info", "json", tmp_path)
    log.warning("two\nlines of %s", "ünïcode")
    said = json.loads(capsys.readouterr().err)
    assert said.pop("at") > 1.7e9
    assert said == {"level": "warning", "source": "node.tests", "message": "two\nlines of ünïcode"}


def test_nothing_goes_to_stdout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("debug", "human", tmp_path)
    log.debug("psst")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("form", ["human", "json"])
def test_a_key_in_a_message_is_blackened_everywhere(form: str, tmp_path: Path) -> None:
    latest = logs.set_up("info", form, tmp_path)
    log.info("refused %s", KEY)
    log.info('headers {"Authorization": "Bearer %s", "api_key": "%s"}', KEY[10:], KEY[12:])
    told = written(tmp_path) + "".join(line.message for line in latest.after(0, 10))
    assert KEY[8:] not in told
    assert KEY[12:] not in told
    assert "sk-stok[redacted]" in told


@pytest.mark.parametrize("form", ["human", "json"])
def test_a_key_in_a_traceback_is_blackened(form: str, tmp_path: Path) -> None:
    latest = logs.set_up("info", form, tmp_path)
    fail_with(KEY)
    text = written(tmp_path)
    assert "ValueError: refused: Bearer [redacted]" in text
    assert KEY not in text
    assert latest.after(0, 1)[0].message == "the request failed: ValueError: refused: Bearer [redacted]"


def test_a_blackened_line_is_still_json(tmp_path: Path) -> None:
    logs.set_up("info", "json", tmp_path)
    log.info('got "Bearer %s\\" and more', KEY[10:])
    assert json.loads(written(tmp_path))["message"].startswith('got "Bearer [redacted]')


def test_a_traceback_shows_no_local_values(tmp_path: Path) -> None:
    logs.set_up("info", "human", tmp_path)
    fail_with("hunter2hunter2")
    assert "hunter2" not in written(tmp_path)


def test_the_level_can_be_changed_while_running(tmp_path: Path) -> None:
    latest = logs.set_up("warning", "human", tmp_path)
    log.info("unheard")
    logs.set_level("debug")
    log.debug("heard")
    logs.set_level("error")
    log.warning("unheard again")
    assert [line.message for line in latest.after(0, 10)] == ["heard"]


def test_chatty_libraries_are_kept_down(tmp_path: Path) -> None:
    latest = logs.set_up("debug", "human", tmp_path)
    logging.getLogger("httpx").info("HTTP Request: POST …")
    assert latest.after(0, 10) == []


def test_the_latest_lines_are_numbered_bounded_and_asked_for_from_a_line_on() -> None:
    latest = LatestLines()
    for number in range(logs.KEPT_LINES + 10):
        latest.handle(logging.LogRecord("n", logging.INFO, "", 0, "line %d", (number,), None))
    assert [line.seq for line in latest.after(0, 3)] == [2008, 2009, 2010]
    assert len(latest.after(0, 100_000)) == logs.KEPT_LINES
    assert [line.message for line in latest.after(2009, 10)] == ["line 2009"]
    assert latest.after(2010, 10) == []


def test_a_long_line_is_cut() -> None:
    latest = LatestLines()
    latest.handle(logging.LogRecord("n", logging.INFO, "", 0, "x" * 100_000, (), None))
    assert len(latest.after(0, 1)[0].message) == 4000


def test_a_line_with_wrong_arguments_fails_nobody(tmp_path: Path) -> None:
    latest = logs.set_up("info", "human", tmp_path)
    log.info("%d jobs", "many")
    log.info("fine")
    assert [line.message for line in latest.after(0, 10)] == ["fine"]


def test_the_lines_can_be_read_while_other_threads_write() -> None:
    latest, stop = LatestLines(), threading.Event()

    def write() -> None:
        while not stop.is_set():
            latest.handle(logging.LogRecord("n", logging.INFO, "", 0, "line", (), None))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(300):
            latest.after(0, 10)
    finally:
        stop.set()
        writer.join()
    seen = [line.seq for line in latest.after(0, logs.KEPT_LINES)]
    assert seen == sorted(set(seen))


def test_the_file_rolls_over_and_stays_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "FILE_BYTES", 10_000)
    logs.set_up("info", "human", tmp_path)
    for _ in range(60):
        log.info("%s", "x" * 1000)
    files = list(tmp_path.iterdir())
    assert len(files) == logs.FILES + 1
    assert all(file.stat().st_size <= logs.FILE_BYTES for file in files)
