"""The headless node: owns the engine, the ledger and the hardware. Imports wallet, never tui."""

__version__ = "0.1.0"
