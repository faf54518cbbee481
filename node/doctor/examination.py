"""The whole examination, room by room."""

from __future__ import annotations

from collections.abc import Sequence

from node.config import Settings
from node.doctor import box, cards, clock, engine, keys, machine, network, networks, storage
from node.doctor.check import Check
from node.engines.builds.store import BuildStore
from node.hardware.readings import HardwareReading
from node.models.store import ModelStore
from node.paths import Paths
from node.purse.operating import Operating

NOTHING_KEPT = Operating()


def examine(
    paths: Paths,
    settings: Settings,
    store: ModelStore,
    reading: HardwareReading | None,
    absences: Sequence[str] = (),
    operating: Operating = NOTHING_KEPT,
) -> list[Check]:
    """Look at everything that can be seen without computing. Blocking, for some seconds if a host does not answer."""
    return [
        *machine.checks(),
        *storage.checks(paths, settings.limits.disk_free_gb),
        *clock.checks(),
        *engine.checks(settings.engine, store, BuildStore(paths.builds)),
        *box.checks(settings.engine),
        *keys.checks(operating),
        *cards.checks(reading, absences),
        *network.checks(settings),
        *networks.checks(paths),
    ]
