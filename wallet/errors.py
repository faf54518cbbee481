"""What goes wrong in the wallet, said so that a person can mend it."""

from __future__ import annotations


class WalletError(Exception):
    """Something a person can mend. The text names the field, the problem and what to do; it never holds a secret.

    Attributes:
        field: what it is about: a wallet's name, a file, ``passphrase``, ``words``.
        problem: what was found and what was expected.
        remedy: what to do about it; empty where the problem says it all.
    """

    def __init__(self, field: str, problem: str, remedy: str = "") -> None:
        super().__init__(f"{field}: {problem}" + (f"; {remedy}" if remedy else ""))
        self.field = field
        self.problem = problem
        self.remedy = remedy


class NeedsPassphrase(WalletError):
    """Something encrypted is to be opened or made, and no passphrase was given for it."""
