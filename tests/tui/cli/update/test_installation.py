"""How Stoker was installed, read from what installers leave behind, and the commands that this asks for."""

from __future__ import annotations

import json
import shlex
from importlib.metadata import Distribution
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.cli.update.installation import Installation, Source, Tool, read


def distribution(directory: Path, direct_url: object = None) -> Distribution:
    """An installed Stoker 0.1.0 as pip leaves it."""
    info = directory / "stoker-0.1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stoker\nVersion: 0.1.0\n")
    if direct_url is not None:
        (info / "direct_url.json").write_text(json.dumps(direct_url))
    return Distribution.at(info)


@pytest.mark.parametrize(
    ("leaves", "has_pip", "tool"),
    [
        ("", True, Tool.PIP),
        ("", False, Tool.UV),
        ("uv-receipt.toml", False, Tool.UV_TOOL),
        ("pipx_metadata.json", True, Tool.PIPX),
    ],
)
def test_who_keeps_the_environment_is_read_from_what_it_leaves_there(
    tmp_path: Path, leaves: str, has_pip: bool, tool: Tool
) -> None:
    if leaves:
        (tmp_path / leaves).touch()
    found = read(distribution(tmp_path), tmp_path, has_pip=has_pip)
    assert (found.version, found.source, found.tool) == ("0.1.0", Source.INDEX, tool)


def test_a_checkout_is_known_with_its_folder_and_its_constraints(tmp_path: Path) -> None:
    clone = tmp_path / "my clone"
    clone.mkdir()
    (clone / "constraints.txt").touch()
    found = read(
        distribution(tmp_path, {"url": clone.as_uri(), "dir_info": {"editable": True}}), tmp_path, has_pip=True
    )
    assert (found.source, found.place, found.editable) == (Source.CHECKOUT, str(clone), True)
    assert found.commands() == (
        f"git -C '{clone}' pull --ff-only",
        f"{found.python} -m pip install --constraint '{clone}/constraints.txt' --editable '{clone}'",
    )
    assert found.commands("0.0.9")[0] == f"git -C '{clone}' checkout v0.0.9"


def test_a_repository_is_known_with_its_commit(tmp_path: Path) -> None:
    said = {
        "url": "https://x.test/stoker.git",
        "vcs_info": {"vcs": "git", "commit_id": "abc", "requested_revision": "main"},
    }
    found = read(distribution(tmp_path, said), tmp_path, has_pip=True)
    assert (found.source, found.commit, found.revision) == (Source.GIT, "abc", "main")
    assert found.commands() == (f"{found.python} -m pip install 'stoker @ git+https://x.test/stoker.git@main'",)


def test_a_file_has_no_commands(tmp_path: Path) -> None:
    found = read(distribution(tmp_path, {"url": "file:///stoker.whl", "archive_info": {}}), tmp_path, has_pip=True)
    assert (found.source, found.commands(), found.commands("0.2.0")) == (Source.FILE, (), ())


@pytest.mark.parametrize(
    ("tool", "upgrade", "older"),
    [
        (Tool.PIP, "/env/python -m pip install --upgrade stoker", "/env/python -m pip install stoker==0.0.9"),
        (Tool.PIPX, "pipx upgrade stoker", "pipx install --force stoker==0.0.9"),
        (Tool.UV_TOOL, "uv tool upgrade stoker", "uv tool install --force stoker==0.0.9"),
        (Tool.UV, "uv pip install --python /env/python --upgrade stoker",
         "uv pip install --python /env/python stoker==0.0.9"),
    ],
)  # fmt: skip
def test_each_installer_is_spoken_to_in_its_own_words(tool: Tool, upgrade: str, older: str) -> None:
    installation = Installation("0.1.0", Source.INDEX, tool, python="/env/python")
    assert installation.commands() == (upgrade,)
    assert installation.commands("0.0.9") == (older,)


@given(
    place=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1),
    source=st.sampled_from([Source.CHECKOUT, Source.GIT]),
    tool=st.sampled_from(Tool),
)
def test_no_place_breaks_out_of_its_word(place: str, source: Source, tool: Tool) -> None:
    for command in Installation("0.1.0", source, tool, place).commands():
        assert [word for word in shlex.split(command) if place in word]
