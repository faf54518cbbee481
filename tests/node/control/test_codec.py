"""Wire models go through JSON unharmed; unknown fields pass, wrong types are named."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.control.codec import WireError, decode, encode
from node.control.wire import (
    Counts,
    Earning,
    EngineView,
    GpuReading,
    HardwareReading,
    History,
    HostReading,
    JobState,
    JobView,
    LedgerEvent,
    LogLine,
    NodeView,
    QueueView,
    SettingView,
    Snapshot,
    StateLine,
    StateWord,
    Today,
    Transfer,
)

text = st.text(max_size=8)
finite = st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(st.none() | st.booleans() | st.integers() | finite | text, st.lists, max_leaves=4)

for kind, strategy in {str: text, float: finite, int: st.integers(-(2**60), 2**60)}.items():
    st.register_type_strategy(kind, strategy)
st.register_type_strategy(LedgerEvent, st.builds(LedgerEvent, body=st.dictionaries(text, values, max_size=3)))


@pytest.mark.parametrize(
    "shape",
    [
        Counts,
        Earning,
        EngineView,
        GpuReading,
        History,
        HostReading,
        JobView,
        LedgerEvent,
        LogLine,
        NodeView,
        QueueView,
        SettingView,
        StateLine,
        Today,
        Transfer,
        HardwareReading,
    ],
)
@settings(max_examples=20)
@given(data=st.data())
def test_every_wire_model_comes_back_the_same(shape: type, data: st.DataObject) -> None:
    model = data.draw(st.from_type(shape))
    assert decode(shape, json.loads(json.dumps(encode(model)))) == model


SNAPSHOT = Snapshot(
    at=1.5,
    tick=3,
    node=NodeView("n", "1", 7, 1.0, "/d", "f"),
    state=StateLine(StateWord.RESTING, "paused by you", notes=("a", "b")),
    jobs=(JobView(1, "j", "local", "m", JobState.RUNNING),),
)


def test_a_whole_snapshot_comes_back_the_same() -> None:
    assert decode(Snapshot, json.loads(json.dumps(encode(SNAPSHOT)))) == SNAPSHOT


def test_fields_of_a_newer_node_are_passed_over() -> None:
    newer = {**encode(SNAPSHOT), "weather": "fine", "node": {**encode(SNAPSHOT.node), "mood": 1}}
    assert decode(Snapshot, newer) == SNAPSHOT


def test_fields_that_an_older_node_does_not_send_have_their_defaults() -> None:
    older = {name: encode(SNAPSHOT)[name] for name in ("at", "tick", "node", "state")}
    assert decode(Snapshot, older) == replace(SNAPSHOT, jobs=())


def test_a_whole_number_is_good_where_a_fraction_may_stand() -> None:
    moment = decode(Today, {"since_at": 5}).since_at
    assert moment == 5.0
    assert isinstance(moment, float)


def changed(path: str, value: object) -> Any:
    data = encode(SNAPSHOT)
    *way, last = path.split(".")
    place: Any = data
    for step in way:
        place = place[int(step) if step.isdigit() else step]
    place[last] = value
    return data


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        ("tick", "3", "Snapshot.tick: got '3', expected a value of type int"),
        ("tick", True, "Snapshot.tick: got 'True', expected a value of type int"),
        ("tick", 1.5, "Snapshot.tick: got '1.5', expected a value of type int"),
        ("at", None, "Snapshot.at: got 'None', expected a value of type float"),
        ("at", 10**400, "Snapshot.at: got '1000"),
        ("node", [], r"Snapshot.node: got '\[\]', expected an object"),
        ("jobs", {}, "Snapshot.jobs: got '{}', expected a list"),
        ("jobs.0.state", "asleep", r"Snapshot.jobs\[0\].state: got 'asleep', expected one of waiting, running"),
        ("jobs.0.state", [], r"Snapshot.jobs\[0\].state: got '\[\]', expected one of"),
        ("state.notes", [1], r"Snapshot.state.notes\[0\]: got '1', expected a value of type str"),
    ],
)
def test_a_wrong_type_names_the_field_the_value_and_what_was_expected(path: str, value: object, complaint: str) -> None:
    with pytest.raises(WireError, match=complaint):
        decode(Snapshot, changed(path, value))


def test_a_missing_field_is_named() -> None:
    data = encode(SNAPSHOT)
    del data["node"]["pid"]
    with pytest.raises(WireError, match=r"Snapshot\.node\.pid: is missing"):
        decode(Snapshot, data)


def test_an_entrys_body_is_an_object() -> None:
    event = {"seq": 1, "at": 1.0, "kind": "k", "hash": "00", "summary": "s"}
    assert decode(LedgerEvent, {**event, "body": {"a": [1]}}).body == {"a": [1]}
    with pytest.raises(WireError, match=r"LedgerEvent.body: got '\[\]', expected an object"):
        decode(LedgerEvent, {**event, "body": []})


@settings(max_examples=80)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["at", "tick", "node", "state", "jobs", "name", "x"]), inner)
        ),
    )
)
def test_whatever_comes_is_a_model_or_a_clear_error(data: object) -> None:
    try:
        decode(Snapshot, data)
    except WireError as error:
        assert str(error).startswith("Snapshot")
