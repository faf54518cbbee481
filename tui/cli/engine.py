"""``stoker engine``: what computes here, and what else could."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from node.control.client import NodeAbsent
from tui import format as shown
from tui.cli.fetch import follow_steps
from tui.cli.lazy import example
from tui.cli.node_process import borrowed
from tui.cli.session import Session, pass_session
from tui.cli.terminal.output import narrate, printable, table, write, write_json

EMBEDDED = "embedded"
BACKENDS = ("auto", "vulkan", "cuda", "rocm", "metal")
AT_WORK = ("ENGINE", "STATUS", "DEVICE", "SLOTS BUSY", "MODELS", "DETAIL")
BUILDS = ("NAME", "CARD", "ORIGIN", "")
OFFERS = ("BACKEND", "DOWNLOAD", "")


@click.group(epilog=example("stoker engine list", "stoker engine add", "stoker engine detect"))
def engine() -> None:
    """The engines of the node, builds of llama.cpp for your card, and servers on this machine that could be one."""


@engine.command("list", epilog=example("stoker engine list"))
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@pass_session
def list_engines(session: Session, as_json: bool) -> None:
    """The engines that the node runs or speaks to, the builds that are here, and those that can be had."""
    builds = session.read(lambda node: node.get("/engines/builds"))
    engines = _running(session)
    if as_json:
        write_json({"engines": engines, **builds})
        return
    if engines:
        write(f"At work:\n{table(AT_WORK, [_engine_row(each) for each in engines])}")
    if builds["installed"]:
        write(f"Here, for your card:\n{table(BUILDS, [_build_row(each) for each in builds['installed']])}")
    for name in (each["name"] for each in builds["installed"] if each["fault"]):
        narrate(f"`stoker engine test {name}` tries it again, `stoker engine remove {name}` removes it.")
    rows = [_offer_row(each) for each in builds["available"]]
    write(f"To be had with `stoker engine add`, of llama.cpp {builds['release']}:\n{table(OFFERS, rows, right=(1,))}")


@engine.command(
    epilog=example(
        "stoker engine add", "stoker engine add vulkan", "stoker engine add cuda --from a.tar.gz --from cudart.tar.gz"
    )
)
@click.argument("backend", type=click.Choice(BACKENDS), default="auto")
@click.option(
    "--from",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="An archive that is here already (.zip, .tar.gz); again for each that belongs to it.",
)
@click.option("--no-use", is_flag=True, help="Leave the engine that is in use in use.")
@click.option("--json", "as_json", is_flag=True, help="Print what was added as JSON.")
@pass_session
def add(session: Session, backend: str, files: tuple[Path, ...], no_use: bool, as_json: bool) -> None:
    """Take a build of llama.cpp for your card, try it there, and use it from the node's next start on.

    Without a backend the best one for your card is taken, and the next one where that does not work. It is fetched from
    llama.cpp's own releases on GitHub (HTTPS_PROXY is minded), checked against its known hash, unpacked beside the
    engine that comes with Stoker, and has to compute a known answer on the card. An interrupted fetch goes on where it
    stood.
    """
    said = {"backend": backend, "files": [str(file.absolute()) for file in files]}
    with borrowed(session) as node:
        added = follow_steps(node, "/engines/add", said)
        if not no_use:
            node.command("use_engine", name=added["name"])
    if as_json:
        write_json(added)
        return
    narrate(f"{added['name']} computes rightly on {printable(added['device'])}.")
    if no_use:
        narrate(f"`stoker engine use {added['name']}` computes on it.")
    else:
        _tell_next_start(added["name"])
        narrate("Back to the embedded engine: `stoker engine use embedded`.")


@engine.command(epilog=example("stoker engine test vulkan"))
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@pass_session
def test(session: Session, name: str, as_json: bool) -> None:
    """Have a build that is here compute a known answer on your card. The exit code is 1 if it does not."""
    with borrowed(session) as node:
        tried = follow_steps(node, "/engines/test", {"name": name})
    if as_json:
        write_json(tried)
    else:
        narrate(f"{tried['name']} computes rightly on {printable(tried['device'])}.")


@engine.command(epilog=example("stoker engine remove vulkan"))
@click.argument("name")
@pass_session
def remove(session: Session, name: str) -> None:
    """Delete a build; the embedded engine is always there. `stoker engine add` brings it back."""
    done = session.read(lambda node: node.command("remove_engine", name=name))
    narrate(f"{done['name']} is removed.")


@engine.command(epilog=example("stoker engine detect"))
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@pass_session
def detect(session: Session, as_json: bool) -> None:
    """Look for OpenAI-compatible servers on the usual ports of this machine."""
    found = session.read(lambda node: node.get("/engines/detect"))
    if as_json:
        write_json(found)
        return
    servers = found["found"]
    if not servers:
        narrate("No other engine answers on the usual ports (llama-server, Ollama, vLLM, LM Studio, KoboldCpp).")
        return
    rows = [(server["kind"], server["url"], ", ".join(server["models"])) for server in servers]
    write(table(("KIND", "URL", "MODELS"), rows))
    url = servers[0]["url"]
    narrate(f"To use one: `stoker engine use {url}`.")


@engine.command(
    epilog=example(
        "stoker engine use vulkan", "stoker engine use http://127.0.0.1:11434/v1", "stoker engine use embedded"
    )
)
@click.argument("which")
@pass_session
def use(session: Session, which: str) -> None:
    """Choose what computes, from the node's next start on.

    WHICH is the name of a build (see `stoker engine list`), the URL of a server, or `embedded`.
    """
    if "://" not in which:
        done = session.read(lambda node: node.command("use_engine", name=which))
        _tell_next_start("the embedded engine" if done["name"] == EMBEDDED else done["name"])
        return
    session.read(lambda node: node.change_setting("engine.url", which))
    session.read(lambda node: node.change_setting("engine.kind", "openai"))
    _tell_next_start(which)
    narrate("If that server wants a key: `stoker settings set engine.key_file FILE`.")


def _tell_next_start(which: str) -> None:
    narrate(f"From its next start on the node computes on {which}: `stoker restart`.")


def _running(session: Session) -> list[dict[str, Any]]:
    try:
        engines: list[dict[str, Any]] = session.node.get("/state")["engines"]
    except NodeAbsent:
        return []
    return engines


def _engine_row(each: dict[str, Any]) -> tuple[str, ...]:
    slots = f"{each['busy']} of {each['slots']}"
    return (each["name"], each["status"], each["device"], slots, ", ".join(each["models"]), each["detail"])


def _build_row(each: dict[str, Any]) -> tuple[str, ...]:
    stands = f"failed: {each['fault']}" if each["fault"] else "in use" if each["in_use"] else ""
    return (each["name"], each["device"] or "none", each["origin"], stands)


def _offer_row(each: dict[str, Any]) -> tuple[str, ...]:
    return (each["backend"], shown.size(each["size"]) if each["size"] else "", each["obstacle"])
