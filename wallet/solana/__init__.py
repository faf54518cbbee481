"""Solana: which cluster, what an address has, and what happened to it."""
