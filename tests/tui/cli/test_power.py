"""``stoker run-anyway``, ``stoker tune`` and what ``stoker status`` says of power."""

from __future__ import annotations

import json
from dataclasses import replace

from fake_node import WORKING
from scripted_control import Answer, ScriptedControl, Stoker

from node.control.wire import Electricity, PowerToday

CARD = {"index": 0, "limit": 450.0, "proposal": {"watts": 315, "reason": "70 % of it", "command": "sudo nvidia-smi"}}


def point(limit: int | None, speed: float, watts: float | None) -> dict[str, object]:
    per_joule = None if watts is None else speed / watts
    return {"limit_w": limit, "tokens_per_second": speed, "watts": watts, "seconds": 1, "tokens_per_joule": per_joule}


def lines(*said: object) -> Answer:
    return Answer([json.dumps(line).encode() + b"\n" for line in said])


def test_running_anyway_is_told_with_its_end(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("POST", "/commands/run_anyway", {"until_at": None})

    assert "for 2h; `stoker resume` takes it back before" in stoker("run-anyway", "--for", "2h").stderr
    assert "until `stoker resume`" in stoker("run-anyway").stderr
    assert control.commands() == [("run_anyway", {"seconds": 7200}), ("run_anyway", {"seconds": None})]


def test_a_time_that_is_none_is_refused_before_the_node_is_asked(control: ScriptedControl, stoker: Stoker) -> None:
    result = stoker("run-anyway", "--for", "ever")

    assert (result.exit_code, control.commands()) == (2, [])
    assert "expected a time such as 90m, 2h or 1d" in result.stderr


def test_a_sweep_is_a_table_with_the_best_and_their_commands(control: ScriptedControl, stoker: Stoker) -> None:
    slow, fast = point(225, 80, 200), point(450, 100, 400)
    best = {"best": {"speed": fast, "efficient": slow, "profit": None}, "commands": {"efficient": "sudo x"}}
    control.on("GET", "/power", {"cards": [CARD]})
    control.on("POST", "/power/tune", lines({"point": fast}, {"point": slow}, {**best, "swept": True}))

    result = stoker("tune")

    assert result.stdout.splitlines()[1].split() == ["225", "W", "80", "200", "0.400", "efficiency"]
    assert "Best efficiency: sudo x" in result.stderr


def test_where_limits_may_not_be_set_the_command_is_told(control: ScriptedControl, stoker: Stoker) -> None:
    only = point(450, 100, 400)
    best = {"best": {"speed": only}, "commands": {}, "swept": False}
    control.on("GET", "/power", {"cards": [CARD]})
    control.on("POST", "/power/tune", lines({"point": only}, best))

    assert "The node may not set limits here. Set one, then measure again: sudo nvidia-smi" in stoker("tune").stderr


def test_the_status_says_what_power_costs(control: ScriptedControl, stoker: Stoker) -> None:
    power = PowerToday(3.6e6, 7.2e6, 61.0, 298.0, 960_000, "EUR", earned_micro=1_370_000)
    now = Electricity("EUR", 340_000, "table of hours", "GPU counter", 300.0, 102_000)
    control.on("GET", "/state", replace(WORKING, today=replace(WORKING.today, power=power), electricity=now))

    told = stoker("status").stdout

    assert (
        "Power: the machine took 3.00 kWh today, for 0.96 EUR, net +0.41 EUR (priced assets only), "
        "61 W idle, 298 W at work.\nA kilowatt-hour costs 0.34 EUR (table of hours), 0.10 EUR an hour as it runs.\n"
    ) in told
