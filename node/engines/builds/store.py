"""The builds on this machine: a directory for each, with one small JSON file that says what it is."""

from __future__ import annotations

import json
import logging
import re
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from node.engines.builds.errors import BuildError
from wallet.whole_file import replace_file

log = logging.getLogger(__name__)

RECORD = "build.json"
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
MAX_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Build:
    """A build that lies here.

    Attributes:
        server: its llama-server, below the build's own directory.
        origin: where it came from, for people. sha256: of each of its archives.
        device: the card on which it has computed; empty if it has not.
        fault: why it cannot be used; empty if it passed its test.
    """

    name: str
    backend: str
    server: str
    origin: str
    sha256: tuple[str, ...]
    device: str = ""
    fault: str = ""


BUILD = TypeAdapter(Build)


class BuildStore:
    """Keeps builds in a directory (0700), each by its name."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def prepare(self) -> Path:
        """Make the directory; it again. Blocking.

        Raises:
            OSError: it cannot be made.
        """
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self.directory

    def installed(self) -> list[Build]:
        """By name. What was damaged behind our back is not among them. Blocking."""
        found = (self.find(path.parent.name) for path in sorted(self.directory.glob(f"*/{RECORD}")))
        return [build for build in found if build is not None]

    def find(self, name: str) -> Build | None:
        """The build of that name, if its server is there. Blocking."""
        if not NAME.fullmatch(name):
            return None
        try:
            with (self.directory / name / RECORD).open("rb") as file:
                build = BUILD.validate_json(file.read(MAX_BYTES))
        except FileNotFoundError:
            return None
        except (OSError, ValidationError) as error:
            log.warning("the engine build %s cannot be used: %s", name, error)
            return None
        whole = build.name == name and self.server(build).is_file()
        return build if whole else None

    def server(self, build: Build) -> Path:
        """Its llama-server."""
        return self.directory / build.name / build.server

    def resolve(self, name: str) -> Build:
        """A build by its name, or by its backend where only one has it.

        Raises:
            BuildError: there is none, or more than one.
        """
        here = self.installed()
        found = [build for build in here if build.name == name] or [build for build in here if build.backend == name]
        if len(found) == 1:
            return found[0]
        known = ", ".join(build.name for build in found or here) or "none"
        what = "there are several" if found else "there is no such build"
        raise BuildError(f"engine {name!r}: {what}; here: {known}", "`stoker engine list`, `stoker engine add`")

    def keep(self, unpacked: Path, build: Build) -> Build:
        """Give an unpacked directory its name, replacing an older one of that name. Blocking."""
        self.note(build, unpacked)
        place = self.directory / build.name
        shutil.rmtree(place, ignore_errors=True)
        unpacked.rename(place)
        return build

    def note(self, build: Build, place: Path | None = None) -> Build:
        """Write down what is known of a build. Blocking."""
        replace_file((place or self.directory / build.name) / RECORD, json.dumps(asdict(build), indent=1).encode())
        return build

    def remove(self, build: Build) -> None:
        """Delete it. Blocking."""
        shutil.rmtree(self.directory / build.name)
