"""How this Stoker came here, and what its installer is told to bring another version.

Where a distribution came from stands in ``direct_url.json`` (PEP 610); pipx and uv leave a file of theirs in the
environments that they make.
"""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import Distribution, distribution
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

NAME = "stoker"


class Source(StrEnum):
    """Where this Stoker came from."""

    INDEX = "index"
    CHECKOUT = "checkout"
    GIT = "git"
    FILE = "file"


class Tool(StrEnum):
    """Who keeps the environment that it runs in."""

    PIP = "pip"
    PIPX = "pipx"
    UV_TOOL = "uv tool"
    UV = "uv"


@dataclass(frozen=True, slots=True)
class Installation:
    """This Stoker.

    Attributes:
        place: the checkout's folder, or the URL of the repository or the file; empty for the index.
        commit: which one was installed from a repository; empty elsewhere. revision: the branch or tag asked for.
        editable: the code runs from the checkout itself. constraints: its file of tried versions; empty without one.
        python: the interpreter that it runs in.
    """

    version: str
    source: Source
    tool: Tool
    place: str = ""
    commit: str = ""
    revision: str = ""
    editable: bool = False
    constraints: str = ""
    python: str = sys.executable

    def commands(self, version: str | None = None) -> tuple[str, ...]:
        """What to type to get the newest version, or this one; empty if only the person can know it.

        Args:
            version: such as ``0.2.0``; its tag in a repository is ``v0.2.0``.
        """
        match self.source:
            case Source.CHECKOUT:
                git = f"git -C {shlex.quote(self.place)} {f'checkout v{version}' if version else 'pull --ff-only'}"
                return (git, self._install(shlex.quote(self.place), self._options()))
            case Source.GIT:
                revision = f"v{version}" if version else self.revision
                return (
                    self._install(shlex.quote(f"{NAME} @ git+{self.place}" + (f"@{revision}" if revision else ""))),
                )
            case Source.INDEX if version:
                return (self._install(shlex.quote(f"{NAME}=={version}")),)
            case Source.INDEX:
                return (self._upgrade(),)
            case Source.FILE:
                return ()

    def _options(self) -> str:
        constrained = self.constraints and self.tool in (Tool.PIP, Tool.UV)
        tried = f"--constraint {shlex.quote(self.constraints)} " if constrained else ""
        return tried + ("--editable " if self.editable else "")

    def _install(self, what: str, options: str = "") -> str:
        match self.tool:
            case Tool.PIPX:
                return f"pipx install --force {options}{what}"
            case Tool.UV_TOOL:
                return f"uv tool install --force {options}{what}"
            case Tool.UV:
                return f"uv pip install --python {shlex.quote(self.python)} {options}{what}"
            case Tool.PIP:
                return f"{shlex.quote(self.python)} -m pip install {options}{what}"

    def _upgrade(self) -> str:
        match self.tool:
            case Tool.PIPX:
                return f"pipx upgrade {NAME}"
            case Tool.UV_TOOL:
                return f"uv tool upgrade {NAME}"
            case Tool.UV | Tool.PIP:
                return self._install(NAME, options="--upgrade ")


def this_installation() -> Installation:
    """The one that runs now."""
    return read(distribution(NAME), Path(sys.prefix), has_pip=find_spec("pip") is not None)


def read(stoker: Distribution, prefix: Path, *, has_pip: bool) -> Installation:
    """An installation by its metadata and the root of its environment."""
    tool = _tool(prefix, has_pip)
    said = json.loads(stoker.read_text("direct_url.json") or "{}")
    url = str(said.get("url", ""))
    if "vcs_info" in said:
        vcs = said["vcs_info"]
        return Installation(
            stoker.version, Source.GIT, tool, url, vcs.get("commit_id", ""), vcs.get("requested_revision", "")
        )
    if "dir_info" in said:
        folder = Path(unquote(urlsplit(url).path))
        tried = folder / "constraints.txt"
        return Installation(
            stoker.version,
            Source.CHECKOUT,
            tool,
            str(folder),
            editable=said["dir_info"].get("editable", False),
            constraints=str(tried) if tried.exists() else "",
        )
    if url:
        return Installation(stoker.version, Source.FILE, tool, url)
    return Installation(stoker.version, Source.INDEX, tool)


def _tool(prefix: Path, has_pip: bool) -> Tool:
    if (prefix / "uv-receipt.toml").exists():
        return Tool.UV_TOOL
    if (prefix / "pipx_metadata.json").exists():
        return Tool.PIPX
    return Tool.PIP if has_pip else Tool.UV
