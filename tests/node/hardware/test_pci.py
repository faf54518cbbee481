"""Which cards are on the bus, from a made-up sysfs tree."""

from __future__ import annotations

from pathlib import Path

import pytest
from fake_sysfs import FakeSysfs

from node.hardware.discover import gpus_present
from node.hardware.pci import gpus_on_bus

PCI_IDS = """\
# a comment
1002  Advanced Micro Devices, Inc. [AMD/ATI]
\t2684  Not this one
10de  NVIDIA Corporation
\t2204  GA102 [GeForce RTX 3090]
\t\t10de 1234  A board of it
\t2684  AD102 [GeForce RTX 4090]
10df  Emulex
\t2685  Not this one either
"""


def on_bus(vendor: int, device: int, kind: int) -> dict[str, str]:
    return {"vendor": f"{vendor:#06x}", "device": f"{device:#06x}", "class": f"{kind:#08x}"}


@pytest.mark.parametrize(
    ("address", "vendor", "kind", "name"),
    [
        ("0000:01:00.0", 0x10DE, 0x030000, "NVIDIA"),  # a graphics card
        ("0000:01:00.0", 0x10DE, 0x030200, "NVIDIA"),  # a data-centre card: 3D controller
        ("0000:03:00.0", 0x1002, 0x038000, "AMD"),
        ("0000:03:00.0", 0x1002, 0x120000, "AMD"),  # an Instinct: processing accelerator
        ("0000:03:00.0", 0x8086, 0x030000, "Intel"),
    ],
)
def test_a_card_is_seen_without_any_driver(sysfs: FakeSysfs, address: str, vendor: int, kind: int, name: str) -> None:
    sysfs.add_pci(address, on_bus(vendor, 0xABCD, kind))
    (gpu,) = gpus_on_bus(sysfs.root, names=())
    assert gpu.name == f"{name} card {vendor:04x}:abcd"
    assert gpus_present(sysfs.root)[0].startswith(name)


@pytest.mark.parametrize(
    ("address", "vendor", "kind"),
    [
        ("0000:01:00.1", 0x10DE, 0x040300),  # the sound part of a graphics card
        ("0000:02:00.0", 0x1A03, 0x030000),  # a server's management chip
        ("0000:00:02.0", 0x8086, 0x030000),  # graphics inside an Intel processor
        ("0000:00:0b.0", 0x8086, 0x120000),  # an NPU
    ],
)
def test_what_cannot_compute_is_not_a_card(sysfs: FakeSysfs, address: str, vendor: int, kind: int) -> None:
    sysfs.add_pci(address, on_bus(vendor, 0xABCD, kind))
    assert gpus_on_bus(sysfs.root) == ()


@pytest.mark.parametrize(
    ("device", "name"),
    [(0x2684, "NVIDIA AD102 [GeForce RTX 4090]"), (0x2685, "NVIDIA card 10de:2685")],
)
def test_the_name_comes_from_the_machine_s_list_of_devices(
    sysfs: FakeSysfs, tmp_path: Path, device: int, name: str
) -> None:
    (tmp_path / "pci.ids").write_text(PCI_IDS)
    sysfs.add_pci("0000:01:00.0", on_bus(0x10DE, device, 0x030000))
    assert gpus_on_bus(sysfs.root, (tmp_path / "missing", tmp_path / "pci.ids"))[0].name == name


def test_a_machine_without_a_bus_has_no_cards(sysfs: FakeSysfs) -> None:
    assert gpus_present(sysfs.root) == ()
