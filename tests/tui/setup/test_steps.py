"""What each step asks, and what it has the node do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_node import GPU, IDLE
from guided import held, said
from scripted_control import Answer, Asked, ScriptedControl, json_answer, refusal

from node.control.client import ControlClient
from node.control.wire import Examination, Finding
from tui.setup import benchmark, facts
from tui.setup.steps import engine, limits, model, networks, payout, service
from tui.setup.words import Agree, Choose, Conceal, Enter, Ran, Run, Say, Sign

OLLAMA = {"kind": "Ollama", "url": "http://127.0.0.1:11434", "models": ["llama3.2", "qwen3"]}
ADDRESS = "7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU"
KEY = "sk-of-ada"
YES = {"networks.join": ["horde", "done"], "networks.horde.accept": True, "networks.horde.worker_name": "rig",
       "networks.horde.api_key": KEY}  # fmt: skip


def settings(control: ScriptedControl) -> dict[str, str | None]:
    """What was written, by its key."""
    prefix = "/settings/"
    return {one.path.removeprefix(prefix): one.body["value"] for one in control.asked if one.method == "PUT"}


# Engine


def test_a_server_that_runs_already_is_proposed_first(control: ScriptedControl, node: ControlClient) -> None:
    control.on("GET", "/engines/detect", {"found": [OLLAMA]})

    words = held(engine.talk(node), {})

    (question,) = (word for word in words if isinstance(word, Choose))
    assert question.options[0].word == "Ollama at http://127.0.0.1:11434"
    assert "llama3.2, qwen3" in question.options[0].meaning
    assert settings(control) == {"engine.url": OLLAMA["url"], "engine.kind": "openai", "engine.key_file": None}
    assert Run(("restart",), "starting the node again") in words


def test_a_card_is_proposed_its_build_which_is_tried_before_it_is_used(
    control: ScriptedControl, node: ControlClient
) -> None:
    control.on("GET", "/state", replace(IDLE, hardware=replace(IDLE.hardware, gpus=(GPU,))))  # type: ignore[arg-type]
    offer = {"backend": "cuda", "size": 400_000_000, "obstacle": ""}
    control.on("GET", "/engines/builds", {"installed": [], "available": [offer], "release": "b1"})
    lines = [
        b'{"detail": "fetching", "done": 1, "total": 2}\n',
        b'{"engine": {"name": "b1-cuda", "device": "RTX 4090"}}\n',
    ]
    control.on("POST", "/engines/add", Answer(lines))

    words = held(engine.talk(node), {})

    assert "b1-cuda computes rightly on RTX 4090." in said(words)
    assert control.commands() == [("use_engine", {"name": "b1-cuda"})]


def test_a_build_that_failed_is_told_with_the_way_out_and_not_proposed(
    control: ScriptedControl, node: ControlClient
) -> None:
    failed = {"name": "b1-cuda", "device": "", "fault": "it sees no card"}
    control.on("GET", "/engines/builds", {"installed": [failed], "available": [], "release": "b1"})

    words = held(engine.talk(node), {"engine.use": "embedded"})

    (told,) = (word for word in words if isinstance(word, Say) and word.sign is Sign.NOTE)
    assert told.text == "The build b1-cuda failed here: it sees no card."
    assert "stoker engine remove b1-cuda" in told.remedy
    (question,) = (word for word in words if isinstance(word, Choose))
    assert "b1-cuda" not in {option.value for option in question.options}


def test_the_engine_that_comes_with_stoker_needs_no_new_start(control: ScriptedControl, node: ControlClient) -> None:
    words = held(engine.talk(node), {"engine.use": "embedded"})

    assert control.commands() == [("use_engine", {"name": "embedded"})]
    assert not [word for word in words if isinstance(word, Run)]


# Model


def fetched(control: ScriptedControl, *, conditions: str = "") -> None:
    fit = {"level": "fits", "total": 3_000_000_000, "available": 16_000_000_000, "sentence": "fits"}
    listed = {"name": "small", "title": "Small 1B", "purpose": "chat", "size": 800_000_000, "installed": False}
    terms = {"licence": "Llama", "commercial": True, "conditions": conditions}
    control.on("GET", "/models", {"installed": [], "catalogue": [{**listed, **terms, "fit": fit}]})
    control.on(
        "POST",
        "/models/pull",
        Answer([b'{"done": 1, "total": 2, "detail": ""}\n', b'{"installed": {"name": "small"}}\n']),
    )


def test_a_model_is_fetched_and_served(control: ScriptedControl, node: ControlClient) -> None:
    fetched(control, conditions="shown with its name")

    words = held(model.talk(node), {"model.benchmark": "no"})

    assert control.commands() == [("use_model", {"name": "small"})]
    assert "Its licence asks for something in return: shown with its name." in said(words)


def test_a_model_that_came_by_itself_is_no_choice_yet(control: ScriptedControl, node: ControlClient) -> None:
    fetched(control)
    control.on("GET", "/state", replace(IDLE, engines=(replace(IDLE.engines[0], models=("small",)),)))
    assert model.judge(facts.look(node)) == (False, "small is served, to try things out")

    held(model.talk(node), {"model.name": "small", "model.benchmark": "no"})

    assert settings(control) == {"engine.model": "small"}
    assert model.judge(facts.look(node)) == (True, "small is served")


def test_none_for_now_fetches_nothing(control: ScriptedControl, node: ControlClient) -> None:
    fetched(control)

    held(model.talk(node), {"model.name": "later"})

    assert {asked.method for asked in control.asked} == {"GET"}


def test_a_path_that_is_no_model_is_asked_for_again(control: ScriptedControl, node: ControlClient) -> None:
    def taken(asked: Asked) -> Answer:
        if asked.body["path"] == "mine.gguf":
            return refusal(400, "bad_argument", "path: got 'mine.gguf'; expected an absolute path")
        return Answer([b'{"installed": {"name": "mine", "size": 1000}}\n'])

    control.on("POST", "/models/import", taken)
    answers = {"model.name": "file", "model.file": ["mine.gguf", "/mine.gguf"], "model.benchmark": "no"}

    words = held(model.talk(node), answers)

    assert [word.wrong for word in words if isinstance(word, Enter)][1].endswith("expected an absolute path")
    assert control.commands() == [("use_model", {"name": "mine"})]


def test_speed_draw_and_cost_are_told(control: ScriptedControl, node: ControlClient) -> None:
    control.on("POST", "/power/tune", Answer([b'{"point": {"tokens_per_second": 118.2, "watts": 263.0}}\n', b"{}\n"]))

    words = held(benchmark.benchmark(node), {"electricity.price": "0.31", "electricity.currency": "EUR"})

    (asked,) = (one for one in control.asked if one.path == "/power/tune")
    assert asked.body["as_it_is"] is True
    assert said(words).splitlines() == [
        "118 tokens a second with all 2 slots busy.",
        "263 W at work: an hour of work costs 0.0815 EUR.",
    ]


def test_what_cannot_be_measured_now_holds_nothing_up(control: ScriptedControl, node: ControlClient) -> None:
    control.on("POST", "/power/tune", refusal(409, "busy", "a sweep is under way already"))

    assert said(held(benchmark.benchmark(node), {})) == "Nothing can be measured now: a sweep is under way already."


def test_where_nothing_measures_the_draw_is_asked_for(control: ScriptedControl, node: ControlClient) -> None:
    control.on("POST", "/power/tune", Answer([b'{"point": {"tokens_per_second": 9.0, "watts": null}}\n']))

    words = held(benchmark.benchmark(node), {"electricity.price": "0.31", "hardware.cpu_watts": "45"})

    assert "45 W at work: an hour of work costs 0.0140 EUR." in said(words)


# Payouts


def test_an_address_is_watched_and_a_wrong_one_asked_for_again(control: ScriptedControl, node: ControlClient) -> None:
    def watched(asked: Asked) -> Answer:
        address = asked.body["arguments"]["address"]
        if address != ADDRESS:
            return refusal(409, "wallet", "address: is none", "copy it again")
        return json_answer({"name": "payouts", "address": address, "chain": "solana"})

    control.on("POST", "/commands/watch_wallet", watched)

    words = held(payout.talk(node), {"payout.where": "address", "payout.address": ["nonsense", ADDRESS]})

    assert [word.wrong for word in words if isinstance(word, Enter) and word.wrong] == [
        "address: is none; copy it again"
    ]
    assert f"payouts is {ADDRESS} on solana; only its address is here." in said(words)


def test_a_key_is_made_by_the_command_that_may_and_on_the_terminal(node: ControlClient) -> None:
    words = held(payout.talk(node), {"payout.where": "key"})

    assert Run(("keys", "new", "payouts"), "making a key", asks=True) in words


def test_later_does_nothing(control: ScriptedControl, node: ControlClient) -> None:
    held(payout.talk(node), {})

    assert control.commands() == []


# Networks


def test_a_network_is_joined_after_page_test_and_a_yes(control: ScriptedControl, node: ControlClient) -> None:
    words = held(networks.talk(node), {**YES, "networks.horde.join": "yes"})

    ((name, given),) = control.commands()
    assert (name, given["worker_name"], given["key"]) == ("add_network", "rig", KEY)
    assert given["accepted_page"]
    asked = [word.key for word in words if isinstance(word, Agree | Enter | Conceal | Choose)]
    assert asked[1] == "networks.horde.accept"
    assert asked[-2:] == ["networks.horde.join", "networks.join"]


@pytest.mark.parametrize(
    "answers",
    [{}, {**YES, "networks.horde.accept": False}, YES],
    ids=["by itself", "without the page", "without the last yes"],
)
def test_nothing_is_joined_without_a_yes(
    answers: dict[str, object], control: ScriptedControl, node: ControlClient
) -> None:
    held(networks.talk(node), answers)

    assert control.commands() == []


def test_what_stands_against_joining_is_told_and_may_be_mended(control: ScriptedControl, node: ControlClient) -> None:
    bad = Examination((Finding(False, "the API key is not valid", "make a new one"),))
    found = iter([bad, Examination()])
    control.on("POST", "/networks/examine", lambda _: json_answer(next(found)))
    answers = {**YES, "networks.horde.api_key": ["wrong", KEY], "networks.horde.join": ["again", "yes"]}

    words = held(networks.talk(node), answers)

    assert Say("the API key is not valid", Sign.BAD, "make a new one") in words
    assert [given["key"] for _, given in control.commands()] == [KEY]


def test_a_machine_without_a_card_is_told_that_it_rarely_pays(node: ControlClient) -> None:
    assert "joining rarely pays here" in said(held(networks.talk(node), {}))


def test_an_experiment_asks_whether_its_owners_were_asked(control: ScriptedControl, node: ControlClient) -> None:
    held(networks.talk(node), {"networks.join": ["usepod", "done"], "networks.usepod.accept": True})

    assert control.commands() == []


# Limits and service


def test_limits_are_written_and_the_node_starts_again_for_those_that_need_it(
    control: ScriptedControl, node: ControlClient
) -> None:
    words = held(limits.talk(node), {"electricity.price": "0.31", "owner.on_input": "slow", "schedule.hours": "always"})

    assert settings(control) == {
        "electricity.price": "0.31",
        "electricity.currency": "EUR",
        "hardware.cpu_watts": None,
        "schedule.hours": None,
        "owner.on_input": "slow",
    }
    assert [word for word in words if isinstance(word, Run)]
    assert "0.31 EUR a kilowatt-hour, any hour, half the slots while you are here" in said(words)


@pytest.mark.parametrize(("source", "asked"), [("", True), ("NVML counter", False)])
def test_the_draw_is_asked_for_where_nothing_measures_it(
    source: str, asked: bool, control: ScriptedControl, node: ControlClient
) -> None:
    assert IDLE.hardware is not None
    control.on("GET", "/state", replace(IDLE, hardware=replace(IDLE.hardware, energy_source=source)))

    held(limits.talk(node), {"hardware.cpu_watts": "45"})

    assert settings(control).get("hardware.cpu_watts") == ("45" if asked else None)


def test_a_service_is_offered_only_where_there_can_be_one(node: ControlClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.setup.steps.service.systemd.require", lambda: None)

    words = held(service.talk(node), {"service.run": "service"})

    assert Run(("service", "install", "--yes", "--linger"), "setting the service up") in words


def test_where_there_can_be_no_service_the_reason_is_told(node: ControlClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    words = held(service.talk(node), {"service.run": "stop"}, ran=Ran(0, ("The node has ended.",)))

    assert "A service cannot be set up here: systemd is not here" in said(words)
    (question,) = (word for word in words if isinstance(word, Choose))
    assert [option.value for option in question.options] == ["background", "stop"]
