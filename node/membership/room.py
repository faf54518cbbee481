"""The room of the joined networks, put together: for a running node, and for one question without a node."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from node.clock import Clock
from node.config import Settings
from node.dispatcher import Dispatcher
from node.engines.base import Engine, ModelInfo
from node.ledger.store import Ledger
from node.ledger.worth import Pricer
from node.membership.admission import Bar, bar_of_box
from node.membership.enrolment import Registrar
from node.membership.examination import Examiner
from node.membership.member import House
from node.membership.members import Members
from node.membership.orders import MembershipOrders
from node.membership.roster import Roster
from node.membership.routes import MembershipRoutes, Reader
from node.membership.views import Floor
from node.models.licences import Licence
from node.networks.base import Capacity
from node.networks.credits import ClosedBooks, LedgerCredits
from node.paths import Paths
from wallet.home import open_operating_secrets


@dataclass(frozen=True, slots=True)
class MembershipRoom:
    """Attributes:
    members: at work; None where no node runs. orders, routes: what the control API has of them.
    """

    orders: MembershipOrders
    routes: MembershipRoutes
    members: Members


def live(
    paths: Paths,
    settings: Settings,
    dispatcher: Dispatcher,
    engine: Engine,
    ledger: Ledger,
    clock: Clock,
    licence: Callable[[str], Licence],
    capacity: Capacity,
    price: Pricer,
) -> MembershipRoom:
    """For a running node. ``price``: what is received is worth."""

    def bar() -> Bar | None:
        if not dispatcher.models():
            return None  # nothing computes, and a box is made only when something is about to
        return bar_of_box(boxed=engine.boxed, allowed_without=settings.engine.box == "off")

    roster = Roster(paths.networks, open_operating_secrets(paths.directory))
    registrar = Registrar(paths.network_states, LedgerCredits(ledger, price), clock)
    wanted = settings.engine.model if settings.engine.kind == "llamacpp" else ""
    members = Members(
        roster,
        House(dispatcher, registrar, clock, wanted, bar, licence, settings.node.drain_seconds),
    )

    def floor(network: str) -> Floor:
        running, waiting = dispatcher.allocation.counts(network)
        conduct = dispatcher.conduct(network)
        rest = None if conduct.until is None else conduct.until - clock.monotonic()
        return Floor(
            bool(dispatcher.models()),
            running,
            waiting,
            dispatcher.pay(network),
            dispatcher.currency,
            conduct.verdict,
            conduct.reason,
            None if rest is None else clock.wall_ns() / 1e9 + rest,
        )

    return MembershipRoom(
        MembershipOrders(roster, registrar, members),
        MembershipRoutes(roster, Examiner(registrar, capacity, bar, licence), ledger.query, clock, floor, members),
        members,
    )


def offline(
    paths: Paths, settings: Settings, read: Reader, clock: Clock, licence: Callable[[str], Licence]
) -> tuple[MembershipOrders, MembershipRoutes]:
    """For one question without a node."""
    roster = Roster(paths.networks, open_operating_secrets(paths.directory))
    registrar = Registrar(paths.network_states, ClosedBooks(), clock)
    examiner = Examiner(registrar, NothingServed(settings), lambda: None, licence)
    return MembershipOrders(roster, registrar), MembershipRoutes(roster, examiner, read, clock)


class NothingServed:
    """Implements `node.networks.base.Capacity` while no node runs: the model that it would serve, at no known speed."""

    def __init__(self, settings: Settings) -> None:
        engine = settings.engine
        self._models = (
            [ModelInfo(engine.model, engine.context, engine.slots)]
            if engine.kind == "llamacpp" and engine.model
            else []
        )

    def models(self) -> list[ModelInfo]:
        return list(self._models)

    def seconds(self, model: str, prompt_tokens: int, answer_tokens: int) -> float | None:
        return None
