"""``stoker dev``: for those who try things out or work on Stoker itself; ``stoker --help`` does not list it."""

from __future__ import annotations

import os
import sys

import click

from tui.cli.lazy import example


@click.group()
def dev() -> None:
    """Stand-ins for what costs money."""


@dev.command(epilog=example("stoker dev chain", "stoker dev chain --fund ADDRESS --sol 1 --usdc 5"))
@click.option("--port", type=click.IntRange(0, 65535), default=8899, show_default=True, help="On loopback; 0 for any.")
@click.option(
    "--cluster", type=click.Choice(("devnet", "mainnet")), default="devnet", help="Which Solana it passes for."
)
@click.option("--fund", multiple=True, metavar="ADDRESS", help="Who gets money at the start; may be repeated.")
@click.option("--sol", default="1", show_default=True, help="How much SOL each of them gets.")
@click.option("--usdc", default="5", show_default=True, help="How much USDC each of them gets.")
def chain(port: int, cluster: str, fund: tuple[str, ...], sol: str, usdc: str) -> None:
    """Run a local Solana with real token programs and no money, until Ctrl-C. Its URL goes to stdout."""
    command = [sys.executable, "-P", "-m", "node.rehearsal.solana", "--port", str(port), "--cluster", cluster]
    for address in fund:
        command += ["--fund", address]
    os.execv(command[0], [*command, "--sol", sol, "--usdc", usdc])  # noqa: S606  our own program, no shell
