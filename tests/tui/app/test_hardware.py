"""The hardware screen: every card, every limit, what the guard makes of it, and how it went."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_machines import HOT, LOST, PAIR, PAUSED, RIG, YOURS
from fake_node import ELECTRICITY, GPU, HARDWARE, IDLE, NOW, TODAY, WORKING, FakeNode
from screens import LARGE, SMALL, press, shown, until, written
from textual.pilot import Pilot

from node.control.client import Refused
from node.control.wire import GpuProcess, GpuReading, HardwareReading, HostReading, Snapshot, StateLine, StateWord
from tui.hardware import meaning
from tui.hardware.devices import devices
from tui.hardware.facts import Fact
from tui.widgets.panel import Panel
from tui.widgets.roll import Roll


def rows(pilot: Pilot[int]) -> str:
    return pilot.app.screen.query_one(Roll).text


def facts(gpu: GpuReading) -> dict[str, Fact]:
    snapshot = replace(WORKING, hardware=replace(HARDWARE, gpus=(gpu,)))
    return {fact.key: fact for fact in devices(snapshot)[0].facts()}


async def test_a_card_shows_every_reading_with_its_limit() -> None:
    async with shown(FakeNode(), "4", size=LARGE) as pilot:
        text = rows(pilot)
        for words in (
            *("of 78 °C", "hot spot        82 °C", "memory          78 °C", "263 W", "of 300 W", "default 450 W"),
            *("17.8 GB", "54 %", "2,520 MHz", "of 3,105 MHz", "power limit", "PCIe 4.0 ×16", "llama-server   ours"),
        ):
            assert words in text
        assert "┼" in text


def test_what_a_card_does_not_say_is_a_dash() -> None:
    silent = facts(GpuReading(0, "Tesla K80"))
    for key in ("temperature_c", "hot_spot_c", "power_w", "utilisation_pct", "memory_used", "fan_pct", "clock_mhz"):
        assert (silent[key].value, silent[key].share) == ("–", None)
    for key in ("pcie_width", "ecc_uncorrected", "processes"):
        assert silent[key].note == "–"


def test_our_own_programs_come_first_and_say_so() -> None:
    game = GpuProcess(7, "game", "graphics", 20_000_000_000)
    ours = GpuProcess(9, "llama-server", "compute", 1_000_000_000, ours=True)
    found = [fact for key, fact in facts(replace(GPU, processes=(game, ours))).items() if key.startswith("pid ")]
    assert [fact.note for fact in found] == ["llama-server   ours   1.0 GB", "game   graphics   20.0 GB"]
    assert facts(replace(GPU, processes=()))["processes"].note == "none"


@pytest.mark.parametrize(("reading", "sign"), [(74.0, " "), (76.0, "▲"), (78.0, "✖")])
async def test_a_temperature_near_its_ceiling_is_marked_with_a_sign(reading: float, sign: str) -> None:
    gpus = (replace(GPU, temperature_c=reading),)
    async with shown(FakeNode(replace(WORKING, hardware=replace(HARDWARE, gpus=gpus))), "4") as pilot:
        assert rows(pilot).startswith(f"{sign}heat")


async def test_enter_on_a_temperature_shows_its_sensor_and_its_limits() -> None:
    async with shown(FakeNode(), "4", "enter", size=LARGE) as pilot:
        text = written(pilot)
        assert "Heat of GPU 0" in text
        for words in (
            *("The sensor of the GPU chip itself.", "now          71 °C", "slows down   75 °C"),
            *("ceiling      78 °C", "stops        81 °C", "goes on      70 °C", "card's own   83 °C"),
            "limits.gpu_celsius",
        ):
            assert words in text
        await press(pilot, "escape")
        assert "Heat of GPU 0" not in written(pilot)


@pytest.mark.parametrize("snapshot", [WORKING, LOST, IDLE, RIG], ids=["whole", "lost", "host only", "many"])
def test_every_fact_can_be_asked_for_its_meaning(snapshot: Snapshot) -> None:
    for device in devices(snapshot):
        for fact in device.facts():
            assert meaning.title(device, fact).endswith(
                ("of the host", f"of GPU {getattr(device.reading, 'index', '')}")
            )
            lines = ("".join(span.text for span in line) for line in meaning.about(device, fact, 80))
            text = "\n".join(lines)
            assert len(text.split("\n\n", 1)[1]) > 20


async def test_the_devices_are_gone_through_and_charts_and_facts_follow() -> None:
    async with shown(FakeNode(PAIR), "4") as pilot:
        assert "▸GPU 0 RTX 4090" in written(pilot)
        await press(pilot, "l")
        assert "▸GPU 1 RTX 3090" in written(pilot)
        assert "of 83 °C" in rows(pilot)
        await press(pilot, "right")
        assert "▸Host" in written(pilot)
        assert "disk" in rows(pilot)
        await press(pilot, "right")
        assert "▸GPU 0" in written(pilot)


async def test_eight_cards_are_all_in_sight_in_a_small_window() -> None:
    async with shown(FakeNode(RIG), "4") as pilot:
        text = written(pilot)
        assert all(f"GPU {index} A100-SXM4-80GB" in text for index in range(8))
        assert "✖ lost" in text
        assert "Energy" in text


async def test_in_the_smallest_window_the_chosen_card_stays_in_sight() -> None:
    async with shown(FakeNode(RIG), "4", *("l" * 7), size=SMALL) as pilot:
        assert "▸GPU 7" in written(pilot)
        assert "3 of 9" in written(pilot)


async def test_a_long_explanation_is_read_on_in_the_smallest_window() -> None:
    async with shown(FakeNode(), "4", "enter", size=SMALL) as pilot:
        assert "own limit" not in written(pilot)
        await press(pilot, "end")
        assert "own limit" in written(pilot)
        await press(pilot, "enter")
        assert "Heat of GPU 0" not in written(pilot)


async def test_before_anything_was_read_no_card_is_missed() -> None:
    async with shown(FakeNode(replace(IDLE, hardware=None)), "4") as pilot:
        assert "No card" not in written(pilot)
        assert "▸Host" in written(pilot)


async def test_longer_charts_ask_the_node_for_its_history_of_this_device() -> None:
    node = FakeNode()
    async with shown(node, "4", "right_square_bracket", size=LARGE) as pilot:
        await until(pilot, lambda: node.asked == [(GPU.key, 1)])
        assert "of 78   1 h" in written(pilot)
        await press(pilot, "right_square_bracket", "right_square_bracket", "l")
        assert node.asked[1:] == [(GPU.key, 24), (GPU.key, 720), ("host", 720)]
        assert "30 d" in written(pilot)
        await press(pilot, *["left_square_bracket"] * 4)
        assert "5 min" in written(pilot)


async def test_a_history_that_cannot_be_had_says_why() -> None:
    class Forgetful(FakeNode):
        def course(self, device: str = "host", *, hours: int = 24, points: int = 300) -> object:  # type: ignore[override]
            raise Refused(404, "no_history", "there is no hardware history yet")

    async with shown(Forgetful(), "4", "right_square_bracket", size=LARGE) as pilot:
        await until(pilot, lambda: "there is no hardware history yet" in written(pilot))


async def test_alarms_stand_with_their_evidence_and_what_to_do() -> None:
    node = FakeNode()
    async with shown(node, "4") as pilot:
        assert "Alarms" not in written(pilot)
        node.play(replace(HOT, at=NOW + 1))
        await until(pilot, lambda: "▲ warning  GPU 0 (RTX 4090) holds back for heat" in written(pilot))
        text = written(pilot)
        assert "its driver has lowered the clocks for 24 s at 80 °C" in text
        assert "→ clean filters and fans" in text
        assert "since 12:17" in text
        node.play(replace(WORKING, at=NOW + 2))
        await until(pilot, lambda: "Alarms" not in written(pilot))


async def test_alarms_that_find_no_room_are_counted() -> None:
    async with shown(FakeNode(RIG), "4") as pilot:
        assert "2, 1 not shown" in written(pilot)


@pytest.mark.parametrize(
    ("snapshot", "words"),
    [
        (WORKING, ("● within the limits", "GPU hot spot  82 of 100 °C  18 left")),
        (
            HOT,
            (
                "‖ takes nothing new",
                "the GPU is at 80 °C, its ceiling is 78 °C",
                "goes on by itself at 70 °C",
                "2 over",
            ),
        ),
        (YOURS, ("■ stopped, the GPU is free", "Cyberpunk2077 holds 9.8 GB", "goes on by itself after 10 min")),
        (PAUSED, ("‖ paused by you", "stoker resume")),
    ],
    ids=["running", "hot", "the owner's", "paused"],
)
async def test_the_guard_says_its_verdict_the_reading_and_what_would_lift_it(
    snapshot: Snapshot, words: tuple[str, ...]
) -> None:
    async with shown(FakeNode(snapshot), "4", size=LARGE) as pilot:
        panel = pilot.app.screen.query_one("#guard", Panel).text
        assert all(part in panel for part in words)


async def test_energy_shows_what_today_took_and_cost() -> None:
    async with shown(FakeNode(), "4", size=LARGE) as pilot:
        panel = pilot.app.screen.query_one("#energy", Panel).text
        for words in ("3.52 kWh", "1.05 EUR", "net +0.40 EUR", "0.0927 EUR an hour", "0.30 EUR", "1.34 kg CO2"):
            assert words in panel


async def test_energy_without_a_price_says_which_setting_gives_one() -> None:
    free = replace(TODAY, power=replace(TODAY.power, cost_micro=None))  # type: ignore[type-var]
    snapshot = replace(WORKING, today=free, electricity=replace(ELECTRICITY, price_micro=None, hour_micro=None))
    async with shown(FakeNode(snapshot), "4") as pilot:
        assert "set electricity.price" in written(pilot)
        assert "EUR/h" not in written(pilot).splitlines()[0]


async def test_without_a_card_the_screen_teaches() -> None:
    async with shown(FakeNode(IDLE), "4") as pilot:
        text = written(pilot)
        assert "No card can be read. The engine runs on the CPU. Why:  stoker doctor" in text
        assert "▸Host" in text
        assert "hardware.cpu_watts" in text


async def test_a_lost_card_is_a_state_and_comes_back() -> None:
    node = FakeNode(LOST)
    async with shown(node, "4") as pilot:
        assert "✖ lost" in written(pilot)
        assert "✖card" in rows(pilot)
        node.play(replace(WORKING, at=NOW + 1))
        await until(pilot, lambda: "lost" not in written(pilot))


@pytest.mark.parametrize(
    ("word", "sign"),
    [("WORKING", "●"), ("WAITING", "○"), ("RESTING", "‖"), ("YOURS", "◆"), ("COOLING", "▼"), ("BLOCKED", "✖")],
)
async def test_every_state_has_a_sign_of_its_own(word: str, sign: str) -> None:
    snapshot = replace(WORKING, state=StateLine(StateWord(word), "for a reason"))
    async with shown(FakeNode(snapshot)) as pilot:
        assert f"{sign} {word}" in written(pilot).splitlines()[0]


async def test_the_state_line_says_what_an_hour_costs() -> None:
    async with shown(FakeNode()) as pilot:
        assert "0.0927 EUR/h" in written(pilot).splitlines()[0]


async def test_the_dashboard_shows_the_ceiling_that_the_guard_holds() -> None:
    async with shown(FakeNode()) as pilot:
        assert "71 °C of 78 °C" in written(pilot)


async def test_names_that_others_write_are_not_obeyed_by_the_terminal() -> None:
    hostile = "\x1b]0;owned\x07\x1b[2J[bold]"
    card = replace(GPU, name=hostile, throttle=(hostile,), processes=(GpuProcess(7, hostile, "compute", 1),))
    hardware = HardwareReading(NOW, HostReading(cpu_name=hostile), (card,))
    alarm = replace(HOT.alarms[0], device=hostile, title=hostile, evidence=hostile, remedy=hostile)
    node = FakeNode(replace(WORKING, hardware=hardware, alarms=(alarm,)))
    async with shown(node, "4", size=LARGE) as pilot:
        for keys in ((), ("G", "enter"), ("escape", "l")):
            await press(pilot, *keys)
            strips = pilot.app.screen._compositor.render_strips()
            assert all(strip.text.isprintable() for strip in strips)
