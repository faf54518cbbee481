"""The node's figures for the tools that people already run: Prometheus, and whatever reads its text form."""
