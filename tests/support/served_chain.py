"""A local Solana that answers on loopback, in a thread of this process: a test can make its node misbehave."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from node.rehearsal.solana.chain import Chain
from node.rehearsal.solana.mint import Mint
from node.rehearsal.solana.nodes import Node
from node.serving import GuestServer, listening
from wallet.solana.cluster import CLUSTERS


@dataclass(frozen=True)
class ServedChain:
    """What a test needs of it.

    Attributes:
        node: set its ``fault`` or ``delay``. mint: gives money.
    """

    url: str
    chain: Chain
    node: Node
    mint: Mint

    def settings(self) -> dict[str, object]:
        """What a node's settings say of it."""
        return {"cluster": "devnet", "rpc_urls": self.url, "price_source": False}


@contextmanager
def served_chain(cluster: str = "devnet") -> Iterator[ServedChain]:
    """Serve for the length of the block."""
    chain = Chain(CLUSTERS[cluster].genesis)
    node, mint = Node(chain), Mint(chain, CLUSTERS[cluster])
    bound = listening("127.0.0.1", 0)
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    loop = asyncio.new_event_loop()
    serving = loop.create_task(GuestServer(node).serve_until_cancelled(bound))

    def serve() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            loop.run_until_complete(serving)

    thread = threading.Thread(target=serve, name="served chain", daemon=True)
    thread.start()
    try:
        yield ServedChain(url, chain, node, mint)
    finally:
        loop.call_soon_threadsafe(serving.cancel)
        thread.join(10)
        loop.close()
        bound.close()
