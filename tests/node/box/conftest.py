from __future__ import annotations

import pytest

from node.box import bubblewrap
from node.box.isolation import Isolation
from node.engines.llamacpp import means_of_this_machine


@pytest.fixture(scope="session")
def machine() -> Isolation:
    """What this machine has; these tests need all of it."""
    if not bubblewrap.find():
        pytest.fail("bubblewrap is missing; install the Debian package: apt-get install bubblewrap")
    found = means_of_this_machine()
    assert not found.trouble, found.trouble
    assert found.landlock, "this kernel has no Landlock: boot it with lsm=landlock,..."
    assert found.seccomp, "this kernel has no seccomp filters"
    return found
