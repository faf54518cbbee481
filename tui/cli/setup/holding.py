"""Holding a conversation of the guide: whoever answers is a face."""

from __future__ import annotations

from typing import Protocol

from tui.setup.words import Talk, Word


class Face(Protocol):
    """Whoever shows words and answers questions."""

    def answer(self, word: Word) -> object:
        """The answer to a word; None to one that asks nothing."""


def hold(talk: Talk[None], face: Face) -> None:
    """Have the whole conversation. However it ends, what is under way in it ends with it."""
    answer: object = None
    try:
        while True:
            answer = face.answer(talk.send(answer))
    except StopIteration:
        return
    finally:
        talk.close()
