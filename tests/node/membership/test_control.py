"""Memberships over the control API: what a program asks and orders, and what becomes of the key."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from eventually import eventually
from scripted_network import MADE, Guild, guild

from node.clock import SystemClock
from node.control.app import build_app
from node.control.commands import Commands
from node.control.ordering import command_route
from node.control.wire.networks import NetworkKind, PagePart
from node.membership.enrolment import Registrar
from node.membership.examination import Examiner
from node.membership.orders import MembershipOrders
from node.membership.routes import MembershipRoutes
from node.models.licences import Licence

PAGE = NetworkKind(
    "scripted", "The Net", "A net.", "http://127.0.0.1:9", True, "points", (PagePart("What", "A net."),), "7"
)
ADD = {"kind": "scripted", "worker_name": "boiler", "key": "  secret-key\n", "accepted_page": "7"}


class Control:
    """The control API of a node with nothing but memberships."""

    def __init__(self, house: Guild, client: httpx.AsyncClient, recorded: list[object]) -> None:
        self.house = house
        self.recorded = recorded
        self._client = client
        self._orders = 0

    async def order(self, command: str, /, **arguments: object) -> tuple[int, dict[str, Any]]:
        self._orders += 1
        body = {"key": f"order-{self._orders:04}", "arguments": arguments}
        answer = await self._client.post(f"/commands/{command}", json=body)
        return answer.status_code, answer.json()

    async def add(self, **changes: object) -> tuple[int, dict[str, Any]]:
        return await self.order("add_network", **{**ADD, **changes})

    async def ask(self, **question: object) -> tuple[int, dict[str, Any]]:
        answer = await self._client.post("/networks/examine", json=question)
        return answer.status_code, answer.json()

    async def get(self, path: str) -> Any:
        answer = await self._client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def names(self) -> list[str]:
        return [view["name"] for view in (await self.get("/networks"))["networks"]]


@pytest.fixture
async def control(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Control]:
    for module in ("proposals", "routes"):
        monkeypatch.setattr(f"node.membership.{module}.load_page", lambda kind: PAGE)
    recorded: list[object] = []

    async def record(name: str, values: Mapping[str, object], uid: int, pid: int) -> None:
        recorded.append((name, dict(values)))

    async def no_books(function: Any, /, *args: Any) -> Any:
        return {}

    async with AsyncExitStack() as stack:
        house = await stack.enter_async_context(guild(tmp_path, monkeypatch))
        registrar = house.members._house.registrar
        examiner = Examiner(registrar, house.dispatcher.desk("local"), lambda: None, lambda _: Licence())
        commands = Commands(record)
        MembershipOrders(house.roster, registrar, house.members).add_to(commands)
        routes = MembershipRoutes(house.roster, examiner, no_books, SystemClock(), members=house.members)
        app = build_app([*routes.routes(), command_route(commands)])
        transport = httpx.ASGITransport(app, client=("127.0.0.1", 1))
        client = await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://stoker"))
        yield Control(house, client, recorded)


async def test_a_network_is_joined_and_works_at_once(control: Control) -> None:
    assert await control.add() == (200, {"name": "scripted"})
    one = await control.house.at_work("scripted")
    assert (one.enrolment.url, one.enrolment.worker_name) == ("http://127.0.0.1:9", "boiler")
    (view,) = (await control.get("/networks"))["networks"]
    assert (view["name"], view["title"], view["key_kept"]) == ("scripted", "The Net", "file sealed with the host key")


async def test_the_key_is_kept_without_the_space_around_it_and_written_nowhere_else(
    control: Control, tmp_path: Path
) -> None:
    await control.add()
    assert control.house.roster.key("scripted").reveal() == "secret-key"
    assert "secret-key" not in json.dumps(control.recorded, default=str)
    assert [name for name, _ in control.recorded] == ["add_network"]  # type: ignore[misc]
    for file in (path for path in tmp_path.rglob("*") if path.is_file()):
        assert b"secret-key" not in file.read_bytes(), file


async def test_a_second_account_wants_a_name_of_its_own(control: Control) -> None:
    await control.add()
    status, told = await control.add()
    assert (status, told["error"]["code"]) == (409, "already_joined")
    assert await control.add(name="second") == (200, {"name": "second"})
    assert await control.names() == ["scripted", "second"]


async def test_replacing_keeps_the_key_that_is_kept(control: Control) -> None:
    await control.add()
    assert (await control.add(replace=True, key=None, worker_name="other"))[0] == 200
    assert control.house.roster.key("scripted").reveal() == "secret-key"
    assert control.house.roster.get("scripted").worker_name == "other"


@pytest.mark.parametrize(
    ("changes", "status", "code", "told"),
    [
        ({"accepted_page": "6"}, 409, "page_not_accepted", "the page of The Net is of 7"),
        ({"kind": "scriptd"}, 400, "bad_membership", "got 'scriptd'; expected one of"),
        ({"key": None}, 409, "no_key", "key: is missing"),
        ({"key": " "}, 409, "no_key", "key: is missing"),
        ({"worker_name": "nonsense"}, 400, "bad_membership", "expected sense"),
        ({"name": "Bad Name"}, 400, "bad_membership", "a letter, then a-z"),
        ({"url": "ftp://x"}, 400, "bad_membership", "url: got 'ftp://x'"),
        ({"weight": "much"}, 400, "bad_membership", "weight: got 'much'"),
        ({"weight": 0}, 400, "bad_membership", "weight: got 0"),
        ({"options": {"speed": 1}}, 400, "bad_membership", "options.speed: there is no such field"),
        ({"wieght": 2}, 400, "bad_membership", "wieght: there is no such field"),
    ],
)
async def test_what_cannot_be_joined_is_refused_with_the_field_and_leaves_nothing(
    control: Control, changes: dict[str, object], status: int, code: str, told: str
) -> None:
    found, answer = await control.add(**changes)
    assert (found, answer["error"]["code"]) == (status, code)
    assert told in answer["error"]["message"]
    assert await control.names() == []
    assert control.recorded == []


async def test_an_experimental_network_wants_to_be_asked_first(
    control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = NetworkKind(**{**{name: getattr(PAGE, name) for name in PAGE.__slots__}, "experimental": "ask them first"})
    monkeypatch.setattr("node.membership.proposals.load_page", lambda kind: page)
    status, answer = await control.add()
    assert (status, answer["error"]["code"]) == (409, "not_asked")


async def test_switching_off_and_on_and_leaving_need_no_restart(control: Control) -> None:
    await control.add()
    one = await control.house.at_work("scripted")
    assert (await control.order("disable_network", name="scripted"))[0] == 200
    await one.over.wait()
    assert (await control.get("/networks"))["networks"][0]["state"] == "off"
    assert (await control.order("enable_network", name="scripted"))[0] == 200
    other = await control.house.at_work("scripted", after=one)
    assert (await control.order("remove_network", name="scripted"))[0] == 200
    await other.over.wait()
    assert await control.names() == []
    assert control.house.roster.key_kept("scripted") == ""


async def test_what_is_not_named_in_a_change_stays(control: Control) -> None:
    await control.add(weight=2.0, models={"m": "M"})
    assert (await control.order("change_network", name="scripted", worker_name="kettle"))[0] == 200
    found = control.house.roster.get("scripted")
    assert (found.worker_name, found.weight, found.models) == ("kettle", 2.0, {"m": "M"})
    await eventually(lambda: MADE[-1].enrolment.worker_name == "kettle")


async def test_a_change_that_the_network_would_not_take_changes_nothing(control: Control) -> None:
    await control.add()
    status, _ = await control.order("change_network", name="scripted", worker_name="nonsense")
    assert status == 400
    assert control.house.roster.get("scripted").worker_name == "boiler"


async def test_a_page_is_agreed_to_again(control: Control) -> None:
    await control.add()
    status, answer = await control.order("change_network", name="scripted", accepted_page="6")
    assert (status, answer["error"]["code"]) == (409, "page_not_accepted")
    before = control.house.roster.get("scripted").accepted_at
    assert (await control.order("change_network", name="scripted", accepted_page="7"))[0] == 200
    assert control.house.roster.get("scripted").accepted_at >= before


@pytest.mark.parametrize("command", ["enable_network", "disable_network", "remove_network", "change_network"])
async def test_nobody_of_that_name_is_a_404(control: Control, command: str) -> None:
    status, answer = await control.order(command, name="nobody")
    assert (status, answer["error"]["code"]) == (404, "unknown_network")


async def test_maintenance_is_told_to_the_network(control: Control) -> None:
    await control.add()
    one = await control.house.at_work("scripted")
    assert (await control.order("network_maintenance", name="scripted", on=True, message="dust"))[0] == 200
    assert one.told == [(True, "dust")]
    assert (await control.order("network_maintenance", name="scripted", on="yes"))[0] == 400


async def test_a_network_is_examined_before_it_is_joined(control: Control) -> None:
    question = {name: value for name, value in ADD.items() if name != "accepted_page"}
    status, answer = await control.ask(**question)
    assert status == 200
    assert answer["findings"][0] == {"good": True, "what": "key of 10 bytes", "remedy": ""}
    assert "its licence is not known here" in answer["findings"][1]["what"]
    assert answer["models"][0]["name"] == "net/m"
    assert MADE[-1].closed == 1
    assert await control.names() == []


async def test_a_joined_network_is_examined_by_its_name_through_the_adapter_at_work(control: Control) -> None:
    await control.add()
    one = await control.house.at_work("scripted")
    status, answer = await control.ask(name="scripted")
    assert (status, answer["findings"][0]["what"]) == (200, "key of 10 bytes")
    assert one.closed == 0, "its connections were taken from it"


@pytest.mark.parametrize(
    ("question", "status"),
    [({}, 400), ({"name": "nobody"}, 404), ({"name": "x", "more": 1}, 400), ({"kind": "scripted", "key": 5}, 400)],
)
async def test_a_question_that_makes_no_sense_is_refused(
    control: Control, question: dict[str, object], status: int
) -> None:
    assert (await control.ask(**question))[0] == status


async def test_without_a_node_memberships_are_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.membership.proposals.load_page", lambda kind: PAGE)
    async with guild(tmp_path, monkeypatch) as house:
        commands = Commands(_unrecorded)
        registrar = house.members._house.registrar
        assert isinstance(registrar, Registrar)
        MembershipOrders(house.roster, registrar).add_to(commands)
        await commands.give("add_network", "order-0001", dict(ADD), 0, 0)
        assert list(house.roster.read()) == ["scripted"]
        assert house.members.joined() == ()


async def _unrecorded(*_: object) -> None:
    """There are no books."""
