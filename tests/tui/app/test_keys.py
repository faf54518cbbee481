"""What keys do, and what the node is told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_machines import ANYWAY, OUT_OF_HOURS, PAUSED, YOURS
from fake_node import IDLE, RECENT, RUNNING, WORKING, FakeNode
from screens import LARGE, press, settled, shown, until, written
from textual.events import Key
from textual.widgets import Input

from node.control.client import Refused
from node.control.wire import JobState, StateLine, StateWord
from tui import actions
from tui.app import StokerApp
from tui.screens.base import NodeScreen
from tui.widgets.roll import Roll

DRAINING = replace(WORKING, state=StateLine(StateWord.DRAINING, "finishing 5 jobs, then the node stops"))


@pytest.mark.parametrize("key", [*"12345678"])
async def test_every_screen_begins_with_the_state_and_ends_with_its_keys(key: str) -> None:
    async with shown(FakeNode(), key) as pilot:
        lines = written(pilot).splitlines()
        assert "● WORKING" in lines[0]
        assert "4 jobs run, 1 waits" in lines[1]
        assert "? help" in lines[-1]


async def test_the_screens_have_their_words_where_there_is_room_and_their_numbers_everywhere() -> None:
    words = ("Dash", "Jobs", "Earnings", "Hardware", "Wallet", "Networks", "Settings", "Logs")
    async with shown(FakeNode(), size=LARGE) as pilot:
        wide = written(pilot).splitlines()[-1]
        assert "  ".join(f"{number} {word}" for number, word in enumerate(words, 1)) in wide
        await pilot.resize_terminal(60, 15)
        await until(pilot, lambda: " 1 Dash 2 3 4 5 6 7 8 " in written(pilot).splitlines()[-1])


async def test_p_pauses_a_node_that_works_and_resumes_one_that_was_paused() -> None:
    node = FakeNode()
    async with shown(node) as pilot:
        await press(pilot, "p")
        await until(pilot, lambda: node.told == [("pause", {})])
        node.play(PAUSED)
        await until(pilot, lambda: "RESTING" in written(pilot))
        assert "p resume" in written(pilot)
        await press(pilot, "p")
        await until(pilot, lambda: node.told[1:] == [("resume", {})])


async def test_p_pauses_a_node_that_rests_by_itself() -> None:
    node = FakeNode(OUT_OF_HOURS)
    async with shown(node) as pilot:
        assert "p pause" in written(pilot)
        await press(pilot, "p")
        await until(pilot, lambda: node.told == [("pause", {})])


@pytest.mark.parametrize(
    ("key", "told"), [("1", [("run_anyway", {"seconds": 3600})]), ("u", [("run_anyway", {"seconds": None})]), ("c", [])]
)
async def test_running_anyway_says_what_holds_it_and_asks_for_how_long(
    key: str, told: list[tuple[str, dict[str, object]]]
) -> None:
    node = FakeNode(YOURS)
    async with shown(node, "a") as pilot:
        assert "Now: Cyberpunk2077 holds 9.8 GB and works on the GPU." in written(pilot)
        await press(pilot, key)
        await until(pilot, lambda: node.told == told)


async def test_the_same_key_takes_running_anyway_back() -> None:
    node = FakeNode(ANYWAY)
    async with shown(node, size=(170, 40)) as pilot:
        assert "a keep limits" in written(pilot)
        await press(pilot, "a")
        await until(pilot, lambda: node.told == [("resume", {})])


async def test_draining_asks_first() -> None:
    node = FakeNode()
    async with shown(node) as pilot:
        await press(pilot, "d", "escape")
        assert node.told == []
        await press(pilot, "d", "d")
        await until(pilot, lambda: node.told == [("drain", {})])


async def test_a_key_that_cannot_act_says_why() -> None:
    node = FakeNode(DRAINING)
    async with shown(node) as pilot:
        await press(pilot, "p")
        await until(pilot, lambda: any("draining" in note.message for note in pilot.app._notifications))
        assert node.told == []


@pytest.mark.parametrize(
    ("key", "told", "leaves"),
    [("d", "drain", False), ("l", None, True), ("s", "stop", False), ("c", None, False)],
)
async def test_the_quit_dialog_does_what_was_chosen(key: str, told: str | None, leaves: bool) -> None:
    node = FakeNode()
    async with shown(node, "q") as pilot:
        assert "4 jobs run and 1 waits, about 19 s at most." in written(pilot)
        await press(pilot, key)
        await until(pilot, lambda: [name for name, _ in node.told] == ([told] if told else []))
        if leaves:
            await until(pilot, lambda: pilot.app.return_value == 0)
        else:
            assert pilot.app.return_value is None


@pytest.mark.parametrize(("keys", "end"), [("ll", 0), ("cc", None)], ids=["at the end of the app", "in a dialog"])
async def test_a_key_typed_ahead_of_a_closing_dialog_is_lost(keys: str, end: int | None) -> None:
    async with shown(FakeNode(), "q") as pilot:
        dialog = pilot.app.screen
        for key in keys:
            dialog.post_message(Key(key, key))
        await until(pilot, lambda: dialog not in pilot.app.screen_stack)
        await pilot.pause()
        assert pilot.app.return_value == end


async def test_drain_and_quit_closes_when_the_node_has_gone() -> None:
    node = FakeNode()
    async with shown(node, "q", "d") as pilot:
        await until(pilot, lambda: bool(node.told))
        node.die()
        await until(pilot, lambda: pilot.app.return_value == 0)


async def test_quitting_is_no_question_where_no_node_answers() -> None:
    node = FakeNode()
    node.die()
    async with shown(node, "q") as pilot:
        await until(pilot, lambda: pilot.app.return_value == 0)


async def test_ctrl_c_asks_then_drains_then_stops() -> None:
    node = FakeNode()
    async with shown(node, "ctrl+c") as pilot:
        assert "Leave Stoker" in written(pilot)
        await press(pilot, "ctrl+c")
        await until(pilot, lambda: node.told == [("drain", {})])
        await press(pilot, "ctrl+c")
        await until(pilot, lambda: node.told[1:] == [("stop", {})])


async def test_a_refusal_is_told_in_the_nodes_words() -> None:
    node = FakeNode()
    node.refusal = Refused(409, "busy", "the node is being updated", "wait a minute")
    async with shown(node, "p") as pilot:
        await until(
            pilot,
            lambda: any("being updated: wait a minute" in note.message for note in pilot.app._notifications),
        )


async def test_space_holds_the_view_and_not_the_node() -> None:
    node = FakeNode()
    async with shown(node, "space") as pilot:
        node.play(replace(WORKING, at=WORKING.at + 1, tokens_per_second=42.0))
        await until(pilot, lambda: pilot.app.view.snapshot.tokens_per_second == 42.0)
        assert "view held" in written(pilot)
        assert "118 tok/s" in written(pilot)
        await press(pilot, "space")
        assert "42 tok/s" in written(pilot)


async def test_y_copies_what_the_screen_is_about() -> None:
    async with shown(FakeNode(), "y") as pilot:
        assert pilot.app.clipboard == "http://127.0.0.1:7433/v1"
        await press(pilot, "2", "y")
        assert pilot.app.clipboard == "77aa"


async def test_single_letters_are_only_text_while_typing() -> None:
    node = FakeNode()
    async with shown(node, "2", "slash", "p", "d", "q") as pilot:
        assert pilot.app.screen.query_one(Input).value == "pdq"
        assert node.told == []


async def test_jobs_are_filtered_as_one_types_and_bang_turns_it_round() -> None:
    async with shown(FakeNode(), "2", "slash", *"fail") as pilot:
        roll = pilot.app.screen.query_one(Roll)
        assert [row.key for row in roll.rows] == ["4808"]
        await press(pilot, "home", "!")
        assert "4808" not in [row.key for row in roll.rows]
        assert len(roll.rows) == 8
        await press(pilot, "escape")
        assert len(roll.rows) == 9


async def test_jobs_are_sorted_by_the_next_column() -> None:
    async with shown(FakeNode(), "2") as pilot:
        roll = pilot.app.screen.query_one(Roll)
        assert [row.key for row in roll.rows][:2] == ["4815", "4814"]
        await press(pilot, "s", "s", "s")
        assert [row.key for row in roll.rows][:2] == ["4811", "4810"]
        assert "sorted by tokens" in written(pilot)


async def test_the_cursor_stays_with_its_job_while_others_come() -> None:
    node = FakeNode()
    async with shown(node, "2", "j") as pilot:
        roll = pilot.app.screen.query_one(Roll)
        assert roll.cursor_key == "4814"
        fresh = replace(RUNNING[0], number=4816, id="new")
        node.play(replace(WORKING, jobs=(*WORKING.jobs, fresh)))
        await until(pilot, lambda: len(roll.rows) == 10)
        assert roll.cursor_key == "4814"


async def test_cancelling_asks_first_and_only_what_has_not_ended() -> None:
    node = FakeNode()
    async with shown(node, "2", "j", "x", "x", size=LARGE) as pilot:
        await until(pilot, lambda: node.told == [("cancel_job", {"number": 4814})])
        await press(pilot, "G", "x")
        await until(pilot, lambda: any("has ended" in note.message for note in pilot.app._notifications))
        assert len(node.told) == 1


async def test_a_job_that_ends_while_it_is_looked_at_shows_its_end() -> None:
    node = FakeNode()
    async with shown(node, "2", "j", "enter") as pilot:
        assert "▶ running" in written(pilot)
        done = replace(RUNNING[3], state=JobState.DONE, tokens=77, compute=2.0)
        node.play(replace(WORKING, jobs=(), recent=(done,)))
        await until(pilot, lambda: "✔ done" in written(pilot))
        await press(pilot, "escape")
        assert "sorted by number" in written(pilot)


async def test_a_setting_is_written_and_its_mistake_stands_at_the_field() -> None:
    node = FakeNode()
    async with shown(node, "7", "enter", "x", "enter") as pilot:
        assert "engine.slots is 'x', expected a whole number" in written(pilot)
        assert node.changed == []
        await press(pilot, "backspace", "8", "enter")
        assert node.changed == [("engine.slots", "8")]
        assert "1 changed, for the next start of the node" in written(pilot)
        await press(pilot, "u")
        assert node.changed[-1] == ("engine.slots", None)


async def test_choices_are_gone_through_with_the_arrows() -> None:
    node = FakeNode()
    async with shown(node, "7", "slash", *"g.le", "enter", "enter", "down", "enter") as pilot:
        assert node.changed == [("log.level", "warning")]
        assert "restart" not in written(pilot)


async def test_logs_are_kept_to_a_level_and_a_text() -> None:
    async with shown(FakeNode(), "8", "l") as pilot:
        assert [row.key for row in pilot.app.screen.query_one(Roll).rows] == ["4", "5"]
        await press(pilot, "slash", *"mai")
        assert [row.key for row in pilot.app.screen.query_one(Roll).rows] == ["5"]


async def test_empty_screens_teach() -> None:
    async with shown(FakeNode(IDLE, ended=())) as pilot:
        assert "stoker try" in written(pilot)
        assert "http://127.0.0.1:7433/v1" in written(pilot)
        await press(pilot, "2")
        assert "stoker try" in written(pilot)


async def test_help_names_every_key_of_the_screen() -> None:
    async with shown(FakeNode(), "2", "f1") as pilot:
        text = pilot.app.screen.query_one(Roll).text
        for action in actions.of("jobs", actions.APP, "list"):
            assert actions.written(action.keys.split(",")[0]) in text
            assert action.label in text


async def test_every_binding_has_an_id_of_its_own() -> None:
    ids = [action.id for action in actions.ACTIONS]
    assert len(ids) == len(set(ids))


async def test_the_palette_offers_what_the_key_bar_offers() -> None:
    async with shown(FakeNode(), "2") as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, NodeScreen)
        titles = [command.title for command in pilot.app.get_system_commands(screen)]
        assert "Pause (p)" in titles
        assert "Filter (/)" in titles


async def test_another_theme_draws_the_same_words() -> None:
    app = StokerApp(FakeNode(), theme="stoker-light")
    async with app.run_test(size=LARGE) as pilot:
        await settled(pilot)
        assert "● WORKING" in written(pilot)
        app.theme = "ansi-dark"
        await pilot.pause()
        assert "● WORKING" in written(pilot)


async def test_nothing_that_others_write_is_obeyed_by_the_terminal() -> None:
    hostile = "\x1b]0;owned\x07\x1b[2J\x9b1m"
    jobs = (replace(RUNNING[0], network=hostile, model=hostile, client=hostile),)
    ended = replace(RECENT[2], reason=hostile, reward=hostile)
    state = StateLine(StateWord.WORKING, hostile, hostile, notes=(hostile,))
    node = FakeNode(replace(WORKING, state=state, jobs=jobs, recent=(ended,)), ended=(ended,))
    async with shown(node, size=LARGE) as pilot:
        for keys in ((), ("2",), ("G", "enter"), ("escape", "x")):
            await press(pilot, *keys)
            strips = pilot.app.screen._compositor.render_strips()
            assert all(strip.text.isprintable() for strip in strips)
