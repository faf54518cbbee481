"""How hypothesis searches here: the same examples in every run, and as long as a loaded machine needs.

``--hypothesis-profile=default`` searches anew.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")
