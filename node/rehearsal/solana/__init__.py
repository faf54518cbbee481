"""A local Solana: the real token programs in LiteSVM, with a JSON-RPC face, faults on request and no money."""
