"""Where a node is, as it is written after ``--node``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.control.client import default_directory
from tui.rigs.place import LocalPlace, PlaceError, SshPlace, parse_place


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("ssh://rig2", SshPlace("rig2")),
        ("ssh://Rig_2.local/", SshPlace("Rig_2.local")),
        ("ssh://ada@rig2:2222", SshPlace("rig2", "ada", 2222)),
        ("ssh://rig2/srv/stoker", SshPlace("rig2", path="/srv/stoker")),
        ("ssh://rig2/srv/my%20node/", SshPlace("rig2", path="/srv/my node")),
        ("ssh://root@[2001:db8::7]:22/var/lib/stoker", SshPlace("2001:db8::7", "root", 22, "/var/lib/stoker")),
    ],
)
def test_a_machine_is_named_as_an_address_of_ssh(text: str, place: SshPlace) -> None:
    assert parse_place(text) == place


def test_a_data_directory_is_named_by_its_path(tmp_path: Path) -> None:
    assert parse_place(str(tmp_path)) == LocalPlace(tmp_path)


def test_a_control_socket_stands_for_the_directory_that_it_lies_in(tmp_path: Path) -> None:
    assert parse_place(str(tmp_path / "control.sock")) == LocalPlace(tmp_path)


def test_here_is_this_machine_s_own_node() -> None:
    assert parse_place("here") == LocalPlace(default_directory(), here=True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/no/such/directory",
        "http://rig2",
        "ssh://",
        "ssh://-oProxyCommand=reboot",
        "ssh://-lroot@rig2",
        "ssh://rig2;reboot",
        "ssh://rig$(reboot)",
        "ssh://ada:secret@rig2",
        "ssh://rig2:99999",
        "ssh://rig2:port",
        "ssh://rig2/a%00b",
        "ssh://rig2/a:b",
        "ssh://rig2/$HOME",
        "ssh://rig2?x",
    ],
)
def test_anything_else_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(PlaceError, match="expected a data directory"):
        parse_place(text)


@given(st.text())
def test_nothing_that_ssh_or_a_shell_would_obey_ever_comes_through(text: str) -> None:
    try:
        place = parse_place(f"ssh://{text}")
    except PlaceError:
        return
    assert isinstance(place, SshPlace)
    for word in filter(None, (place.host, place.user)):
        assert re.fullmatch(r"[\w.:%+][\w.:%+-]*", word, re.ASCII)
    assert not place.path or place.path.startswith("/")
    assert not re.search(r"[$%:;&|<>`'\"\\\x00-\x1f]", place.path)


@given(
    st.builds(
        SshPlace,
        st.sampled_from(["rig2", "a.b", "::1", "10.0.0.1"]),
        st.sampled_from(["", "ada"]),
        st.none() | st.integers(0, 65535),
        st.sampled_from(["", "/srv/stoker"]),
    )
)
def test_a_place_reads_as_it_is_written(place: SshPlace) -> None:
    assert parse_place(str(place)) == place
