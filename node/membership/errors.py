"""What can be wrong with a membership, said so that a person can mend it."""

from __future__ import annotations


class MembershipError(Exception):
    """Something that a person can mend.

    Attributes:
        field: what it is about, such as ``worker_name`` or a file. problem: what was found and what was expected.
        remedy: what to do about it; empty where the problem says it all.
        code: a short name of the reason, for programs.
    """

    def __init__(self, field: str, problem: str, remedy: str = "", code: str = "bad_membership") -> None:
        super().__init__(f"{field}: {problem}" + (f"; {remedy}" if remedy else ""))
        self.field = field
        self.problem = problem
        self.remedy = remedy
        self.code = code
