"""``stoker model``: which models are here, which can be had, and whether they fit."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from tui import format as shown
from tui.cli.exits import Exit
from tui.cli.failures import Failure
from tui.cli.fetch import find_model, import_file
from tui.cli.fetch import pull as fetch
from tui.cli.lazy import example
from tui.cli.node_process import borrowed
from tui.cli.session import Session, pass_session
from tui.cli.terminal.output import narrate, printable, table, write, write_json
from tui.cli.terminal.progress import Waiting

TOO_BIG = "too_big"
HEADER = ("NAME", "SIZE", "CONTEXT", "LICENCE", "FOR PAY", "FIT", "")
FOR_PAY = {True: "yes", False: "no", None: "?"}


@click.group(epilog=example("stoker model list", "stoker model pull qwen3-0.6b", "stoker model use qwen3-0.6b"))
def model() -> None:
    """List, fetch, import, use and remove models."""


@model.command("list", epilog=example("stoker model list"))
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@pass_session
def list_models(session: Session, as_json: bool) -> None:
    """Installed models, and those that can be fetched by name.

    FOR PAY says whether the licence allows work for networks that pay money; ? where that is not known.
    """
    found = session.read(lambda node: node.get("/models"))
    if as_json:
        write_json(found)
        return
    installed = [_row(each, "in use" if each["served"] else "") for each in found["installed"]]
    missing = [_row(each, each["title"]) for each in found["catalogue"] if not each["installed"]]
    if installed:
        write(f"Installed:\n{table(HEADER, installed, right=(1, 2))}")
    else:
        narrate("No model is installed. `stoker model pull NAME` fetches one, `stoker model import FILE` takes a GGUF.")
    if missing:
        write(f"To be had with `stoker model pull NAME`:\n{table(HEADER, missing, right=(1, 2))}")


@model.command(epilog=example("stoker model fit qwen3-0.6b"))
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@pass_session
def fit(session: Session, name: str, as_json: bool) -> None:
    """Whether a model fits into this machine's memory. The exit code is 1 if it does not."""
    found = find_model(session.read(lambda node: node.get("/models")), name)["fit"]
    if as_json:
        write_json(found)
    else:
        write(f"{name} {printable(found['sentence'])}.")
    if found["level"] == TOO_BIG:
        raise click.exceptions.Exit(Exit.FAILED)


@model.command(epilog=example("stoker model pull qwen3-0.6b"))
@click.argument("name")
@click.option("--yes", is_flag=True, help="Fetch it even if it is too big for this machine.")
@click.option("--json", "as_json", is_flag=True, help="Print what was installed as JSON.")
@pass_session
def pull(session: Session, name: str, yes: bool, as_json: bool) -> None:
    """Fetch a model by name; an interrupted fetch goes on where it stood or starts again cleanly."""
    known = find_model(session.read(lambda node: node.get("/models")), name)
    narrate(
        f"{name} ({shown.size(known['size'])}, {printable(known['licence'])}) {printable(known['fit']['sentence'])}."
    )
    if known["fit"]["level"] == TOO_BIG and not yes:
        question = "It will not run on this machine. Fetch it all the same?"
        _ask_or_refuse(question, "the model is too big for this machine", "`--yes` fetches it all the same")
    with borrowed(session) as node:
        installed = fetch(node, name)
    _tell_installed(installed, as_json)


@model.command("import", epilog=example("stoker model import ~/Downloads/model.gguf --name mine"))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--name", help="Under which name it is served; the file's own if left out.")
@click.option("--json", "as_json", is_flag=True, help="Print what was installed as JSON.")
@pass_session
def import_model(session: Session, file: Path, name: str | None, as_json: bool) -> None:
    """Take a GGUF file from anywhere; it is checked first."""
    session.own("stoker model import")
    with borrowed(session) as node:
        installed = import_file(node, str(file.absolute()), name)
    _tell_installed(installed, as_json)


@model.command(epilog=example("stoker model use qwen3-0.6b"))
@click.argument("name")
@pass_session
def use(session: Session, name: str) -> None:
    """Serve this model from now on; jobs in hand are finished first."""
    with borrowed(session) as node, Waiting(f"loading {name}"):
        node.timeout = 600.0
        node.command("use_model", name=name)
    narrate(f"{name} is in use.")


@model.command(epilog=example("stoker model remove qwen3-0.6b", "stoker model remove qwen3-0.6b --yes"))
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_session
def remove(session: Session, name: str, yes: bool) -> None:
    """Delete an installed model's file. One that is served is served no more; `stoker model use` serves another."""
    if not yes:
        _ask_or_refuse(
            f"Delete the file of {name}?", f"this deletes the file of {name}", "`--yes` does it without asking"
        )
    with borrowed(session) as node:
        node.command("remove_model", name=name)
    narrate(f"{name} is removed.")


def _row(each: dict[str, Any], mark: str) -> tuple[str, ...]:
    fits = str(each["fit"]["level"]).replace("_", " ")
    return (
        each["name"],
        shown.size(each["size"]),
        shown.count(each["context"]),
        each["licence"] or "?",
        FOR_PAY[each["commercial"]],
        fits,
        mark,
    )


def _ask_or_refuse(question: str, refusal: str, remedy: str) -> None:
    if not sys.stdin.isatty():
        raise Failure(refusal, remedy)
    click.confirm(question, abort=True, err=True)


def _tell_installed(installed: dict[str, Any], as_json: bool) -> None:
    if as_json:
        write_json(installed)
    else:
        name = installed["name"]
        narrate(f"{name} is installed ({shown.size(installed['size'])}). `stoker model use {name}` serves it.")
