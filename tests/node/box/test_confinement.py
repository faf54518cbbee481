"""What is put into a box."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from node.box.confinement import Confinement, confine
from node.box.devices import device_nodes


def reach(own: Path, *files: Path, private: Path | None = None, libraries: str = "", devices: Path) -> Confinement:
    return confine(own, files, private=private or own, environment={"LD_LIBRARY_PATH": libraries}, devices=devices)


@pytest.fixture
def no_gpu(tmp_path: Path) -> Path:
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev" / "sda").touch()
    (tmp_path / "dev" / "nvram").touch()
    return tmp_path / "dev"


@pytest.fixture
def two_cards(no_gpu: Path) -> Path:
    for name in ("nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm", "dri/card0", "dri/renderD128", "kfd"):
        (no_gpu / name).parent.mkdir(exist_ok=True)
        (no_gpu / name).touch()
    return no_gpu


def test_this_python_is_readable_and_the_home_is_not(tmp_path: Path, no_gpu: Path) -> None:
    readable = reach(tmp_path, devices=no_gpu).readable
    executable = Path(sys.executable)
    for needed in (executable, executable.resolve()):
        assert any(needed.is_relative_to(path) for path in readable)
    for kept in (Path.home(), Path.home() / ".ssh", Path("/etc/passwd"), Path("/var"), Path("/run")):
        assert not any(kept.is_relative_to(path) for path in readable)


def test_only_the_model_itself_is_added_not_its_directory(tmp_path: Path, no_gpu: Path) -> None:
    model, other = tmp_path / "models" / "one.gguf", tmp_path / "models" / "two.gguf"
    model.parent.mkdir()
    model.touch()
    other.touch()
    readable = reach(tmp_path / "own", model, devices=no_gpu).readable
    assert model in readable
    assert not any(other.is_relative_to(path) for path in readable)


def test_a_directory_that_holds_the_nodes_own_is_never_shown(tmp_path: Path, no_gpu: Path) -> None:
    private = tmp_path / "data" / "engine"
    private.mkdir(parents=True)
    libraries = f"{tmp_path}:{tmp_path / 'dev'}:relative:/does/not/exist"
    readable = reach(private / "own", private=private, libraries=libraries, devices=no_gpu).readable
    assert tmp_path not in readable
    assert no_gpu in readable
    assert all(path.is_absolute() and path.exists() for path in readable)


def test_without_a_gpu_there_are_no_devices(tmp_path: Path, no_gpu: Path) -> None:
    found = reach(tmp_path, devices=no_gpu)
    assert found.devices == ()
    assert Path("/sys/devices") not in found.readable


def test_cards_come_with_their_nodes_but_without_the_displays(tmp_path: Path, two_cards: Path) -> None:
    found = reach(tmp_path, devices=two_cards)
    assert [str(path.relative_to(two_cards)) for path in found.devices] == [
        "dri/renderD128", "kfd", "nvidia-uvm", "nvidia0", "nvidia1", "nvidiactl",
    ]  # fmt: skip
    assert Path("/sys/devices") in found.readable
    assert found.devices == device_nodes(two_cards)
