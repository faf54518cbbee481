"""The node as another version of Stoker would be: ``python other_version.py VERSION STEP... -- NODE ARGUMENTS``.

Each STEP is one more migration of the books: ``add`` adds a column, ``fault`` is wrong, ``lose`` loses what was there.
"""

from __future__ import annotations

import sys
from typing import Any

import node
from node.ledger import schema

STEPS = {
    "add": "ALTER TABLE jobs ADD COLUMN mood TEXT",
    "fault": "DROP TABLE moods",
    "lose": "DELETE FROM jobs",
}


def become(version: str, steps: list[str]) -> None:
    """Change the code that is loaded from here on."""
    node.__version__ = version
    schema.MIGRATIONS = (*schema.MIGRATIONS, *(_step(STEPS[name]) for name in steps))
    schema.migrate.__defaults__ = (schema.MIGRATIONS,)
    schema.version_of.__defaults__ = (len(schema.MIGRATIONS),)


def _step(statement: str) -> Any:
    return lambda connection: connection.execute(statement)


if __name__ == "__main__":
    split = sys.argv.index("--")
    become(sys.argv[1], sys.argv[2:split])
    sys.argv[1:] = sys.argv[split + 1 :]
    from node.__main__ import main

    sys.exit(main())
