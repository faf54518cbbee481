"""Whether there is a newer version: real pip over real wheels, real git over real repositories."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from wheels import make_wheel

from tui.cli.failures import Failure
from tui.cli.update.installation import Installation, Source, Tool
from tui.cli.update.newest import Newest, is_newer, newest

FROM_INDEX = Installation("0.1.0", Source.INDEX, Tool.PIP)


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes for the whole world."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_pip_says_which_version_it_would_take(index: Path) -> None:
    for version in ("0.1.0", "0.2.0", "0.3.0rc1"):
        make_wheel(index, "stoker", version, {})
    assert newest(FROM_INDEX) == Newest(version="0.2.0", newer=True)


def test_the_newest_version_is_not_newer_than_itself(index: Path) -> None:
    make_wheel(index, "stoker", "0.1.0", {})
    assert newest(FROM_INDEX) == Newest(version="0.1.0", newer=False)


def test_an_index_without_stoker_is_a_failure_in_pip_s_words(index: Path) -> None:
    with pytest.raises(
        Failure, match="pip could not tell: ERROR: No matching distribution found for stoker"
    ) as failure:
        newest(FROM_INDEX)
    assert "try it by hand" in failure.value.remedy


def test_an_environment_without_pip_says_how_to_get_it(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "env"], check=True, timeout=60)
    bare = Installation("0.1.0", Source.INDEX, Tool.PIP, python=str(tmp_path / "env" / "bin" / "python"))
    with pytest.raises(Failure, match="there is no pip in Stoker's environment") as failure:
        newest(bare)
    assert failure.value.remedy == f"{bare.python} -m ensurepip"


def test_uv_is_asked_where_uv_keeps_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "uv"
    program.write_text('#!/bin/sh\n[ "$(cat)" = stoker ] && echo "stoker==0.4.0"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert newest(Installation("0.1.0", Source.INDEX, Tool.UV_TOOL)) == Newest(version="0.4.0", newer=True)


def test_a_missing_installer_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Failure, match="uv is not here"):
        newest(Installation("0.1.0", Source.INDEX, Tool.UV_TOOL))
    with pytest.raises(Failure, match="git is not here"):
        newest(Installation("0.1.0", Source.GIT, Tool.PIP, "https://x.test/stoker.git"))


def test_a_file_has_no_newer_versions() -> None:
    with pytest.raises(Failure, match="installed from a file"):
        newest(Installation("0.1.0", Source.FILE, Tool.PIP, "file:///stoker.whl"))


class Repositories:
    """A repository and a clone of it."""

    def __init__(self, directory: Path) -> None:
        self.origin, self.clone = directory / "origin", directory / "clone"
        self.origin.mkdir()
        self._git(self.origin, "init", "--quiet", "--initial-branch=main")
        self.first = self.commit("first")
        self._git(directory, "clone", "--quiet", str(self.origin), "clone")

    def commit(self, message: str) -> str:
        self._git(self.origin, "commit", "--quiet", "--allow-empty", "-m", message)
        return self._git(self.origin, "rev-parse", "HEAD")

    def pull(self) -> None:
        self._git(self.clone, "pull", "--quiet")

    def _git(self, folder: Path, *words: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(folder), "-c", "user.name=ann", "-c", "user.email=ann@x.test", *words],
            capture_output=True, text=True, timeout=30, check=True,
        )  # fmt: skip
        return done.stdout.strip()


@pytest.fixture
def repositories(tmp_path: Path) -> Repositories:
    return Repositories(tmp_path)


def test_a_checkout_is_behind_until_it_has_the_newest_commit(repositories: Repositories) -> None:
    checkout = Installation("0.1.0", Source.CHECKOUT, Tool.PIP, str(repositories.clone))
    assert newest(checkout) == Newest(commit=repositories.first)
    second = repositories.commit("second")
    assert newest(checkout) == Newest(commit=second, newer=True)
    repositories.pull()
    assert newest(checkout) == Newest(commit=second)


def test_a_checkout_that_follows_nothing_says_how_to_let_it(repositories: Repositories) -> None:
    with pytest.raises(Failure, match="follows no branch of another repository"):
        newest(Installation("0.1.0", Source.CHECKOUT, Tool.PIP, str(repositories.origin)))


def test_what_came_from_a_repository_is_compared_with_its_commit(repositories: Repositories) -> None:
    url = repositories.origin.as_uri()
    old = Installation("0.1.0", Source.GIT, Tool.PIP, url, commit=repositories.first)
    assert newest(old) == Newest(commit=repositories.first)
    assert newest(Installation("0.1.0", Source.GIT, Tool.PIP, url, "0" * 40)).newer
    with pytest.raises(Failure, match="git could not tell"):
        newest(Installation("0.1.0", Source.GIT, Tool.PIP, f"{url}-gone"))


def test_a_folder_without_git_cannot_be_asked(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="is no git checkout"):
        newest(Installation("0.1.0", Source.CHECKOUT, Tool.PIP, str(tmp_path)))


@pytest.mark.parametrize(
    ("version", "than", "newer"),
    [("0.2.0", "0.1.9", True), ("0.10.0", "0.9.0", True), ("1.0", "1.0.0", True), ("0.1.0", "0.1.0", False),
     ("0.1.0", "0.2.0.dev3", False), ("0.2.0", "0.2.0rc1", True)],
)  # fmt: skip
def test_versions_are_compared_by_their_numbers(version: str, than: str, newer: bool) -> None:
    assert is_newer(version, than) is newer
