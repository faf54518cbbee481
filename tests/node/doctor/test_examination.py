"""The whole examination of this machine."""

from __future__ import annotations

from pathlib import Path

from node.config import Settings
from node.doctor import examine
from node.models.catalogue import load_catalogue
from node.models.store import ModelStore
from node.paths import Paths


def test_an_empty_home_has_a_line_for_everything_and_a_remedy_for_what_is_missing(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "home")
    paths.prepare()
    found = examine(paths, Settings(), ModelStore(paths.models, load_catalogue()), None)
    names = [check.name for check in found]
    for name in ("Python", "processor", "memory", "data directory", "disk", "SQLite", "clock", "engine", "model",
                 "engine's box", "bubblewrap", "Landlock", "seccomp", "GPU", "network"):  # fmt: skip
        assert name in names
    assert not [check for check in found if check.status == "fail"]
    (model,) = (check for check in found if check.name == "model")
    assert model.remedy == "stoker model pull smollm2-135m-instruct"
