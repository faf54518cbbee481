"""Snapshots of machines of all kinds: a hot card, a rig of eight, a lost card, alarms, an owner at the desk."""

from __future__ import annotations

from dataclasses import replace

from fake_node import CEILINGS, GPU, HARDWARE, NOW, WORKING, wave

from node.control.wire import (
    Alarm,
    GpuProcess,
    GpuReading,
    HeatCeiling,
    History,
    Severity,
    Snapshot,
    StateLine,
    StateWord,
    Trail,
    Xid,
)

A100 = "NVIDIA A100-SXM4-80GB"
HEAT = "goes on by itself at 70 °C, after 60 s at least (limits.gpu_celsius)"


def on(*gpus: GpuReading, **changes: object) -> Snapshot:
    """The working node with these cards."""
    hardware = replace(HARDWARE, gpus=gpus)
    return replace(WORKING, hardware=hardware, **changes)  # type: ignore[arg-type]


HOT = on(
    replace(GPU, temperature_c=80.0, hot_spot_c=95.0, fan_pct=100.0, throttle=("heat (driver)",), throttle_fault=True),
    state=StateLine(StateWord.COOLING, "the GPU is at 80 °C, its ceiling is 78 °C", HEAT, NOW - 40, action="hold"),
    alarms=(
        Alarm(
            "throttle",
            Severity.WARNING,
            "GPU 0 (NVIDIA GeForce RTX 4090)",
            "holds back for heat",
            "its driver has lowered the clocks for 24 s at 80 °C",
            "clean filters and fans, give it room; lower its power limit: stoker tune",
            NOW - 1440,
        ),
    ),
)

YOURS = on(
    replace(GPU, processes=(GpuProcess(7712, "Cyberpunk2077", "graphics", 9_800_000_000),)),
    state=StateLine(
        StateWord.YOURS,
        "Cyberpunk2077 holds 9.8 GB and works on the GPU",
        "goes on by itself after 10 min of quiet; at once: stoker run-anyway",
        NOW - 300,
        action="stop",
    ),
    jobs=(),
)

PAUSED = replace(
    WORKING,
    state=StateLine(
        StateWord.RESTING, "paused by you: until you resume", "stoker resume", NOW - 60, action="hold", paused=True
    ),
)

OUT_OF_HOURS = replace(
    WORKING,
    state=StateLine(
        StateWord.RESTING,
        "outside the hours that you set, resting until Mon 22:00",
        "schedule.hours; at once: stoker run-anyway",
        NOW - 60,
        action="hold",
    ),
)

ANYWAY = replace(
    WORKING,
    state=replace(WORKING.state, anyway=True, notes=("you told it to run anyway; stoker resume takes that back",)),
)

LOST = on(
    GpuReading(0, GPU.name, GPU.uuid, "nvml", lost=True),
    state=StateLine(
        StateWord.BLOCKED,
        "NVIDIA GeForce RTX 4090 has gone away: its driver no longer answers",
        "it is looked for every 30 s; if it stays away: stoker doctor",
        NOW - 5,
        action="hold",
    ),
    ceilings=CEILINGS[3:],
)


def _card(index: int) -> GpuReading:
    if index == 6:
        return GpuReading(index, A100, "GPU-00000006", "nvml", lost=True, xids=(Xid(NOW - 60, 79),))
    return replace(
        GPU,
        index=index,
        name=A100,
        uuid=f"GPU-{index:08x}",
        temperature_c=58.0 + 3 * index,
        hot_spot_c=None,
        memory_temperature_c=70.0 + 2 * index,
        temperature_limit_c=92.0,
        power_w=310.0 + 9 * index,
        power_limit_w=400.0,
        power_default_w=400.0,
        power_max_w=400.0,
        memory_total=85_899_345_920,
        memory_used=71_000_000_000 - 2_000_000_000 * index,
        fan_pct=None,
        ecc_corrected=3 if index == 2 else 0,
        ecc_uncorrected=0,
        remapped_rows=0,
        processes=(GpuProcess(4301 + index, "vllm", "compute", 69_000_000_000, ours=True),),
    )


CARDS = tuple(_card(index) for index in range(8))

RIG = on(
    *CARDS,
    ceilings=(
        *(
            HeatCeiling(f"GPU-{index:08x}", "temperature_c", 80.0, 83.0, 87.0, 75.0, 60.0, "limits.gpu_celsius")
            for index in range(8)
            if index != 6
        ),
        CEILINGS[3],
    ),
    alarms=(
        Alarm(
            "lost 6",
            Severity.GRAVE,
            "GPU 6 (NVIDIA A100-SXM4-80GB)",
            "has fallen off the bus",
            "XID 79 at 12:40, and its driver no longer answers",
            "switch the machine off and on, seat the card and its power plugs anew",
            NOW - 60,
        ),
        Alarm(
            "memory 2",
            Severity.NOTICE,
            "GPU 2 (NVIDIA A100-SXM4-80GB)",
            "memory repair waits",
            "a bad row of its memory will be replaced at the next reset",
            "when it suits you: sudo nvidia-smi --gpu-reset, or restart the machine",
            NOW - 7200,
        ),
    ),
)

PAIR = on(
    GPU,
    replace(GPU, index=1, uuid="GPU-77", name="NVIDIA GeForce RTX 3090", temperature_c=66.0, hot_spot_c=None),
    ceilings=(*CEILINGS, replace(CEILINGS[0], device="GPU-77", hold_c=83.0)),
)


def past(snapshot: Snapshot) -> History:
    """Five minutes that lead up to what every card of this snapshot says."""
    before, hardware = wave(), snapshot.hardware
    assert hardware is not None
    host = before.trails[-1]
    return replace(before, trails=(*(_trail(gpu) for gpu in hardware.gpus), host))


def _trail(gpu: GpuReading) -> Trail:
    heat, steps = gpu.temperature_c, range(300)
    if heat is None:
        return Trail(gpu.key)
    rise = tuple(min(heat, heat - 18 + i / 12) for i in steps)
    return Trail(gpu.key, rise, tuple(3 * value + 30 for value in rise), tuple(min(97.0, value + 20) for value in rise))
