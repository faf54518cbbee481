"""What is put into a box."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from node.box.confinement import Confinement, confine
from node.box.devices import device_nodes
from node.box.interpreters import with_interpreters


def reach(
    own: Path,
    *files: Path,
    private: Path | None = None,
    libraries: str = "",
    devices: Iterable[Path] = (),
    program: Path | None = None,
) -> Confinement:
    surroundings = {"LD_LIBRARY_PATH": libraries}
    return confine(own, files, private=private or own, environment=surroundings, devices=devices, program=program)


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


def test_this_python_is_readable_and_the_home_is_not(tmp_path: Path) -> None:
    readable = reach(tmp_path).readable
    executable = Path(sys.executable)
    for needed in (executable, executable.resolve()):
        assert any(needed.is_relative_to(path) for path in readable)
    for kept in (Path.home(), Path.home() / ".ssh", Path("/etc/passwd"), Path("/var"), Path("/run")):
        assert not any(kept.is_relative_to(path) for path in readable)


def test_packages_are_readable_wherever_python_finds_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "elsewhere" / "site-packages"
    elsewhere.mkdir(parents=True)
    monkeypatch.setattr(sys, "path", [*sys.path, str(elsewhere), str(tmp_path)])
    readable = reach(tmp_path / "own").readable
    assert elsewhere in readable
    assert tmp_path not in readable


def test_only_the_model_itself_is_added_not_its_directory(tmp_path: Path) -> None:
    model, other = tmp_path / "models" / "one.gguf", tmp_path / "models" / "two.gguf"
    model.parent.mkdir()
    model.touch()
    other.touch()
    readable = reach(tmp_path / "own", model).readable
    assert model in readable
    assert not any(other.is_relative_to(path) for path in readable)


def test_a_directory_that_holds_the_nodes_own_is_never_shown(tmp_path: Path, no_gpu: Path) -> None:
    private = tmp_path / "data" / "engine"
    private.mkdir(parents=True)
    libraries = f"{tmp_path}:{tmp_path / 'dev'}:relative:/does/not/exist"
    readable = reach(private / "own", private=private, libraries=libraries).readable
    assert tmp_path not in readable
    assert no_gpu in readable
    assert all(path.is_absolute() and path.exists() for path in readable)


def test_an_engine_on_the_processor_reaches_no_card(tmp_path: Path) -> None:
    found = reach(tmp_path)
    assert found.devices == ()
    assert Path("/sys/devices") not in found.readable


def test_cards_come_with_their_nodes_but_without_the_displays(tmp_path: Path, two_cards: Path) -> None:
    nodes = device_nodes(two_cards)
    assert [str(path.relative_to(two_cards)) for path in nodes] == [
        "dri/renderD128", "kfd", "nvidia-uvm", "nvidia0", "nvidia1", "nvidiactl",
    ]  # fmt: skip
    found = reach(tmp_path, devices=nodes[:2])
    assert found.devices == nodes[:2]
    assert Path("/sys/devices") in found.readable


def test_a_machine_without_cards_has_no_nodes(no_gpu: Path) -> None:
    assert device_nodes(no_gpu) == ()


def test_a_process_may_turn_into_one_program_and_what_that_needs_to_run(tmp_path: Path) -> None:
    program = tmp_path / "server"
    program.write_text(f"#!{sys.executable} -P\n")
    first, second, *loader = reach(tmp_path, program=program).programs
    assert (first, second) == (program, Path(sys.executable))
    assert all(path.name.startswith(("ld-", "ld.", "ld64")) for path in loader)
    assert len(loader) == 1
    assert reach(tmp_path).programs == ()


def test_what_is_no_program_needs_nothing_else_to_run(tmp_path: Path) -> None:
    for content in (b"", b"#!", b"\x7fELF", b"\x7fELF\x02\x01" + b"\xff" * 100, b"text"):
        (tmp_path / "file").write_bytes(content)
        assert with_interpreters(tmp_path / "file") == (tmp_path / "file",)
    assert with_interpreters(tmp_path / "absent") == (tmp_path / "absent",)
