"""What can go wrong with a model, always with what to do about it."""

from __future__ import annotations


class ModelError(Exception):
    """Something about a model file that a person has to know.

    Attributes:
        what: one sentence: the thing, its value, what was expected.
        remedy: one sentence: what to do.
    """

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what}. {remedy}")
        self.what = what
        self.remedy = remedy


class FetchError(ModelError):
    """A model could not be brought here."""


class StoreError(ModelError):
    """The store cannot do what it was asked."""
