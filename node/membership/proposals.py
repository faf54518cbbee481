"""What a program asks of the memberships, read with types and bounds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from node.control.wire.networks import NetworkKind
from node.membership.errors import MembershipError
from node.membership.kinds import kind_of
from node.membership.membership import Line, Membership, Value, checked, typed
from node.membership.pages import load_page

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]


class Proposal(BaseModel):
    """A network to join. What is left empty is as the network's page has it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Text
    name: Text = ""
    url: Text = ""
    worker_name: Text
    models: dict[Line, Line] = {}
    weight: float = 1.0
    options: dict[Line, Value] = {}
    accepted_page: Text = ""
    replace: bool = False

    @property
    def called(self) -> str:
        return self.name or self.kind

    def membership(self, page: NetworkKind, now: datetime) -> Membership:
        """
        Raises:
            MembershipError: a field is not as it should be.
        """
        return checked(
            {
                "kind": self.kind,
                "url": self.url or page.home,
                "worker_name": self.worker_name,
                "weight": self.weight,
                "accepted_page": self.accepted_page,
                "accepted_at": now,
                "models": self.models,
                "options": self.options,
            }
        )

    def check_agreed(self, page: NetworkKind) -> None:
        """
        Raises:
            MembershipError: the owner has not agreed to the page as it is now, or not to its notice.
        """
        check_accepted(self.accepted_page, page)
        if page.experimental and self.options.get("asked_them") is not True:
            raise MembershipError(
                "options.asked_them", page.experimental, "ask them, then set asked_them = true", "not_asked"
            )


class Change(BaseModel):
    """What becomes different in a membership; what is not named stays, and so does each option that is not."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Text
    url: Text | None = None
    worker_name: Text | None = None
    models: dict[Line, Line] | None = None
    weight: float | None = None
    options: Annotated[dict[Line, Value], Field(max_length=50)] | None = None
    accepted_page: Text | None = None

    def applied(self, old: Membership, now: datetime) -> Membership:
        """
        Raises:
            MembershipError: a field is not as it should be, or the page that was accepted is not the one of today.
        """
        changes = self.model_dump(exclude={"name"}, exclude_none=True)
        changes["options"] = {**old.options, **(self.options or {})}
        if self.accepted_page is not None:
            check_accepted(self.accepted_page, load_page(old.kind))
            changes["accepted_at"] = now
        return checked({**old.model_dump(), **changes})


def check_accepted(version: str, page: NetworkKind) -> None:
    """
    Raises:
        MembershipError: it is not the version that the page has today.
    """
    if version != page.page_version:
        raise MembershipError(
            "accepted_page",
            f"got {version!r:.40}; the page of {page.title} is of {page.page_version}",
            f"read it and agree to it: stoker networks page {page.kind}",
            "page_not_accepted",
        )


def proposal(values: Mapping[str, Any]) -> tuple[Proposal, NetworkKind]:
    """A proposal with the page that belongs to it.

    Raises:
        MembershipError: a field is not as it should be, or there is no such kind.
    """
    found: Proposal = typed(Proposal, values)
    kind_of(found.kind)
    return found, load_page(found.kind)


def change(values: Mapping[str, Any]) -> Change:
    """
    Raises:
        MembershipError: a field is not as it should be.
    """
    found: Change = typed(Change, values)
    return found
