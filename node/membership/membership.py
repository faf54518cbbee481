"""One membership: an account of the owner's at one network, as ``networks.toml`` has it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from node.membership.errors import MembershipError

NAME = r"^[a-z][a-z0-9-]{0,39}$"
"""A membership's name is that of its secret and of its directory, too."""

RESERVED = frozenset({"engine", "local", "sales", "tune"})
"""Names that other parts of the node use in the books or among the secrets."""

Line = Annotated[str, StringConstraints(max_length=255, pattern=r"^[^\x00-\x1f\x7f]*$")]
Value = bool | int | float | Annotated[str, StringConstraints(max_length=4000)]


class Membership(BaseModel):
    """
    Attributes:
        url: of the network's API. worker_name: how this node is called there.
        weight: the share of the engine against other networks of equal pay, above zero.
        models: the network's name of each model that is offered, by ours; an empty name is looked up. Without any,
            whatever the engine serves is offered.
        options: what only this kind has to be told.
        accepted_page: version of the page that the owner agreed to, at ``accepted_at``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$", max_length=2000)]
    worker_name: Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
    enabled: bool = True
    weight: Annotated[float, Field(ge=0.01, le=100.0)] = 1.0
    accepted_page: Annotated[str, StringConstraints(max_length=40)]
    accepted_at: AwareDatetime
    models: Annotated[dict[Line, Line], Field(max_length=50)] = {}
    options: Annotated[dict[Line, Value], Field(max_length=50)] = {}


def checked(values: Mapping[str, Any], where: str = "") -> Membership:
    """Read raw values.

    Args:
        where: what messages put before the field, such as a file and the membership's name.

    Raises:
        MembershipError: names field, value and what was expected; for an unknown field the nearest one.
    """
    found: Membership = typed(Membership, values, where)
    return found


def typed(model: type[BaseModel], values: Mapping[str, Any], where: str = "") -> Any:
    """Values as this model has them. Raises as ``checked``."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        problems = error.errors(include_url=False)
        problem = min(problems, key=lambda one: one["type"] != "extra_forbidden")  # a typing mistake explains the rest
    key = ".".join(str(part) for part in problem["loc"])
    field = f"{where}{key}"
    if problem["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(problem["loc"][-1]), model.model_fields, n=1)
        known = f"did you mean {near[0]}?" if near else f"known: {', '.join(model.model_fields) or 'none'}"
        raise MembershipError(field, "there is no such field", known)
    if problem["type"] == "missing":
        raise MembershipError(field, "is missing")
    expected = problem["msg"].removeprefix("Value error, ").replace("Input should", "it should")
    raise MembershipError(field, f"got {problem['input']!r:.80}; {expected}")
