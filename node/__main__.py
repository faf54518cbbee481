"""``python -m node``: the node in the foreground, or one offline question to its books."""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import sys
from pathlib import Path

from node import __version__, config, exits
from node.control.address import default_directory
from node.instance import AlreadyRunning, InstanceLock
from node.paths import Paths
from wallet.process import forbid_core_dumps


def main() -> int:
    """Run, and say in the exit code how it ended (see `node.exits`)."""
    arguments = _parse()
    os.umask(0o077)
    paths = Paths(arguments.data_dir.expanduser().absolute())
    try:
        paths.prepare()
    except OSError as error:
        return _fail(
            exits.DIRECTORY_UNUSABLE,
            f"{paths.directory}: cannot be used: {error.strerror}; choose another with --data-dir",
        )
    try:
        with InstanceLock(paths.lock):
            return _offline(paths, *arguments.offline) if arguments.offline else _serve(paths)
    except OSError as error:
        return _fail(exits.DIRECTORY_UNUSABLE, f"{error.filename or paths.directory}: cannot be used: {error.strerror}")
    except AlreadyRunning as error:
        return _fail(exits.ALREADY_RUNNING, f"{error}; attach to it with: stoker --data-dir {paths.directory}")
    except config.ConfigError as error:
        return _fail_to_start(paths, exits.BAD_CONFIG, error)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="stoker --headless", description=__doc__)
    parser.add_argument("--data-dir", type=Path, default=default_directory())
    parser.add_argument("--offline", nargs=2, metavar=("METHOD", "PATH"), help="answer one control request and end")
    parser.add_argument("--version", action="version", version=__version__)
    return parser.parse_args()


def _serve(paths: Paths) -> int:
    forbid_core_dumps()
    settings = config.load(paths.settings)
    from node import logs
    from node.identity import IdentityError
    from node.ledger.errors import LedgerDamaged, LedgerError, LedgerForeign, MigrationFailed
    from node.networks.local.access import AccessError
    from node.opening import serve

    gc.freeze()  # the program itself is no garbage: looking through it again would hold up the event loop for 20 ms
    latest = logs.set_up(settings.node.log_level, settings.node.log_format, paths.logs)
    try:
        asyncio.run(serve(paths, settings, latest))
    except (LedgerDamaged, LedgerForeign, MigrationFailed) as error:
        return _fail_to_start(paths, exits.LEDGER_DAMAGED, error)
    except (LedgerError, OSError) as error:
        return _fail_to_start(paths, exits.DIRECTORY_UNUSABLE, error)
    except (IdentityError, AccessError, ValueError) as error:
        return _fail_to_start(paths, exits.BAD_CONFIG, error)
    return exits.OK


def _offline(paths: Paths, method: str, path: str) -> int:
    from node.offline import answer

    status, body = asyncio.run(answer(paths, config.load(paths.settings), method, path, sys.stdin.read()))
    sys.stdout.write(f"{status}\n{body}")
    return exits.OK


def _fail_to_start(paths: Paths, code: int, error: Exception) -> int:
    """The error, and how to go back if it may come from an update."""
    from node.lineage import way_back

    back = way_back(paths.ledger, __version__)
    return _fail(code, f"{error}\n{back}" if back else str(error))


def _fail(code: int, message: str) -> int:
    sys.stderr.write(f"{message}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
