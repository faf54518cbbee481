"""``stoker networks`` itself: its commands."""

from __future__ import annotations

import click

from tui.cli.lazy import LazyGroup, example

COMMANDS = {
    "list": ("tui.cli.networks.joined:list_networks", "The networks that you have joined, a line each."),
    "status": ("tui.cli.networks.joined:status", "How it goes with a network, in sentences."),
    "kinds": ("tui.cli.networks.kinds:list_kinds", "The networks that can be joined."),
    "page": ("tui.cli.networks.kinds:page", "What to know before joining one."),
    "add": ("tui.cli.keys.network:add", "Join a network."),
    "test": ("tui.cli.keys.network:test", "Ask a network how it stands, before joining or after."),
    "set": ("tui.cli.keys.network:change", "Change a network's key, name, models, weight or options."),
    "accept": ("tui.cli.networks.switches:accept", "Read a joined network's page again, and agree to it."),
    "enable": ("tui.cli.networks.switches:enable", "Work for a network again."),
    "disable": ("tui.cli.networks.switches:disable", "Finish its jobs in hand, then take no more."),
    "maintenance": (
        "tui.cli.networks.switches:maintenance",
        "Let the network itself send no jobs, or send them again.",
    ),
    "remove": ("tui.cli.networks.switches:remove", "Leave a network and delete its key here."),
}


@click.group(
    cls=LazyGroup,
    lazy=COMMANDS,
    epilog=example(
        "stoker networks kinds",
        "stoker networks page horde",
        "stoker networks add horde --name my-worker --api-key-file horde.key",
        "stoker networks status",
    ),
)
def networks() -> None:
    """Work for networks: join them, see how they stand, leave them.

    All of it but maintenance works without a running node, too; a running one needs no restart.
    """
