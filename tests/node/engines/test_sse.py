"""Server-sent events out of a byte stream that may be cut anywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.engines.sse import EventParser, EventTooLarge

payloads = st.lists(st.binary(min_size=1).filter(lambda data: not {10, 13} & set(data)), max_size=8)


def test_an_event_is_the_data_between_blank_lines() -> None:
    assert EventParser(100).feed(b'data: {"a":1}\n\ndata: [DONE]\n\n') == [b'{"a":1}', b"[DONE]"]


def test_comments_and_other_fields_are_passed_over() -> None:
    assert EventParser(100).feed(b": ping\n\nevent: message\nid: 7\ndata: x\n\n") == [b"x"]


def test_several_data_lines_are_one_event() -> None:
    assert EventParser(100).feed(b"data: one\ndata:two\n\n") == [b"one\ntwo"]


@given(payloads, st.sampled_from([b"\n", b"\r\n"]), st.data())
def test_where_the_stream_is_cut_makes_no_difference(events: list[bytes], end: bytes, data: st.DataObject) -> None:
    stream = b"".join(b"data: " + event + end + end for event in events)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    parser = EventParser(1000)
    found: list[bytes] = []
    for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += parser.feed(stream[start:stop])
    assert [event.removesuffix(b"\r") for event in found] == events


def test_a_line_without_an_end_is_refused() -> None:
    parser = EventParser(10)
    parser.feed(b"data: 1234")
    with pytest.raises(EventTooLarge):
        parser.feed(b"5")


def test_an_event_without_an_end_is_refused() -> None:
    parser = EventParser(10)
    with pytest.raises(EventTooLarge):
        parser.feed(b"data: 12345\n" * 3)
