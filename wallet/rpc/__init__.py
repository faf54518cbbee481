"""JSON-RPC over HTTP to nodes that are not ours: several, none of them trusted to be up, quick or honest."""
