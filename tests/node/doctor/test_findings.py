"""What the doctor finds, room by room, and the way to mend it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from node.box.isolation import Isolation
from node.config import EngineSettings, Settings, build
from node.doctor import box, cards, clock, engine, machine, network, storage
from node.doctor.check import Check
from node.doctor.clock import Discipline
from node.engines.builds.store import Build
from node.hardware.readings import GpuReading

BUILD = Build("vulkan-b1", "vulkan", "llama-server", "llama.cpp b1", (), device="RTX 4090")
WHOLE = Isolation("/usr/bin/bwrap", 7, True)
REDUCED = Isolation("", 7, True, "bubblewrap is not installed", "apt-get install bubblewrap")
NOTHING = Isolation("", 0, False, "bubblewrap is not installed", "apt-get install bubblewrap")


@pytest.mark.parametrize(
    ("found", "status", "detail", "remedy"),
    [
        (machine.processor("x86_64", "flags: sse avx avx2"), "ok", "with AVX2", ""),
        (machine.processor("x86_64", "flags: sse avx"), "fail", "no AVX2", "engine.kind openai"),
        (machine.processor("aarch64", "Features: asimd"), "ok", "aarch64", ""),
        (machine.memory(8 << 30, 16 << 30), "ok", "8.6 of 17.2 GB", ""),
        (machine.memory(100 << 20, 16 << 30), "warn", "0.1 of 17.2 GB", "smaller model"),
        (storage.disk(Path("/data"), 50.0, 1.0), "ok", "50.0 GB free for /data", ""),
        (storage.disk(Path("/data"), 0.5, 0.0), "warn", "0.5 GB free", "free some disk space"),
        (storage.disk(Path("/data"), 5.0, 10.0), "fail", "10 GB are to be kept free", "limits.disk_free_gb"),
        (storage.sqlite("3.51.3"), "ok", "3.51.3", ""),
        (storage.sqlite("3.46.0"), "fail", "can corrupt the ledger", "upgrade apsw"),
        (clock.judged(Discipline(True, 0.012)), "ok", "off by 12 ms at most", ""),
        (clock.judged(Discipline(True, 4.0)), "warn", "off by 4.0 s", "timedatectl"),
        (clock.judged(Discipline(False, 16.0)), "warn", "keeps it in step", "timedatectl"),
        (engine.build("vulkan-b1", None), "fail", "vulkan-b1 is not here", "stoker engine add"),
        (engine.build("vulkan-b1", replace(BUILD, fault="no card")), "fail", "no card", "stoker engine test vulkan-b1"),
        (engine.build("vulkan-b1", BUILD), "ok", "vulkan-b1 on RTX 4090, llama.cpp b1", ""),
        (engine.own_server(""), "fail", "engine.url is not set", "settings set engine.url"),
        (engine.own_server("http://rig:8080/v1"), "ok", "http://rig:8080/v1", ""),
        (box.box(EngineSettings(), WHOLE), "ok", "no network", ""),
        (box.box(EngineSettings(), REDUCED), "warn", "reduced (bubblewrap is not installed)", "install bubblewrap"),
        (box.box(EngineSettings(), NOTHING), "warn", "strangers' jobs stay away", "install bubblewrap"),
        (box.box(EngineSettings(box="off"), WHOLE), "warn", "switched off", "engine.box auto"),
        (box.box(EngineSettings(kind="openai"), WHOLE), "ok", "strangers' jobs stay away from it", ""),
        (cards.card(GpuReading(0, "RTX 4090", temperature_c=44.0)), "ok", "RTX 4090, 44 °C", ""),
        (cards.card(GpuReading(0, "RTX 4090", lost=True)), "fail", "does not answer any more", "reboot"),
        (cards.driver(("libnothing.so.1",)), "fail", "No NVIDIA driver", "not on this machine"),
    ],
)  # fmt: skip
def test_each_finding_has_its_status_and_its_remedy(found: Check, status: str, detail: str, remedy: str) -> None:
    assert found.status == status
    assert detail in found.detail
    assert remedy in found.remedy
    assert bool(found.remedy) == (status != "ok")


def test_a_directory_that_others_may_read_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    assert storage.directory(tmp_path) == Check(
        "data directory", "warn", f"{tmp_path} is open to other users", f"chmod 700 {tmp_path}"
    )


def test_every_tool_of_the_box_has_a_line() -> None:
    assert [(check.name, check.status) for check in box.tools(WHOLE, "0.8.0")] == [
        ("bubblewrap", "ok"), ("Landlock", "ok"), ("seccomp", "ok"),
    ]  # fmt: skip
    assert [(check.name, check.status) for check in box.tools(NOTHING, "")] == [
        ("bubblewrap", "warn"), ("Landlock", "warn"), ("seccomp", "warn"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("switches", "status"),
    [
        ({"user/max_user_namespaces": 96365}, "ok"),
        ({"user/max_user_namespaces": 0}, "warn"),
        ({"kernel/unprivileged_userns_clone": 0}, "warn"),
        ({"user/max_user_namespaces": 1000, "kernel/apparmor_restrict_unprivileged_userns": 1}, "warn"),
        ({"user/max_user_namespaces": 1000, "kernel/apparmor_restrict_unprivileged_userns": 0}, "ok"),
    ],
)
def test_a_kernel_that_forbids_user_namespaces_is_told_with_the_switch(
    tmp_path: Path, switches: dict[str, int], status: str
) -> None:
    for name, value in switches.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"{value}\n")
    (found,) = box.namespaces(tmp_path)
    assert found.status == status
    assert bool(found.remedy) == (status == "warn")


def test_a_kernel_without_these_switches_has_no_such_line(tmp_path: Path) -> None:
    assert list(box.namespaces(tmp_path)) == []


def test_the_kernel_says_whether_it_keeps_the_clock_in_step() -> None:
    found = clock.discipline()
    assert found is not None
    assert found.error >= 0


def nodes(directory: Path, *names: str) -> list[Path]:
    paths = [directory / name for name in names]
    for path in paths:
        path.touch(mode=0o600)
    return paths


def test_device_nodes_that_we_may_open_are_well(tmp_path: Path) -> None:
    (found,) = cards.nodes(nodes(tmp_path, "nvidiactl", "nvidia0", "nvidia-uvm"))
    assert found.status == "ok"


def test_a_node_that_only_the_first_use_would_make_is_asked_for(tmp_path: Path) -> None:
    (found,) = cards.nodes(nodes(tmp_path, "nvidiactl", "nvidia0"))
    assert (found.status, found.remedy) == ("warn", "sudo nvidia-modprobe -u -c 0")


def test_device_nodes_that_we_may_not_open_name_the_groups(tmp_path: Path) -> None:
    (found,) = cards.nodes([tmp_path / "renderD128"])
    assert found.status == "warn"
    assert "usermod -aG render,video" in found.remedy


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def test_only_hosts_that_the_settings_name_are_called() -> None:
    assert network.configured(Settings()) == {}
    named = build(
        {"electricity": {"source": "awattar", "zone": "at"}, "alerts": {"ntfy": "https://ntfy.sh/me"}}, "test"
    )
    assert network.configured(named) == {
        "alerts.ntfy": "https://ntfy.sh/me", "electricity.source": "https://api.awattar.at",
    }  # fmt: skip


def test_a_host_that_takes_a_connection_is_reached(listening: int) -> None:
    settings = build({"alerts": {"webhook": f"http://127.0.0.1:{listening}/hook"}}, "test")
    (found,) = network.checks(settings)
    assert (found.name, found.status) == ("network, alerts.webhook", "ok")


def test_an_own_engine_that_cannot_be_reached_is_a_failure_and_a_webhook_a_warning() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = server.getsockname()[1]
    url = f"http://127.0.0.1:{closed}"
    settings = build({"engine": {"kind": "openai", "url": url}, "alerts": {"webhook": url}}, "test")
    found = list(network.checks(settings))
    assert [check.status for check in found] == ["fail", "warn"]
    assert all("127.0.0.1 cannot be reached: Connection refused" in check.detail for check in found)
