"""The owner comes first: the node yields at the first sign and comes back once, after the quiet time."""

from __future__ import annotations

from dataclasses import replace

import pytest
from situations import AT_WORK, Guarded, programs

from node.guard import Action, Policy
from node.hardware.readings import GpuProcess

GAME = GpuProcess(4711, "cyberpunk2077.exe", "graphics", 6 << 30)
RUN, SLOW, HOLD, STOP = Action


def test_a_game_gets_the_card_and_is_named() -> None:
    verdict = Guarded().judge(programs(GAME))
    assert (verdict.word, verdict.action) == ("YOURS", STOP)
    assert verdict.reason == "cyberpunk2077.exe holds 6.4 GB and works on the GPU"
    assert verdict.remedy == "goes on by itself after 10 min of quiet; at once: stoker run-anyway"


def test_the_node_comes_back_once_when_the_game_has_been_gone_for_the_quiet_time() -> None:
    guard = Guarded()
    guard.judge_for(programs(GAME), 30)
    verdicts = [guard.judge(AT_WORK).action for _ in range(700)]
    assert verdicts.index(RUN) == 599
    assert set(verdicts[599:]) == {RUN}


@pytest.mark.parametrize(
    "program",
    [
        GpuProcess(1, "llama-server", "compute", 8 << 30, ours=True),
        GpuProcess(2, "Xorg", "graphics", 800 << 20),
        GpuProcess(3, "gnome-shell", "graphics", 900 << 20),
        GpuProcess(4, "firefox", "graphics", 200 << 20),
        GpuProcess(5, "somebody", "compute", None),
    ],
    ids=lambda program: program.name,
)
def test_our_engine_the_desktop_and_small_programs_are_no_guests(program: GpuProcess) -> None:
    assert Guarded().judge(programs(program)).action is RUN


def test_the_programs_of_your_own_server_are_no_guests() -> None:
    server = GpuProcess(9, "ollama", "compute", 8 << 30)
    assert Guarded(Policy(own_server=True)).judge(programs(server)).action is RUN
    assert Guarded(Policy()).judge(programs(server)).action is STOP


def test_keyboard_and_mouse_are_left_alone_unless_the_owner_says_otherwise() -> None:
    assert Guarded().judge(replace(AT_WORK, owner_quiet=0.1)).action is RUN


def test_the_owner_at_the_desk_gets_the_card_until_they_have_been_quiet() -> None:
    guard = Guarded(Policy(on_input="yield", quiet=60))
    verdict = guard.judge(replace(AT_WORK, owner_quiet=0.5))
    assert (verdict.word, verdict.action, verdict.reason) == ("YOURS", STOP, "you are using this machine")
    assert guard.judge(replace(AT_WORK, owner_quiet=59.5), 59).action is STOP
    assert guard.judge(replace(AT_WORK, owner_quiet=60.5), 1).action is RUN


def test_a_desktop_that_falls_silent_still_counts_the_quiet_time() -> None:
    guard = Guarded(Policy(on_input="yield", quiet=60))
    guard.judge(replace(AT_WORK, owner_quiet=10))
    assert guard.judge(AT_WORK, 49).action is STOP
    assert guard.judge(AT_WORK, 1).action is RUN


def test_the_owner_may_prefer_that_the_node_only_slows_down() -> None:
    verdict = Guarded(Policy(on_input="slow")).judge(replace(AT_WORK, owner_quiet=1))
    assert (verdict.word, verdict.action, verdict.slots) == ("YOURS", SLOW, 2)


def test_run_anyway_wins_until_it_is_taken_back() -> None:
    guard = Guarded()
    anyway = guard.judge(replace(programs(GAME), override=True))
    assert (anyway.action, anyway.overruled) == (RUN, ("cyberpunk2077.exe holds 6.4 GB and works on the GPU",))
    assert guard.judge(programs(GAME)).action is STOP
