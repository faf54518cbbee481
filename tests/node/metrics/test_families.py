"""Which figures of a node are told, and what of it is not."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from fake_node import BARE_HARDWARE, GPU, IDLE, WORKING
from scrape import Scraped, scraped

import assets
from node.control.wire import Snapshot, StateWord
from node.energy.account import Consumption
from node.ledger.sums import Earned, Takings, Totals
from node.metrics.books import Booked
from node.metrics.exposition import exposition
from node.metrics.families import families
from wallet.money import Asset

BOOKS = Booked(
    1043,
    (
        Earned(
            "horde",
            Totals(
                done=400,
                failed=2,
                prompt_tokens=90_000,
                completion_tokens=300_000,
                compute_us=36_000_500_000,
                energy_mj=9_000_000,
                measured=402,
                takings=(Takings(Asset("kudos", 2), claimed=139_100, credited=128_400, paid=0),),
            ),
        ),
        Earned(
            "sales",
            Totals(done=3, takings=(Takings(Asset("USDC", 6), claimed=314_200, credited=314_200, paid=310_000),)),
        ),
    ),
)
USED = Consumption(idle_mj=1_000_000, working_mj=11_000_000, product=0, unpriced_mj=0)


def told(snapshot: Snapshot, books: Booked = BOOKS, used: Consumption = USED) -> dict[str, Scraped]:
    return scraped(exposition(families(snapshot, books, used, "EUR")))


def test_exactly_one_state_word_holds() -> None:
    state = told(WORKING)["stoker_state"]

    assert state.value(word="WORKING") == 1
    assert sum(state.samples.values()) == 1
    assert len(state.samples) == len(StateWord)


def test_jobs_tokens_and_slot_time_are_counted_by_network() -> None:
    metrics = told(WORKING)

    assert metrics["stoker_jobs_total"].value(network="horde", state="done") == 400
    assert metrics["stoker_jobs_total"].value(network="horde", state="failed") == 2
    assert metrics["stoker_tokens_total"].value(network="horde", kind="completion") == 300_000
    assert metrics["stoker_compute_seconds_total"].value(network="horde") == 36_000.5
    assert metrics["stoker_job_energy_joules_total"].value(network="horde") == 9000
    assert metrics["stoker_ledger_entries"].value() == 1043


def test_what_was_earned_is_never_mixed() -> None:
    earned = told(WORKING)["stoker_earnings"]

    assert earned.value(network="horde", asset="kudos", claim="claimed") == 1391
    assert earned.value(network="horde", asset="kudos", claim="credited") == 1284
    assert earned.value(network="sales", asset="USDC", claim="paid") == 0.31
    assert all({name for name, _ in labels} == {"network", "asset", "claim"} for labels in earned.samples)


def test_the_card_is_told_in_base_units() -> None:
    metrics = told(WORKING)

    assert metrics["stoker_gpu_temperature_celsius"].value(gpu=GPU.key, sensor="core") == 71
    assert metrics["stoker_gpu_power_watts"].value(gpu=GPU.key) == 263
    assert metrics["stoker_gpu_busy_ratio"].value(gpu=GPU.key) == 0.97
    assert metrics["stoker_gpu_clock_hertz"].value(gpu=GPU.key, clock="core") == 2_520_000_000
    assert metrics["stoker_event_loop_lag_p99_seconds"].value() == pytest.approx(0.0031)


def test_what_cannot_be_measured_is_left_out_and_never_zero() -> None:
    metrics = told(replace(IDLE, hardware=BARE_HARDWARE, electricity=None), Booked(1, ()), Consumption())

    absent = {"stoker_power_watts", "stoker_energy_joules_total", "stoker_energy_cost", "stoker_host_cpu_power_watts"}
    assert not absent & set(metrics)
    assert not [name for name in metrics if name.startswith("stoker_gpu")]


def test_nothing_of_a_client_a_job_or_a_message_is_told() -> None:
    text = exposition(families(WORKING, BOOKS, USED, "EUR"))

    for job in (*WORKING.jobs, *WORKING.recent):
        assert job.id not in text
        assert not job.client or job.client not in text
    assert WORKING.node.data_dir not in text


def test_every_metric_of_the_dashboard_is_one_that_is_told() -> None:
    dashboard = json.loads((Path(assets.__file__).parent / "grafana.json").read_text("utf-8"))
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]

    asked = {name for query in queries for name in re.findall(r"\bstoker_\w+", query)}
    assert asked
    assert asked <= set(told(WORKING))


def test_the_dashboard_is_one_that_grafana_imports() -> None:
    dashboard = json.loads((Path(assets.__file__).parent / "grafana.json").read_text("utf-8"))
    variables = {variable["name"] for variable in dashboard["templating"]["list"]}
    panels = dashboard["panels"]

    assert dashboard["schemaVersion"] >= 36
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        assert panel["datasource"]["uid"] == "${source}"
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])
        for target in panel["targets"]:
            assert set(re.findall(r"\$\{?(\w+)", target["expr"])) <= variables
            assert target["expr"].count("(") == target["expr"].count(")")
