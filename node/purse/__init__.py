"""The node's wallets: which there are, whether they are locked, and what the chains say that they hold."""
