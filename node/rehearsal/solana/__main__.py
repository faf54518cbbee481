"""``python -m node.rehearsal.solana``: a local Solana on loopback, to try everything without money."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import socket
import sys

from node.rehearsal.solana.chain import Chain
from node.rehearsal.solana.mint import USDC_DECIMALS, Mint
from node.rehearsal.solana.nodes import Node
from node.serving import GuestServer, listening
from wallet.keys import is_address
from wallet.money import Asset, parse_amount
from wallet.solana.cluster import CLUSTERS, SOL

PLAYED = ("devnet", "mainnet")
"""The clusters that it can pass for: those with USDC."""


def main() -> int:
    """Serve until interrupted."""
    arguments = _parse()
    cluster = CLUSTERS[arguments.cluster]
    chain = Chain(cluster.genesis)
    mint = Mint(chain, cluster)
    try:
        for address in arguments.fund:
            if arguments.sol:
                mint.give_sol(address, arguments.sol)
            if arguments.usdc:
                mint.give_usdc(address, arguments.usdc, "from the rehearsal's mint")
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    try:
        bound = listening("127.0.0.1", arguments.port)
    except OSError as error:
        sys.stderr.write(f"port {arguments.port}: {error.strerror}; choose another with --port\n")
        return 1
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()
    sys.stderr.write(
        f"A Solana that passes for {cluster.name}; nothing on it is worth anything. Ctrl-C ends and forgets it.\n"
        "Point a node at it, and restart the node:\n"
        f"  stoker settings set wallet.cluster {cluster.name}\n"
        f"  stoker settings set wallet.rpc_urls {url}\n"
        f"USDC is {mint.usdc}. More SOL: `solana airdrop 1 ADDRESS --url {url}`.\n"
    )
    for address in arguments.fund:
        sys.stderr.write(f"{address} has been given its money.\n")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(Node(chain), bound))
    return 0


async def _serve(node: Node, bound: socket.socket) -> None:
    serving = asyncio.ensure_future(GuestServer(node).serve_until_cancelled(bound))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, serving.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await serving


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="stoker dev chain", description=__doc__)
    parser.add_argument("--port", type=int, default=8899)
    parser.add_argument("--cluster", choices=PLAYED, default=PLAYED[0])
    parser.add_argument("--fund", type=_address, action="append", default=[], metavar="ADDRESS")
    parser.add_argument("--sol", type=lambda text: parse_amount(text, SOL).units, default="0")
    parser.add_argument("--usdc", type=lambda text: parse_amount(text, Asset("USDC", USDC_DECIMALS)).units, default="0")
    return parser.parse_args()


def _address(text: str) -> str:
    if not is_address(text):
        raise argparse.ArgumentTypeError(f"{text[:60]!r}: expected a Solana address")
    return text


if __name__ == "__main__":
    sys.exit(main())
