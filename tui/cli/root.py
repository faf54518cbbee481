"""``stoker``: what it can do, and to which node."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from tui.cli import exits
from tui.cli.failures import guarded
from tui.cli.lazy import LazyGroup

COMMANDS = {
    "try": ("tui.cli.attempt:attempt", "Do one real AI job on this machine, now."),
    "status": ("tui.cli.status:status", "What the node does, why, and what would change it."),
    "hardware": ("tui.cli.hardware:hardware", "What the cards and the machine around them feel."),
    "jobs": ("tui.cli.jobs:jobs", "List jobs, show one, cancel one."),
    "earnings": ("tui.cli.earnings:earnings", "What was claimed, credited and paid."),
    "ledger": ("tui.cli.ledger:ledger", "Read and verify the books."),
    "pause": ("tui.cli.running:pause", "Take no more jobs until resumed."),
    "resume": ("tui.cli.running:resume", "Take jobs again."),
    "run-anyway": ("tui.cli.running:run_anyway", "Run in spite of your own limits, but for heat."),
    "drain": ("tui.cli.running:drain", "Finish the jobs in hand, then end the node."),
    "stop": ("tui.cli.running:stop", "End the node now."),
    "tune": ("tui.cli.tune:tune", "Find the power limit that is worth it."),
    "model": ("tui.cli.model:model", "List, fetch, import, use and remove models."),
    "engine": ("tui.cli.engine:engine", "What computes here, and what else could."),
    "networks": ("tui.cli.networks.group:networks", "Work for networks: join them, see how they stand, leave them."),
    "wallet": ("tui.cli.wallet.group:wallet", "Watch an address, see what it holds, receive, lock and unlock."),
    "keys": ("tui.cli.keys.group:keys", "Make, import, export and back up the keys of your wallets."),
    "access": ("tui.cli.access:access", "Keys to your own OpenAI-compatible endpoint."),
    "settings": ("tui.cli.settings:settings", "Read and change the settings."),
    "logs": ("tui.cli.logs:logs", "The node's log."),
    "service": ("tui.cli.service.group:service", "Run the node from the start of the machine on, by systemd."),
    "update": ("tui.cli.update.command:update", "Whether there is a newer Stoker, and what to type to get it."),
    "doctor": ("tui.cli.doctor:doctor", "Check what the node needs, and how to mend it."),
    "dev": ("tui.cli.dev:dev", ""),
}


class Root(LazyGroup):
    """The outermost command: here every error becomes words and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        return guarded(lambda: super(Root, self).invoke(ctx), show_trace=ctx.params["traceback"])


@click.group(
    cls=Root,
    lazy=COMMANDS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="\b\nExit codes:\n" + exits.table() + "\n\n\b\nExample:\n  stoker try 'Why is the sky blue?'",
)
@click.option("--data-dir", type=click.Path(path_type=Path), help="Where the node keeps everything (or STOKER_HOME).")
@click.option("--headless", is_flag=True, help="Run the node here, in the foreground, without the app.")
@click.option("--traceback", is_flag=True, help="Show where an unexpected error came from.")
@click.version_option(package_name="stoker", prog_name="stoker", message="%(prog)s %(version)s")
@click.pass_context
def root(ctx: click.Context, data_dir: Path | None, headless: bool, traceback: bool) -> None:
    """Let your own GPU earn: one node, many networks.

    Without a command the app opens; it starts the node if none runs, and the node goes on when the app is closed.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")

    from node.control.client import default_directory
    from tui.cli.session import Session

    session = Session(data_dir.expanduser().absolute() if data_dir else default_directory())
    ctx.obj = session
    if headless:
        if ctx.invoked_subcommand is not None:
            raise click.UsageError("--headless takes no command", ctx)
        from tui.cli.node_process import run_in_foreground

        run_in_foreground(session.directory)
    if ctx.invoked_subcommand is None:
        from tui.cli.attach import attach

        ctx.exit(attach(session))
