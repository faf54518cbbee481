"""What may reach a terminal, a spreadsheet or a program."""

from __future__ import annotations

import csv
import io
import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.cli.terminal.output import paint, printable, table, write_csv, write_json
from tui.cli.terminal.progress import TransferBar, transfer_line


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@given(st.text())
def test_nothing_printable_commands_the_terminal(text: str) -> None:
    assert all(unicodedata.category(letter) != "Cc" or letter in "\t\n" for letter in printable(text))


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])))
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert printable(text) == text


@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_json_keeps_every_text_and_commands_no_terminal(text: str) -> None:
    written = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", written)
        write_json({"text": text})

    assert json.loads(written.getvalue()) == {"text": text}
    assert not any("\x7f" <= letter <= "\x9f" for letter in written.getvalue())


@given(cell=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_no_csv_cell_is_a_formula(cell: str) -> None:
    written = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", written)
        write_csv(("text",), [(cell,)])

    read = next(csv.DictReader(io.StringIO(written.getvalue(), newline="")))["text"]
    assert read.endswith(cell)
    assert not read.startswith(("=", "+", "-", "@"))


def test_columns_line_up_and_have_no_boxes() -> None:
    assert (
        table(("NAME", "SIZE"), [("a", "1"), ("longer", "100")], right=(1,))
        == "NAME    SIZE\na          1\nlonger   100"
    )


def test_colours_are_for_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")

    assert paint("ok", "green", Terminal()) == "\x1b[32mok\x1b[0m"
    assert paint("ok", "green", io.StringIO()) == "ok"


def test_no_color_is_heeded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    assert paint("ok", "green", Terminal()) == "ok"


@pytest.mark.parametrize(
    ("done", "total", "rate", "line"),
    [
        (49_200_000, 98_400_000, 12_300_000.0, f"m  {'█' * 12}{'·' * 12}  49.2 MB of 98.4 MB, 12.3 MB/s, 4.0 s left"),
        (98_400_000, 98_400_000, 12_300_000.0, f"m  {'█' * 24}  98.4 MB of 98.4 MB, 12.3 MB/s"),
        (49_200_000, None, None, "m  49.2 MB"),
    ],
)
def test_a_transfer_is_told_in_one_line(done: int, total: int | None, rate: float | None, line: str) -> None:
    assert transfer_line("m", done, total, rate) == line


def test_off_a_terminal_a_transfer_is_told_every_five_seconds_and_at_its_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    moments = iter([0.0, *range(12), 12, 13])
    bar = TransferBar("m", now=lambda: float(next(moments)))

    for second in range(12):
        bar.update(second * 1_000_000, 12_000_000)
    bar.update(12_000_000, 12_000_000)
    bar.update(12_000_000, 12_000_000)
    bar.close()

    told = [line.split("  ")[-1].split(" of")[0] for line in capsys.readouterr().err.splitlines()]
    assert told == ["0 B", "5.0 MB", "10.0 MB", "12.0 MB"]
