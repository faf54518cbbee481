"""One life of a child: what is learnt of its end."""

import asyncio
import signal
import sys
from pathlib import Path

from patience import PATIENCE

from node.engines.process import Child

ABORTS = (sys.executable, "-S", "-c", "import os; os.abort()")


async def test_killing_a_child_that_has_just_died_leaves_its_own_exit_code_to_be_read(tmp_path: Path) -> None:
    codes = set()
    for _ in range(30):
        child = await Child.start(ABORTS, b"", directory=tmp_path, environment={}, log_file=tmp_path / "engine.log")
        assert await child.greeting() is None
        child.kill()
        async with asyncio.timeout(PATIENCE):
            codes.add(await child.ended())
        await child.stop()
    assert codes <= {-signal.SIGABRT, -signal.SIGKILL}
