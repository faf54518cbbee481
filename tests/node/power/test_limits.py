"""Power limits: what is proposed, what is tried, what is best; and that the card gets back what it had."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from fake_nvml import FakeNvml
from hypothesis import given
from hypothesis import strategies as st

from node.power.limits import PowerRange, command, propose, sweep
from node.power.points import Best, Point, best
from node.power.setter import LimitRefused, NvidiaLimits

CARD = PowerRange(limit=450, default=450, least=150, most=600)


def limits(nvml: FakeNvml, folder: Path) -> NvidiaLimits:
    return NvidiaLimits(folder / "power.json", (nvml.library,))


def limit_of(nvml: FakeNvml) -> int:
    lines = dict(line.split("=") for line in nvml.state.read_text().splitlines())
    return int(lines["gpu0.limit_mw"]) // 1000


def test_the_start_is_seventy_percent_with_its_reason() -> None:
    proposal = propose(CARD)
    assert proposal.watts == 315
    assert proposal.reason.startswith("70 % of the default 450 W: published curves keep 93 to 96 %")


def test_the_start_stays_within_what_the_card_takes() -> None:
    assert propose(PowerRange(180, 180, 150, 180)).watts == 150


ranges = st.builds(
    lambda least, default, most: PowerRange(default, default, least, most),
    st.floats(10, 200),
    st.floats(200, 400),
    st.floats(400, 700),
)


@given(ranges, st.integers())
def test_a_sweep_stays_within_the_card_and_between_half_and_all_of_the_default(card: PowerRange, seed: int) -> None:
    steps = sweep(card, random.Random(seed))
    assert 1 <= len(steps) <= 6
    assert all(round(card.clamped(card.default / 2)) <= step <= round(card.default) for step in steps)


def test_the_order_of_a_sweep_is_left_to_chance() -> None:
    orders = {sweep(CARD, random.Random(seed)) for seed in range(20)}
    assert len(orders) > 10
    assert {frozenset(order) for order in orders} == {frozenset((225, 270, 315, 360, 405, 450))}


def test_the_owner_is_told_the_exact_command() -> None:
    assert command(1, 315) == "sudo nvidia-smi -i 1 -pl 315"


CURVE = (Point(225, 80, 220, 60), Point(315, 95, 300, 60), Point(450, 100, 430, 60))


def test_the_best_points_differ_by_what_is_asked_of_them() -> None:
    dear = best(CURVE, micro_per_token=0.1, micro_per_kwh=300_000)
    assert dear == Best(speed=CURVE[2], efficient=CURVE[0], profit=CURVE[0])
    cheap = best(CURVE, micro_per_token=10.0, micro_per_kwh=100_000)
    assert cheap.profit == CURVE[2]


def test_without_a_meter_only_the_speed_can_be_compared() -> None:
    blind = Point(None, 12.5, None, 60)
    assert best([blind], 1.0, 1.0) == Best(speed=blind)
    assert best([]) == Best()


def test_where_limits_may_not_be_set_nothing_is_changed(nvml: FakeNvml, tmp_path: Path) -> None:
    power = limits(nvml, tmp_path)
    with pytest.raises(LimitRefused, match="the driver says"):
        power.set(0, 250)
    assert limit_of(nvml) == 315
    assert power.read(0) == PowerRange(315, 450, 150, 600)


def test_a_limit_is_clamped_set_and_put_back(nvml: FakeNvml, tmp_path: Path) -> None:
    nvml.set(root=1)
    power = limits(nvml, tmp_path)
    assert power.set(0, 20) == 150
    assert power.set(0, 400) == 400
    assert limit_of(nvml) == 400
    assert power.restore() == ()
    assert limit_of(nvml) == 315
    assert not (tmp_path / "power.json").exists()


def test_what_a_crashed_node_left_is_put_back_by_the_next(nvml: FakeNvml, tmp_path: Path) -> None:
    nvml.set(root=1)
    limits(nvml, tmp_path).set(0, 200)
    assert json.loads((tmp_path / "power.json").read_bytes()) == {"GPU-00000000-0000-0000-0000-000000000000": 315000}
    assert limits(nvml, tmp_path).restore() == ()
    assert limit_of(nvml) == 315


def test_a_limit_that_cannot_be_put_back_is_told_and_kept_in_mind(nvml: FakeNvml, tmp_path: Path) -> None:
    nvml.set(root=1)
    power = limits(nvml, tmp_path)
    power.set(0, 200)
    nvml.set(root=0)
    (trouble,) = power.restore()
    assert "was 315 W and is not put back" in trouble
    assert (tmp_path / "power.json").exists()


def test_without_a_card_there_is_no_limit(nvml: FakeNvml, tmp_path: Path) -> None:
    assert limits(nvml, tmp_path).read(5) is None
    assert NvidiaLimits(tmp_path / "p", ("libnone.so",)).read(0) is None
    assert NvidiaLimits(tmp_path / "p", ("libnone.so",)).restore() == ()


@pytest.mark.parametrize("body", [b"", b"[]", b'{"GPU": "x"}'])
def test_a_damaged_memory_of_limits_is_done_without(nvml: FakeNvml, tmp_path: Path, body: bytes) -> None:
    (tmp_path / "power.json").write_bytes(body)
    assert limits(nvml, tmp_path).restore() == ()
