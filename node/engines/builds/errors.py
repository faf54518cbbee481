"""What can go wrong with a build, always with what to do about it."""

from __future__ import annotations


class BuildError(Exception):
    """Something about a build that a person has to know.

    Attributes:
        what: one sentence: the thing, its value, what was expected.
        remedy: what to do; may be empty.
    """

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(f"{what}. {remedy}" if remedy else what)
        self.what = what
        self.remedy = remedy
