"""``stoker`` alone opens the guide until something was decided, and the dashboard from then on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.cli import attach
from tui.cli.session import Session


@pytest.mark.parametrize(
    ("left", "opened"),
    [
        ((), True),
        (("ledger.db", "identity.key"), True),
        (("ledger.db", "stoker.toml"), False),
        (("ledger.db", "networks.toml"), False),
    ],
    ids=["nothing is there", "a job was tried", "something was chosen", "a network was joined"],
)
def test_the_first_start_opens_the_guide(
    left: tuple[str, ...], opened: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in left:
        (tmp_path / name).touch()
    for stream in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(f"sys.{stream}.isatty", lambda: True)
    began: list[str | None] = []
    monkeypatch.setattr(attach, "show", lambda _, setup_at: began.append(setup_at) or 0)

    attach.attach(Session(tmp_path))

    assert began == ["" if opened else None]
