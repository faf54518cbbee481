import json
import signal
import subprocess
import sys
from pathlib import Path

CHECK = """
import ctypes, json, resource, sys
from wallet.process import forbid_core_dumps
forbid_core_dumps()
PR_GET_DUMPABLE = 3
print(json.dumps([resource.getrlimit(resource.RLIMIT_CORE)[0], ctypes.CDLL(None).prctl(PR_GET_DUMPABLE, 0, 0, 0, 0)]))
"""

CRASH = """
import os, resource, signal
resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
from wallet.process import forbid_core_dumps
forbid_core_dumps()
os.kill(os.getpid(), signal.SIGABRT)
"""


def test_neither_files_nor_collectors_get_the_memory() -> None:
    done = subprocess.run([sys.executable, "-c", CHECK], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [0, 0]


def test_a_crash_leaves_no_core_file(tmp_path: Path) -> None:
    paths = ":".join(filter(None, sys.path))
    done = subprocess.run([sys.executable, "-c", CRASH], cwd=tmp_path, env={"PYTHONPATH": paths}, check=False)
    assert done.returncode == -signal.SIGABRT
    assert list(tmp_path.iterdir()) == []
