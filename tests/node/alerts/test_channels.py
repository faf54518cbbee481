from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from pathlib import Path

import psutil
import pytest
from loopback import Loopback
from patience import PATIENCE
from until import until

from node.alerts import Heartbeat, Notice, Post, Undelivered, build_channels
from node.alerts.programs import Command, Desktop
from node.alerts.web import Ntfy, Webhook
from node.config import AlertSettings, ConfigError
from node.hardware.health import Alarm, Severity
from wallet.secret import Secret

ALARM = Alarm("fan GPU-0", Severity.GRAVE, "GPU 0 (RTX 4090)", "fan stands still", "0 % at 70 °C <b>", "look", 1e9)
BEGUN, OVER = Notice("rig", True, ALARM, 1e9 + 20), Notice("rig", False, ALARM, 1e9 + 90)


async def received(server: Loopback, count: int) -> list[object]:
    return await asyncio.to_thread(server.wait_for, count)  # type: ignore[return-value]


async def test_a_webhook_gets_the_whole_alarm_as_json(server: Loopback) -> None:
    await Webhook(server.address + "/hook").deliver(BEGUN)
    (request,) = server.received
    assert (request.method, request.path, request.headers["Content-Type"]) == ("POST", "/hook", "application/json")
    said = json.loads(request.body)
    assert (said["event"], said["node"], said["severity"]) == ("alarm", "rig", "grave")
    assert (said["device"], said["title"], said["evidence"]) == (ALARM.device, ALARM.title, ALARM.evidence)
    assert said["text"].startswith("rig: GPU 0 (RTX 4090) fan stands still. ")


async def test_ntfy_gets_topic_title_text_and_priority(server: Loopback) -> None:
    await Ntfy(server.address + "/my-topic", Secret("tk_123")).deliver(BEGUN)
    await Ntfy(server.address + "/base/my-topic").deliver(OVER)
    begun, over = server.received
    assert (begun.path, begun.headers["Authorization"]) == ("/", "Bearer tk_123")
    said = json.loads(begun.body)
    assert (said["topic"], said["priority"]) == ("my-topic", 5)
    assert said["title"] == BEGUN.headline
    assert (over.path, json.loads(over.body)["priority"]) == ("/base/", 3)
    assert "Authorization" not in over.headers


@pytest.mark.parametrize("status", [302, 404, 500])
async def test_an_answer_that_is_no_yes_is_not_a_delivery(server: Loopback, status: int) -> None:
    server.status = status
    with pytest.raises(Undelivered, match=str(status)):
        await Webhook(server.address).deliver(BEGUN)


async def test_a_server_that_is_not_there_is_named_by_no_address() -> None:
    with pytest.raises(Undelivered) as refused:
        await Webhook("http://127.0.0.1:1/secret-path").deliver(BEGUN)
    assert "secret-path" not in str(refused.value)


async def test_a_command_gets_the_alarm_on_its_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOKER_SECRET", "must not be passed on")
    out = tmp_path / "said"
    code = "import os,sys; open(sys.argv[1],'w').write(sys.stdin.read() + str('STOKER_SECRET' in os.environ))"
    await Command([sys.executable, "-c", code, str(out)]).deliver(BEGUN)
    assert out.read_text() == BEGUN.document() + "False"


async def test_a_command_that_fails_is_no_delivery() -> None:
    with pytest.raises(Undelivered, match="ended with 3"):
        await Command([sys.executable, "-c", "import sys; sys.stdin.read(); sys.exit(3)"]).deliver(BEGUN)
    with pytest.raises(Undelivered, match="cannot be started"):
        await Command(["/not/here"]).deliver(BEGUN)


async def test_a_command_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    code = (
        "import subprocess,sys; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
        f"open({str(note)!r}, 'w').write(str(child.pid)); child.wait()"
    )
    with pytest.raises(Undelivered, match="did not end"):
        await Command([sys.executable, "-c", code], limit=1.0).deliver(BEGUN)
    child = int(note.read_text())
    end = time.monotonic() + 5
    while psutil.pid_exists(child) and psutil.Process(child).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < end
        await asyncio.sleep(0.01)


def program(folder: Path, name: str, code: str) -> Path:
    path = folder / name
    path.write_text(f"#!{sys.executable}\n{code}\n")
    path.chmod(0o755)
    return path


async def test_the_desktop_shows_headline_and_escaped_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "shown"
    program(tmp_path, "notify-send", f"import json,sys; json.dump(sys.argv[1:], open({str(out)!r}, 'w'))")
    desktop = Desktop.here({"PATH": str(tmp_path), "DISPLAY": ":0"})
    assert desktop is not None
    await desktop.deliver(BEGUN)
    *options, headline, text = json.loads(out.read_text())
    assert options == ["--app-name=Stoker", "--urgency=critical", "--"]
    assert headline == BEGUN.headline
    assert "&lt;b&gt;" in text


def test_without_a_session_or_the_program_there_is_no_desktop(tmp_path: Path) -> None:
    assert Desktop.here({"PATH": str(tmp_path), "DISPLAY": ":0"}) is None
    program(tmp_path, "notify-send", "")
    assert Desktop.here({"PATH": str(tmp_path)}) is None


def test_the_settings_say_which_channels_there_are(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("tk_1\n")
    chosen = AlertSettings(
        desktop=False, webhook="https://a.example/x", ntfy="https://ntfy.sh/t", ntfy_token_file=str(token),
        command=("/bin/true",),
    )  # fmt: skip
    assert [channel.name for channel in build_channels(chosen)] == ["webhook", "ntfy", "command"]
    assert build_channels(AlertSettings(desktop=False)) == []
    with pytest.raises(ConfigError, match=r"alerts\.ntfy_token_file"):
        build_channels(AlertSettings(desktop=False, ntfy="https://ntfy.sh/t", ntfy_token_file=str(tmp_path / "no")))


class Slow:
    """A channel that refuses a few times, or for ever."""

    def __init__(self, name: str, refusals: int) -> None:
        self.name = name
        self.refusals = refusals
        self.taken: list[Notice] = []
        self.done = asyncio.Event()

    async def deliver(self, notice: Notice) -> None:
        if self.refusals > 0:
            self.refusals -= 1
            raise Undelivered("not now")
        self.taken.append(notice)
        self.done.set()


async def test_a_message_that_is_not_taken_is_tried_again() -> None:
    channel = Slow("patient", 2)
    post = Post([channel], pauses=(0.0, 0.0, 0.0))
    running = asyncio.create_task(post.run())
    post.send(BEGUN)
    await asyncio.wait_for(channel.done.wait(), PATIENCE)
    running.cancel()
    assert channel.taken == [BEGUN]


async def test_a_channel_that_never_answers_holds_up_no_other(caplog: pytest.LogCaptureFixture) -> None:
    broken, good = Slow("broken", 10**6), Slow("good", 0)
    post = Post([broken, good], pauses=(0.0,))
    running = asyncio.create_task(post.run())
    with caplog.at_level(logging.WARNING):
        post.send(BEGUN)
        await asyncio.wait_for(good.done.wait(), PATIENCE)
        await until(lambda: "broken did not take" in caplog.text)
    running.cancel()
    assert good.taken == [BEGUN]


async def test_where_too_many_wait_the_oldest_is_dropped() -> None:
    channel = Slow("late", 0)
    post = Post([channel])
    notices = [Notice("rig", True, ALARM, float(number)) for number in range(60)]
    for notice in notices:
        post.send(notice)
    running = asyncio.create_task(post.run())
    await until(lambda: len(channel.taken) == 50)
    running.cancel()
    assert channel.taken == notices[10:]


async def test_the_heart_beats_while_all_is_well_and_not_otherwise(server: Loopback) -> None:
    well = [True]
    running = asyncio.create_task(Heartbeat(server.address + "/beat", 0.02, lambda: well[0]).run())
    requests = await received(server, 3)
    well[0] = False
    await asyncio.sleep(0.1)
    count = len(server.received)
    await asyncio.sleep(0.1)
    assert len(server.received) == count
    well[0] = True
    await received(server, count + 1)
    running.cancel()
    assert {(request.method, request.path) for request in requests} == {("GET", "/beat")}  # type: ignore[attr-defined]


async def test_a_heartbeat_that_does_not_arrive_is_said_once(
    server: Loopback, caplog: pytest.LogCaptureFixture
) -> None:
    server.status = 500
    running = asyncio.create_task(Heartbeat(server.address, 0.01, lambda: True).run())
    with caplog.at_level(logging.WARNING):
        await received(server, 4)
    running.cancel()
    assert caplog.text.count("the heartbeat did not arrive") == 1
    assert "127.0.0.1" not in caplog.text
