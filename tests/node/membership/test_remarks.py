"""What a network said or did wrong is remembered once, the newest first."""

from __future__ import annotations

from node.membership.remarks import LONGEST, MOST, Remarks


def texts(remarks: Remarks) -> list[str]:
    return [remark.text for remark in remarks.newest_first()]


def test_a_message_is_news_once() -> None:
    remarks = Remarks()
    assert remarks.add(1.0, "please update")
    assert not remarks.add(2.0, "please update")
    assert [remark.at for remark in remarks.newest_first()] == [1.0]


def test_a_fault_that_happens_again_moves_to_the_front() -> None:
    remarks = Remarks()
    for at, text in enumerate(("down", "nonsense", "down")):
        remarks.again(float(at), text)
    assert [(remark.at, remark.text) for remark in remarks.newest_first()] == [(2.0, "down"), (1.0, "nonsense")]


def test_the_memory_is_short_and_what_strangers_write_fits_a_line() -> None:
    remarks = Remarks()
    for number in range(MOST + 5):
        remarks.add(0.0, f"{number}")
    assert len(texts(remarks)) == MOST
    remarks.add(0.0, "\x1b[2J" + "x" * 1000)
    assert texts(remarks)[0].startswith("[2Jxx")
    assert len(texts(remarks)[0]) < LONGEST
