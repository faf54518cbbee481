"""``stoker settings``: what the owner can choose, and has chosen."""

from __future__ import annotations

import dataclasses

import click

from node.control.client import ControlClient
from node.control.wire import SettingView
from tui.cli.exits import Exit
from tui.cli.failures import Failure
from tui.cli.lazy import example
from tui.cli.session import Session, pass_session
from tui.cli.terminal.output import narrate, printable, table, write, write_json

as_json = click.option("--json", "as_json", is_flag=True, help="As JSON.")


@click.group(
    invoke_without_command=True,
    epilog=example("stoker settings", "stoker settings set engine.slots 2", "stoker settings reset engine.slots"),
)
@click.pass_context
def settings(ctx: click.Context) -> None:
    """Read and change the settings; without a command they are listed."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_settings, as_json=False)


@settings.command("list", epilog=example("stoker settings list"))
@as_json
@pass_session
def list_settings(session: Session, as_json: bool) -> None:
    """Every setting with its value and where that comes from."""
    if as_json:
        write_json(session.read(lambda node: node.get("/settings")))
        return
    found = session.read(ControlClient.settings)
    rows = [(each.key, each.value or "(empty)", each.source, each.help) for each in found]
    write(table(("SETTING", "VALUE", "FROM", "WHAT IT IS"), rows))


@settings.command(epilog=example("stoker settings get engine.slots"))
@click.argument("key")
@as_json
@pass_session
def get(session: Session, key: str, as_json: bool) -> None:
    """The value of one setting, alone on stdout."""
    found = {each.key: each for each in session.read(ControlClient.settings)}
    if key not in found:
        raise Failure(f"there is no setting {key!r}", "`stoker settings list` shows them all", Exit.REFUSED)
    if as_json:
        write_json(dataclasses.asdict(found[key]))
    else:
        write(printable(found[key].value))


@settings.command("set", epilog=example("stoker settings set engine.slots 2"))
@click.argument("key")
@click.argument("value")
@as_json
@pass_session
def set_value(session: Session, key: str, value: str, as_json: bool) -> None:
    """Write one setting into the file; comments there stay."""
    _tell(session.read(lambda node: node.change_setting(key, value)), as_json)


@settings.command(epilog=example("stoker settings reset engine.slots"))
@click.argument("key")
@as_json
@pass_session
def reset(session: Session, key: str, as_json: bool) -> None:
    """Put the default of one setting back."""
    _tell(session.read(lambda node: node.change_setting(key, None)), as_json)


def _tell(changed: SettingView, as_json: bool) -> None:
    if as_json:
        write_json(dataclasses.asdict(changed))
        return
    later = " from the next start of the node on: `stoker restart`" if changed.restart else ""
    narrate(f"{changed.key} is {changed.value or 'empty'}{later}.")
    if changed.source == "environment":
        narrate("The environment says so, which goes before the file.")
