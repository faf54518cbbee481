"""The client against a real node over its real socket, and against nodes that are absent, newer or dying."""

from __future__ import annotations

import itertools
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from running_node import RunningNode, running_node
from scripted_control import Answer, ScriptedControl

from node.control.client import ControlClient, NodeAbsent, OfflineClient, Refused, WireError
from node.control.wire import PROTOCOL, JobState, LedgerEvent, Snapshot, StateWord


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    with running_node(tmp_path_factory.mktemp("client")) as node:
        node.ready()
        node.complete()
        node.receipt(1)
        yield node


def refusal(call: object, *arguments: object, **named: object) -> Refused:
    assert callable(call)
    with pytest.raises(Refused) as refused:
        call(*arguments, **named)
    return refused.value


def test_the_state_is_a_whole_snapshot(node: RunningNode) -> None:
    state = node.control.state()
    assert isinstance(state, Snapshot)
    assert (state.node.pid, state.node.data_dir) == (node.pid, str(node.directory))
    assert state.engines[0].models == ("tiny",)


def test_the_history_is_for_charts(node: RunningNode) -> None:
    history = node.control.history()
    assert len(history.tokens_per_second) == len(history.busy_slots)


def test_jobs_entries_and_lives_are_wire_models(node: RunningNode) -> None:
    (job,) = node.control.jobs(limit=1, before=2, network="local")
    assert (job.number, job.state) == (1, JobState.DONE)
    life = node.control.job(1)
    assert life.job == job
    assert [event.kind for event in life.life] == ["job_accepted", "job_finished"]
    assert node.control.entries(after=0, limit=1)[0].kind == "node_started"
    assert node.control.text("/jobs.csv", limit=1).startswith("number,id,network")


def test_the_log_can_be_followed_by_number(node: RunningNode) -> None:
    lines = node.control.logs(limit=1000)
    assert any("the node is up" in line.message for line in lines)
    assert node.control.logs(after=lines[-1].seq) == []


def test_settings_are_read_and_changed(node: RunningNode) -> None:
    assert node.control.change_setting("node.name", "ember").value == "ember"
    assert next(view for view in node.control.settings() if view.key == "node.name").source == "file"
    assert node.control.change_setting("node.name", None).source == "default"


def test_a_live_setting_takes_effect_at_once(node: RunningNode) -> None:
    node.control.change_setting("node.log_level", "error")
    node.control.command("pause")
    node.control.command("resume")
    seen = node.control.logs(limit=1)[-1].seq
    node.control.change_setting("node.log_level", None)
    node.control.command("pause")
    node.until(lambda state: state.state.word is StateWord.RESTING and bool(node.control.logs(after=seen)))
    node.control.command("resume")


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("node.nam", "x", "node.nam: there is no such setting; did you mean node.name?"),
        ("engine.slots", "many", "engine.slots: got 'many'; expected a whole number"),
        ("engine.slots", "0", "stoker.toml: engine.slots: got 0; expected greater than or equal to 1"),
    ],
)
def test_a_setting_that_does_not_fit_is_refused_with_what_was_expected(
    node: RunningNode, key: str, value: str, words: str
) -> None:
    refused = refusal(node.control.change_setting, key, value)
    assert (refused.status, refused.code, refused.message) == (400, "bad_setting", words)


def test_a_refusal_has_a_code_a_message_and_a_remedy(node: RunningNode) -> None:
    refused = refusal(node.control.job, 999)
    assert (refused.status, refused.code, refused.remedy) == (404, "unknown_job", "stoker jobs")
    assert refused.message == "there is no job 999 in the books"


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/commands/pause", [], "bad_json"),
        ("/commands/pause", {"key": "key-000001", "arguments": []}, "bad_argument"),
        ("/commands/pause", {"key": "no"}, "bad_key"),
        ("/commands/pause", {"key": "key-000002", "arguments": {"reason": 5}}, "bad_argument"),
        ("/commands/pause", {"key": "key-000003", "arguments": {"reason": "x" * (1 << 20)}}, "too_large"),
        ("/commands/dance", {"key": "key-000004"}, "unknown_command"),
        ("/models/pull", {"name": 5}, "bad_argument"),
        ("/models/pull", {"name": "nobodys-model"}, "model"),
        ("/models/import", {"path": "relative.gguf"}, "bad_argument"),
        ("/models/import", {"path": "/x.gguf", "name": 5}, "bad_argument"),
    ],
)
def test_a_bad_body_is_refused_with_its_code(node: RunningNode, path: str, body: object, code: str) -> None:
    assert refusal(node.control.call, "POST", path, body).code == code


def test_commands_do_what_they_say_once_and_are_written_down_with_who_gave_them(node: RunningNode) -> None:
    before = len(node.control.entries(kind="owner_command", limit=1000))
    for _ in range(3):
        assert node.control.command("pause", key="pause-once", reason="playing") == {"jobs": 0}
    assert node.control.state().state.reason == "paused by you: playing"
    node.control.command("resume")
    assert node.control.state().state.word is StateWord.WAITING
    written = node.control.entries(kind="owner_command", limit=1000)[before:]
    assert [entry.body["command"] for entry in written] == ["pause", "resume"]
    assert json.loads(str(written[0].body["arguments"])) == {"reason": "playing"}
    assert (written[0].body["uid"], written[0].body["pid"]) == (os.getuid(), os.getpid())
    assert refusal(node.control.command, "resume", key="pause-once").code == "key_reused"


def test_a_running_job_can_be_cancelled_by_number(node: RunningNode) -> None:
    with node.stream():
        (job,) = node.control.state().jobs
        node.control.command("cancel_job", number=job.number)
        ended = node.receipt(job.number)
    assert (ended.state, ended.reason) == (JobState.CANCELLED, "cancelled by you")
    assert refusal(node.control.command, "cancel_job", number=job.number).code == "not_in_hand"


def test_a_command_that_cannot_be_done_says_what_to_do(node: RunningNode) -> None:
    refused = refusal(node.control.command, "use_model", name="nemo")
    assert (refused.status, refused.remedy) == (409, "stoker model pull nemo")


def test_a_command_over_damaged_settings_says_where(tmp_path: Path) -> None:
    with running_node(tmp_path) as node:
        node.ready()
        (tmp_path / "stoker.toml").write_text("[engine\n")
        refused = refusal(node.control.command, "use_model", name="tiny")
        assert (refused.status, refused.code) == (400, "bad_setting")
        assert "stoker.toml: is not TOML" in refused.message


def test_keys_are_made_shown_once_and_revoked(node: RunningNode) -> None:
    made = node.control.command("new_key", name="phone", requests_per_minute=60)
    assert made["key"].startswith("sk-")
    (listed,) = node.control.get("/access")["keys"]
    assert (listed["name"], listed["requests_per_minute"]) == ("phone", 60)
    assert made["key"] not in json.dumps(listed)
    assert made["key"] not in json.dumps([entry.body for entry in node.control.entries(limit=1000)])
    assert refusal(node.control.command, "new_key", name="phone").status == 409
    node.control.command("revoke_key", name="phone")
    assert node.control.get("/access")["keys"] == []


def test_models_are_listed_with_how_they_fit(node: RunningNode) -> None:
    listed = node.control.get("/models")
    (tiny,) = listed["installed"]
    assert (tiny["name"], tiny["served"]) == ("tiny", True)
    assert {"level", "total", "available", "sentence"} == set(tiny["fit"])
    assert all(entry["size"] > 0 and entry["licence"] for entry in listed["catalogue"])


def test_a_file_that_is_no_model_is_told_in_the_stream(node: RunningNode, tmp_path: Path) -> None:
    (tmp_path / "x.gguf").write_text("not a model")
    with node.control.stream("/models/import", {"path": str(tmp_path / "x.gguf")}) as answer:
        last = json.loads(list(answer)[-1])
    assert "GGUF" in last["error"]["message"]


def test_the_doctor_examines(node: RunningNode) -> None:
    checks = {check["name"]: check["status"] for check in node.control.get("/doctor")["checks"]}
    assert checks["SQLite"] == checks["data directory"] == checks["model"] == "ok"


def test_the_events_begin_with_a_snapshot_and_go_on_twice_a_second(node: RunningNode) -> None:
    first, second, third = itertools.islice(
        (event for event in node.control.events() if isinstance(event, Snapshot)), 3
    )
    assert first.tick < second.tick < third.tick
    assert 0.3 < third.at - second.at < 2


def test_events_resume_behind_the_last_one_without_loss_or_doubling(node: RunningNode) -> None:
    """A client that is cut off again and again while jobs are running hears of every entry once."""
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            node.complete(tokens=1)

    reached = start = node.control.entries(limit=1000)[-1].seq
    heard: list[int] = []
    worker = threading.Thread(target=work)
    worker.start()
    try:
        for _ in range(5):
            events = (event for event in node.control.events(after=reached) if isinstance(event, LedgerEvent))
            heard += [event.seq for event in itertools.islice(events, 20)]
            reached = heard[-1]
    finally:
        stop.set()
        worker.join()
    assert heard == list(range(start + 1, start + 101))


@pytest.mark.parametrize("sent", ["-1", "x", "9" * 25])
def test_an_entry_number_that_is_none_is_refused(node: RunningNode, sent: str) -> None:
    with pytest.raises(Refused, match="Last-Event-ID: got"):
        next(node.control.events(after=sent))  # type: ignore[arg-type]


def test_no_node_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(NodeAbsent, match=f"no node answers in {tmp_path}"):
        ControlClient(tmp_path).state()


def test_a_directory_that_is_a_file_has_no_node(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NodeAbsent):
        ControlClient(tmp_path / "file").state()


def test_a_node_that_left_its_socket_behind_is_absent(tmp_path: Path) -> None:
    with running_node(tmp_path, model=False) as node:
        node.process.kill()
        node.ended()
        assert (tmp_path / "control.sock").exists()
        with pytest.raises(NodeAbsent):
            node.control.state()


def test_a_stream_ends_when_the_node_does(tmp_path: Path) -> None:
    with running_node(tmp_path, model=False) as node:
        events = node.control.events()
        next(events)
        node.control.command("stop")
        assert all(isinstance(event, Snapshot | LedgerEvent) for event in events)


def test_a_stream_that_breaks_off_ends_and_never_waits(tmp_path: Path) -> None:
    with running_node(tmp_path, model=False) as node:
        events = node.control.events()
        next(events)
        node.process.kill()
        assert all(isinstance(event, Snapshot | LedgerEvent) for event in events)
        with pytest.raises(NodeAbsent):
            next(node.control.events())


@pytest.fixture
def scripted() -> Iterator[ScriptedControl]:
    with ScriptedControl() as control:
        yield control


def test_a_newer_protocol_is_refused_by_name(scripted: ScriptedControl) -> None:
    hello = f'event: hello\ndata: {{"protocol": {PROTOCOL + 1}}}\n\n'.encode()
    scripted.on("GET", "/events", Answer([hello]))
    with pytest.raises(WireError, match=f"the node speaks control protocol {PROTOCOL + 1}, this program {PROTOCOL}"):
        next(ControlClient(scripted.directory).events())


def test_events_that_are_not_known_are_passed_over(scripted: ScriptedControl) -> None:
    event = '{"seq": 7, "at": 1, "kind": "k", "hash": "00", "summary": "s", "mood": 1}'
    pieces = [b"event: weather\ndata: {}\n\n: comment\n\n", f"id: 7\nevent: ledger\ndata: {event}\n\n".encode()]
    scripted.on("GET", "/events", Answer(pieces))
    (heard,) = ControlClient(scripted.directory).events()
    assert isinstance(heard, LedgerEvent)
    assert heard.seq == 7


def test_a_state_of_the_wrong_shape_is_named(scripted: ScriptedControl) -> None:
    scripted.on("GET", "/state", {"at": 1})
    with pytest.raises(WireError, match=r"Snapshot\.tick: is missing"):
        ControlClient(scripted.directory).state()


def test_a_refusal_that_is_no_json_is_shown_as_it_is(scripted: ScriptedControl) -> None:
    scripted.on("GET", "/state", Answer([b"the house is on fire"], 500))
    assert refusal(ControlClient(scripted.directory).state).message == "the house is on fire"


def test_without_a_node_the_books_answer_offline(tmp_path: Path) -> None:
    with running_node(tmp_path, model=False):
        pass
    offline = OfflineClient(tmp_path)
    assert offline.entries()[0].kind == "node_started"
    assert refusal(offline.job, 1).code == "unknown_job"
    assert offline.change_setting("node.name", "ember").value == "ember"
    with pytest.raises(NodeAbsent):
        next(offline.events())
