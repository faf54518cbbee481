"""When a push network opens a connection more, and when it closes one."""

from __future__ import annotations

from node.networks.websocket.shortage import PLENTY, SURPLUS, Shortage


def answers(shortage: Shortage, count: int) -> Shortage:
    for _ in range(count):
        shortage.answered()
    return shortage


def waiting(offers: int) -> Shortage:
    shortage = Shortage()
    shortage.note(offers)
    return shortage


def test_connections_are_opened_as_long_as_no_offer_has_waited_for_a_place() -> None:
    shortage = Shortage()
    shortage.note(0)
    assert shortage.of_connections


def test_none_is_opened_while_an_offer_waits_nor_for_some_answers_after_that() -> None:
    shortage = waiting(1)
    assert not shortage.of_connections
    shortage.note(0)
    assert not answers(shortage, PLENTY - 1).of_connections
    assert answers(shortage, 1).of_connections


def test_a_place_that_nobody_takes_ends_that_at_once() -> None:
    shortage = waiting(1)
    shortage.note(0)
    shortage.places_left()
    assert shortage.of_connections


def test_one_is_closed_only_after_many_answers_during_which_an_offer_always_waited() -> None:
    shortage = answers(waiting(2), SURPLUS - 1)
    assert not shortage.of_places
    shortage.note(1)
    assert answers(shortage, 1).of_places


def test_a_moment_without_a_waiting_offer_begins_the_count_anew() -> None:
    shortage = answers(waiting(1), SURPLUS - 1)
    shortage.note(0)
    shortage.note(1)
    assert not answers(shortage, 1).of_places


def test_after_one_was_closed_as_many_answers_pass_before_the_next() -> None:
    shortage = answers(waiting(2), SURPLUS)
    shortage.mended()
    assert not answers(shortage, SURPLUS - 1).of_places
    assert answers(shortage, 1).of_places
