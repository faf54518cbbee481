"""The cards that an engine gets to see, by their device nodes and by their drivers' variables."""

from __future__ import annotations

from pathlib import Path

from hand_clock import HandClock

from node.hardware.readings import GpuReading
from node.hardware.visible import owners_of, shown, visible_cards

RTX = GpuReading(0, "RTX 4090", "GPU-aaaa", "nvidia", address="00000000:01:00.0")
GTX = GpuReading(1, "GTX 1080", "GPU-bbbb", "nvidia", address="00000000:02:00.0")
RADEON = GpuReading(0, "RX 7900 XTX", "c0ffee0123456789", "amd", address="0000:03:00.0")
NODES = ("dri/renderD128", "dri/renderD129", "dri/renderD130", "kfd", "nvidia-uvm", "nvidia0", "nvidia1", "nvidiactl")


def machine(tmp_path: Path) -> dict[Path, str | None]:
    """The device nodes of these three cards, with their owners as the kernel and the driver tell them."""
    dev, sysfs, proc = tmp_path / "dev", tmp_path / "sys", tmp_path / "proc"
    for name in NODES:
        (dev / name).parent.mkdir(parents=True, exist_ok=True)
        (dev / name).touch()
    for number, address in enumerate(("0000:01:00.0", "0000:02:00.0", "0000:03:00.0"), 128):
        device = sysfs / "devices/pci0000:00" / address
        device.mkdir(parents=True)
        (sysfs / "class/drm" / f"renderD{number}").mkdir(parents=True)
        (sysfs / "class/drm" / f"renderD{number}" / "device").symlink_to(device)
    for number, address in enumerate(("0000:01:00.0", "0000:02:00.0")):
        information = proc / "driver/nvidia/gpus" / address / "information"
        information.parent.mkdir(parents=True)
        information.write_text(f"Model: \t\t NVIDIA\nDevice Minor: \t {number}\nGPU Excluded:\t No\n")
    return owners_of([dev / name for name in NODES], sysfs, proc)


def names(nodes: tuple[Path, ...], tmp_path: Path) -> set[str]:
    return {str(node.relative_to(tmp_path / "dev")) for node in nodes}


def test_a_chosen_nvidia_card_comes_with_its_own_nodes_and_those_of_all(tmp_path: Path) -> None:
    found = shown([GTX], machine(tmp_path))
    assert names(found.nodes, tmp_path) == {"dri/renderD129", "kfd", "nvidia-uvm", "nvidia1", "nvidiactl"}
    assert found.environment["CUDA_VISIBLE_DEVICES"] == "GPU-bbbb"
    assert found.environment["ROCR_VISIBLE_DEVICES"] == ""
    assert found.chosen


def test_a_chosen_amd_card_hides_those_of_nvidia(tmp_path: Path) -> None:
    found = shown([RADEON], machine(tmp_path))
    assert names(found.nodes, tmp_path) == {"dri/renderD130", "kfd", "nvidia-uvm", "nvidiactl"}
    assert found.environment["CUDA_VISIBLE_DEVICES"] == ""
    assert found.environment["ROCR_VISIBLE_DEVICES"] == "GPU-c0ffee0123456789"


def test_several_are_told_together(tmp_path: Path) -> None:
    assert shown([RTX, GTX], machine(tmp_path)).environment["CUDA_VISIBLE_DEVICES"] == "GPU-aaaa,GPU-bbbb"


def test_a_node_that_nobody_knows_is_shown_to_nobody(tmp_path: Path) -> None:
    nodes = (tmp_path / "nvidia7", tmp_path / "renderD140")
    assert shown([RTX], owners_of(nodes, tmp_path, tmp_path)).nodes == ()


def test_without_a_choice_every_card_is_shown_and_nothing_is_said(tmp_path: Path) -> None:
    machine(tmp_path)
    found = visible_cards((), HandClock(), dev=tmp_path / "dev")
    assert names(found.nodes, tmp_path) == set(NODES)
    assert (dict(found.environment), found.chosen) == ({}, False)


def test_a_choice_that_names_no_card_shows_none(tmp_path: Path) -> None:
    machine(tmp_path)
    found = visible_cards(("GPU-not-here",), HandClock(), dev=tmp_path / "dev", sysfs=tmp_path / "sys")
    assert names(found.nodes, tmp_path) == {"kfd", "nvidia-uvm", "nvidiactl"}
    assert found.environment["CUDA_VISIBLE_DEVICES"] == ""
