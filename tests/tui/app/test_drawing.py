"""Numbers, lines, charts and lists, without a terminal."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_machines import HOT, LOST, RIG, YOURS, past
from fake_node import BARE_HARDWARE, BLOCKED, IDLE, NOW, RECENT, RUNNING, TODAY, WAITING, WORKING, wave
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from node.control.wire import Earning, History, JobState, QueueView, Snapshot
from tui import format as said
from tui import job_list
from tui.chart import bar, braille, buckets, ceiling, gauge, plot, stretched
from tui.hardware import alarms, costs, watchman
from tui.ink import Picture, Span, Tone, abreast, clean, crop, ends, fill, framed, measure, wrapped
from tui.screens.dashboard import earnings, lately, queue, running, temperatures, work
from tui.search import matches
from tui.view import KEPT, View, drain_time, grown, hottest
from tui.widgets.columns import Column, laid_out
from tui.widgets.sheet import difference

texts = st.text(max_size=40).map(clean)
lines = st.lists(st.builds(Span, texts, st.sampled_from(Tone)), max_size=6).map(tuple)
PANELS = [work.draw, temperatures.draw, earnings.draw, queue.draw, running.draw, lately.draw]
PANELS += [alarms.draw, costs.draw, watchman.draw]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (said.count(1284), "1,284"),
        (said.count(None), "–"),
        (said.short_count(9_999), "9,999"),
        (said.short_count(12_345), "12.3k"),
        (said.short_count(311_870), "312k"),
        (said.size(98_300_000), "98.3 MB"),
        (said.size(999_600), "1.0 MB"),
        (said.seconds(4), "4.0 s"),
        (said.seconds(142), "142 s"),
        (said.seconds(12_000), "3 h 20 min"),
        (said.uptime(4 * 86_400 + 7860), "4d 02:11"),
        (said.joules(1900), "1.9 kJ"),
        (said.units(314_200, 6), "0.3142"),
        (said.units(310_000, 6), "0.31"),
        (said.units(1391, 0), "1,391"),
        (said.units(-1_500_000, 6), "-1.50"),
        (said.device("NVIDIA GeForce RTX 4090"), "RTX 4090"),
    ],
)
def test_numbers_read_well(text: str, wanted: str) -> None:
    assert text == wanted


@given(lines, st.integers(0, 60))
def test_a_filled_line_has_exactly_its_cells(line: tuple[Span, ...], width: int) -> None:
    assert measure(fill(line, width)) == width


@given(lines, st.integers(0, 60))
def test_a_cropped_line_fits(line: tuple[Span, ...], width: int) -> None:
    assert measure(crop(line, width)) <= width


@given(texts, st.integers(1, 40))
def test_wrapped_text_keeps_its_words_and_its_width(text: str, width: int) -> None:
    rows = wrapped(text, width)
    assert "".join("".join(rows).split()) == "".join(text.split())
    assert all(cell_len(row) <= max(width, 2) for row in rows)


def test_what_is_least_needed_leaves_a_short_line_first() -> None:
    parts = [(0, (Span("state"),)), (2, (Span("detail"),)), (1, (Span("slots"),))]
    assert "".join(span.text for span in ends(parts, [], 12)) == "state  slots"


@given(lines, lines)
def test_only_what_differs_is_painted_again(old: tuple[Span, ...], new: tuple[Span, ...]) -> None:
    found = difference(old, new)
    if old == new:
        assert found is None
    else:
        assert found is not None
        start, cells = found
        assert start + cells <= max(measure(old), measure(new))


@given(st.lists(st.one_of(st.none(), st.floats(0, 1e6)), max_size=80), st.integers(1, 30), st.integers(1, 6))
def test_a_chart_fills_its_room(values: list[float | None], width: int, height: int) -> None:
    rows = braille(values, width, height, 100.0)
    assert len(rows) == height
    assert all(len(row) == width and all(0x2800 <= ord(dot) <= 0x28FF for dot in row) for row in rows)


def test_a_chart_stands_still_until_a_span_of_time_is_complete() -> None:
    series, end = tuple(float(value) for value in range(300)), 999_999.0  # 60 dots of 5 s; this second completes one
    first = buckets(series, end, 60)
    for passed in range(1, 5):
        assert buckets((*series[passed:], *(700.0,) * passed), end + passed, 60)[1:] == first[1:]
    assert buckets((*series[5:], *(700.0,) * 5), end + 5, 60) == [*first[1:], 700.0]


@given(st.integers(1, 300), st.integers(1, 250), st.integers(0, 10**10))
def test_a_chart_of_the_last_minutes_is_as_wide_as_its_room(seconds: int, dots: int, end: int) -> None:
    drawn = buckets((1.0,) * seconds, float(end), dots)
    assert len(drawn) == dots
    assert sum(value is not None for value in drawn) == min(seconds, dots)


def test_a_bar_shows_its_share() -> None:
    assert "".join(span.text for span in bar(0.5, 10)) == "━━━━━─────"
    assert "".join(span.text for span in bar(None, 4)) == "────"
    assert "".join(span.text for span in bar(2.0, 4)) == "━━━━"


@given(st.floats(0, 1), st.lists(st.tuples(st.floats(-1, 2), st.just(Tone.WARN)), max_size=3), st.integers(1, 40))
def test_a_gauge_is_as_wide_as_its_bar(share: float, marks: list[tuple[float, Tone]], width: int) -> None:
    assert measure(gauge(share, marks, width)) == width


def test_a_gauge_has_a_tick_at_its_limit() -> None:
    line = gauge(0.5, ((0.8, Tone.WARN), (0.2, Tone.BAD)), 10)
    assert "".join(span.text for span in line) == "━━┿━━───┼─"
    assert [span.tone for span in line if span.text in "┿┼"] == [Tone.BAD, Tone.WARN]


def test_a_chart_draws_its_limit_where_nothing_covers_it_and_marks_what_is_above() -> None:
    rows = plot([10.0] * 4 + [90.0] * 4, 4, 4, 100.0, limit=60.0)
    dashed = rows[1]
    assert [span.text for span in dashed] == ["╌╌", "⣿⣿"]
    assert dashed[0].tone is Tone.WARN
    assert [span.tone for span in rows[0]] == [Tone.WARN]
    assert all(span.tone is not Tone.WARN for row in rows[2:] for span in row)


@pytest.mark.parametrize("limit", [0.0, 101.0, None])
def test_a_limit_outside_of_the_chart_is_not_drawn(limit: float | None) -> None:
    assert all("╌" not in span.text for row in plot([50.0] * 8, 4, 4, 100.0, limit=limit) for span in row)


@given(st.lists(st.one_of(st.none(), st.floats(0, 100)), max_size=300), st.integers(1, 120))
def test_a_stretched_course_fills_every_dot(values: list[float | None], dots: int) -> None:
    assert len(stretched(values, dots)) == dots


def test_a_stretched_course_keeps_its_order_and_its_gaps() -> None:
    assert stretched([1.0, None, 3.0], 6) == [1.0, 1.0, None, None, 3.0, 3.0]
    assert stretched([1.0, 3.0, 5.0, 7.0], 2) == [2.0, 6.0]


@given(st.lists(st.floats(0, 1e9), min_size=1))
def test_the_top_of_a_chart_is_never_below_its_values(values: list[float]) -> None:
    assert ceiling(values, 1.0) >= max(values) * (1 - 1e-9)


@pytest.mark.parametrize("panel", PANELS)
@pytest.mark.parametrize(
    "view",
    [
        View(),
        View(WORKING, wave()),
        View(replace(WORKING, hardware=None, queues=(), jobs=(), recent=(), engines=())),
        View(replace(WORKING, hardware=BARE_HARDWARE), History(NOW, (1.0,))),
        View(RIG, past(RIG)),
        View(HOT, past(HOT)),
        View(LOST),
    ],
    ids=["nothing known", "all known", "nothing there", "few sensors", "eight cards", "a hot card", "a lost card"],
)
@pytest.mark.parametrize(("width", "height"), [(8, 1), (34, 3), (56, 6), (210, 30)])
def test_every_panel_fits_its_frame(panel: object, view: View, width: int, height: int) -> None:
    assert callable(panel)
    picture = panel(view, width, height)
    assert isinstance(picture, Picture)
    drawn = framed("Title", picture, width + 4, height + 2)
    assert len(drawn) == height + 2
    assert all(measure(line) == width + 4 for line in drawn)


@pytest.mark.parametrize(
    ("snapshot", "taught"), [(IDLE, "stoker try"), (YOURS, "stoker run-anyway"), (BLOCKED, "stoker model pull")]
)
def test_where_nothing_runs_it_says_what_would_change_that(snapshot: Snapshot, taught: str) -> None:
    text = str(running.draw(View(replace(snapshot, transfers=())), 100, 5).lines)
    assert taught in text
    assert ("stoker try" in text) == (snapshot is IDLE)


@pytest.mark.parametrize("height", [2, 6])
def test_cards_that_have_no_room_are_counted(height: int) -> None:
    picture = temperatures.draw(View(RIG, past(RIG)), 56, height)
    last = "".join(span.text for span in picture.lines[height // 2 - 1])
    assert last.rstrip().endswith(f"+{8 - height // 2} more")


@pytest.mark.parametrize(("view", "said"), [(View(IDLE), "No sensor"), (View(), "Nothing was read yet")])
def test_what_was_not_read_yet_is_not_called_unreadable(view: View, said: str) -> None:
    assert said in str(temperatures.draw(view, 56, 6).lines)


def test_cards_stand_beside_each_other_where_there_is_room() -> None:
    text = str(temperatures.draw(View(RIG, past(RIG)), 106, 10).lines)
    assert all(f"GPU {index} " in text for index in range(8))
    assert "CPU" in text


@pytest.mark.parametrize(("width", "said"), [(106, "processor"), (40, "and 5 more")])
def test_the_guard_shows_every_sensor_or_counts_the_rest(width: int, said: str) -> None:
    picture = watchman.draw(View(RIG), width, 5)
    assert len(picture.lines) <= 5
    assert said in str(picture.lines)


@given(st.lists(lines, max_size=12), st.integers(1, 120), st.integers(-2, 8))
def test_lines_abreast_lose_nothing(found: list[tuple[Span, ...]], width: int, rows: int) -> None:
    put = abreast(found, width, rows)
    assert sum(measure(line) for line in put) >= sum(measure(line) for line in found)
    assert put == found or (len(put) <= rows and all(measure(line) <= width for line in put))


@pytest.mark.parametrize(("height", "ends"), [(5, "program"), (2, "…")])
def test_what_is_wrong_with_a_network_is_told_in_full_where_there_is_room(height: int, ends: str) -> None:
    queues = (QueueView("local", connected=False, detail="local.port: 8455 on 127.0.0.1 is taken by another program"),)
    lines = queue.draw(View(replace(WORKING, queues=queues)), 34, height).lines
    text = "\n".join("".join(span.text for span in line).rstrip() for line in lines)
    assert text.endswith(ends)
    assert len(lines) <= height


def test_no_column_grows_until_its_row_falls_apart() -> None:
    table = (Column("key", "key", 4, widest=10), Column("text", "text", 8, widest=20), Column("sum", "sum", 6))
    widths = [[cells for _, cells in laid_out(table, width)] for width in (24, 28, 34, 200)]
    assert widths == [[4, 8, 6], [8, 8, 6], [10, 12, 6], [10, 20, 6]]


def test_today_tells_claimed_credited_and_paid_apart() -> None:
    today = replace(TODAY, earnings=(Earning("kudos", 0, 1391, 1284, 3),))
    text = str(earnings.draw(View(replace(WORKING, today=today)), 60, 6).lines)
    assert all(figure in text for figure in ("1,391", "credited ", "1,284", "paid ", "'3'"))


def test_money_of_different_assets_is_never_added_up() -> None:
    today = replace(TODAY, earnings=(Earning("kudos", 0, 10, 10, 4), Earning("USDC", 6, 2_000_000, 0, 0)))
    picture = earnings.draw(View(replace(WORKING, today=today)), 60, 6)
    text = ["".join(span.text for span in line) for line in picture.lines]
    assert any("10 kudos" in row and "paid 4" in row for row in text)
    assert any("2.00 USDC" in row and "paid 0.00" in row for row in text)


@pytest.mark.parametrize("height", [4, 6])
def test_today_shows_what_energy_cost_and_what_is_left(height: int) -> None:
    text = "\n".join("".join(span.text for span in line) for line in earnings.draw(View(WORKING), 32, height).lines)
    assert "-1.05 EUR" in text
    assert "net" in text
    assert "+0.40" in text


def test_today_without_a_price_has_no_cost() -> None:
    today = replace(TODAY, power=replace(TODAY.power, cost_micro=None))
    text = str(earnings.draw(View(replace(WORKING, today=today)), 60, 6).lines)
    assert "EUR" not in text
    assert "net" not in text


def test_a_prompt_that_is_being_read_shows_so() -> None:
    picture = running.draw(View(replace(WORKING, jobs=RUNNING[3:])), 110, 4)
    assert "reading 2,048 tok" in "".join(span.text for span in picture.lines[0])


def test_jobs_that_do_not_fit_are_counted() -> None:
    picture = running.draw(View(WORKING), 70, 3)
    assert "and 3 more:  2" in "".join(span.text for span in picture.lines[-1])


def test_drain_time_is_the_longest_job_and_a_share_of_what_waits() -> None:
    assert drain_time(View(replace(WORKING, jobs=RUNNING[:1]))) == pytest.approx(200 / 31.2)
    assert drain_time(View(replace(WORKING, jobs=RUNNING[:1] + WAITING))) == pytest.approx(200 / 31.2 + 256 / 31.2 / 4)
    assert drain_time(View(replace(WORKING, jobs=RUNNING[3:]))) is None
    assert drain_time(View(replace(WORKING, jobs=()))) == 0.0


def test_history_grows_by_one_value_a_second_and_forgets_the_oldest() -> None:
    history = wave()
    same = grown(history, replace(WORKING, at=NOW + 0.5))
    assert same is history
    later = grown(history, replace(WORKING, at=NOW + 3.2))
    assert len(later.tokens_per_second) == KEPT
    assert later.tokens_per_second[-3:] == (None, None, WORKING.tokens_per_second)


def test_every_device_has_a_trail_of_its_own_that_grows_with_the_history() -> None:
    history = grown(wave(), replace(WORKING, at=NOW + 2))
    card, host = history.trails
    assert (card.device, card.temperature_c[-2:], card.power_w[-1]) == (WORKING.hardware.gpus[0].key, (None, 71.0), 263)
    assert (host.device, host.utilisation_pct[-1], len(host.utilisation_pct)) == ("host", 12.0, KEPT)


def test_a_card_that_is_gone_has_no_trail_any_more() -> None:
    history = grown(wave(), replace(WORKING, at=NOW + 1, hardware=BARE_HARDWARE))
    assert [trail.device for trail in history.trails] == ["host"]


def test_the_hottest_reading_is_a_card_or_else_the_processor() -> None:
    assert hottest(WORKING.hardware) == 71.0
    assert hottest(replace(BARE_HARDWARE, host=replace(BARE_HARDWARE.host, cpu_temperature_c=48.0))) == 48.0
    assert hottest(BARE_HARDWARE) is None


def test_the_snapshots_word_on_a_job_is_the_newer_one() -> None:
    old = replace(RUNNING[0], state=JobState.WAITING)
    assert next(job for job in job_list.merged({old.number: old}, WORKING) if job.number == 4812).state == "running"


@given(st.sampled_from(job_list.ORDERS))
def test_every_order_keeps_every_job(order: str) -> None:
    assert sorted(job.number for job in job_list.chosen(RUNNING + RECENT, "", order)) == sorted(
        job.number for job in RUNNING + RECENT
    )


def test_searching_looks_everywhere_in_any_case() -> None:
    assert matches("HORDE", "the horde")
    assert not matches("!horde", "the horde")
    assert matches("!", "anything")
