"""``stoker engine``: what computes here, and what else could."""

from __future__ import annotations

import click

from tui.cli.lazy import example
from tui.cli.session import Session, pass_session
from tui.cli.terminal.output import narrate, table, write, write_json


@click.group(epilog=example("stoker engine list", "stoker engine detect"))
def engine() -> None:
    """The engines of the node, and servers on this machine that could be one."""


@engine.command("list", epilog=example("stoker engine list"))
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@pass_session
def list_engines(session: Session, as_json: bool) -> None:
    """The engines that the node runs or speaks to."""
    if as_json:
        write_json({"engines": session.node.get("/state")["engines"]})
        return
    engines = session.node.state().engines
    if not engines:
        narrate("No engine is set up. `stoker doctor` says what is wrong.")
        return
    rows = [
        (each.name, each.status, each.device, f"{each.busy} of {each.slots}", ", ".join(each.models), each.detail)
        for each in engines
    ]
    write(table(("ENGINE", "STATUS", "DEVICE", "SLOTS BUSY", "MODELS", "DETAIL"), rows))


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


@engine.command(epilog=example("stoker engine use http://127.0.0.1:11434/v1", "stoker engine use embedded"))
@click.argument("url")
@pass_session
def use(session: Session, url: str) -> None:
    """Compute on a server of your own, by its URL, or on the embedded engine, from the node's next start on."""
    embedded = url == "embedded"
    session.read(lambda node: node.change_setting("engine.url", None if embedded else url))
    session.read(lambda node: node.change_setting("engine.kind", "llamacpp" if embedded else "openai"))
    narrate(f"From its next start on the node computes on {'the embedded engine' if embedded else url}.")
    if not embedded:
        narrate("If that server wants a key: `stoker settings set engine.key_file FILE`.")
