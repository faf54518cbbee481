"""How long a test waits for what must come."""

from __future__ import annotations

PATIENCE = 30.0
"""Seconds. Only a test that fails waits so long: a promise about time is asserted by itself, and this is none."""
