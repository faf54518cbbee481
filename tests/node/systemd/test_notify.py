"""Words to the service manager: real datagrams, one value a line, and no harm from a manager that is deaf."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notified import Ear

from node.systemd.notify import ServiceManager, from_environment


@pytest.fixture(params=["in the file system", "abstract"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "notify") if request.param != "abstract" else f"@stoker-{secrets.token_hex(8)}"


def test_a_word_arrives_at_the_socket_that_the_environment_names(address: str) -> None:
    with Ear(address) as ear:
        manager = from_environment({"NOTIFY_SOCKET": address})
        assert manager is not None
        assert manager.tell(READY=1, STATUS="WAITING: no job")
        assert ear.listen() == [("READY", "1"), ("STATUS", "WAITING: no job")]


def test_without_a_manager_there_is_nobody_to_tell() -> None:
    assert from_environment({"WATCHDOG_USEC": "1000000"}) is None


def test_no_child_inherits_the_way_to_the_manager() -> None:
    environment = {"NOTIFY_SOCKET": "/run/n", "WATCHDOG_USEC": "5000000", "WATCHDOG_PID": "1", "PATH": "/bin"}
    from_environment(environment)
    assert environment == {"PATH": "/bin"}


@pytest.mark.parametrize("address", ["relative", "vsock:2:9999", "/", "@", f"/{'a' * 107}"])
def test_an_address_of_another_form_is_as_good_as_none(address: str, caplog: pytest.LogCaptureFixture) -> None:
    assert from_environment({"NOTIFY_SOCKET": address}) is None
    assert "NOTIFY_SOCKET" in caplog.text


@pytest.mark.parametrize(
    ("variables", "seconds"),
    [
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid())}, 60.0),
        ({"WATCHDOG_USEC": "60000000"}, 60.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_the_watchdog_is_ours_if_it_names_this_process_or_none(
    variables: dict[str, str], seconds: float | None
) -> None:
    manager = from_environment({"NOTIFY_SOCKET": "/run/n", **variables})
    assert manager is not None
    assert manager.watchdog_seconds == seconds


def test_a_manager_that_has_gone_harms_nothing(tmp_path: Path) -> None:
    assert not ServiceManager(os.fsencode(tmp_path / "gone")).tell(READY=1)


@given(reason=st.text())
def test_what_others_wrote_never_becomes_another_word(reason: str) -> None:
    with Ear(f"@stoker-{secrets.token_hex(8)}") as ear:
        manager = from_environment({"NOTIFY_SOCKET": ear.address})
        assert manager is not None
        manager.tell(STATUS=f"paused by you: {reason}\nMAINPID=1")
        assert [name for name, _ in ear.listen()] == ["STATUS"]
