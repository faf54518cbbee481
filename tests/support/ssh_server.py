"""A real OpenSSH server for whoever runs the tests: one sshd for each connection, on pipes, without a port."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

HOST = "rig2"
"""The one name that the ssh of these tests knows."""


@dataclass(frozen=True)
class SshServer:
    """Its files, and the ssh that reaches it.

    Attributes:
        directory: short, as sockets want it; holds the keys. programs: to be put first on PATH; its ``ssh`` is the real
            one with a configuration of its own.
    """

    directory: Path

    @property
    def programs(self) -> Path:
        return self.directory / "bin"

    @property
    def runtime(self) -> Path:
        """Stands for the person's XDG_RUNTIME_DIR."""
        return self.directory / "run"

    def configure(self, *lines: str) -> None:
        """How the server is set up from the next connection on."""
        self._file("sshd_config").write_text(
            "\n".join(
                (
                    *lines,  # sshd takes the first value that it finds
                    f"HostKey {self._file('host')}",
                    f"AuthorizedKeysFile {self._file('me.pub')}",
                    "PidFile none",
                    "UsePAM no",
                    "StrictModes no",
                    "PasswordAuthentication no",
                )
            )
            + "\n"
        )

    def _file(self, name: str) -> Path:
        return self.directory / name

    def _prepare(self, ssh: str, sshd: str) -> None:
        for name in ("host", "me"):
            key = str(self._file(name))
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
        host_key = self._file("host.pub").read_text()
        self._file("known_hosts").write_text(f"{HOST} {host_key}")
        self._file("config").write_text(
            f"Host {HOST}\n"
            f"  ProxyCommand {sshd} -i -f {self._file('sshd_config')} -E {self._file('log')}\n"
            f"  IdentityFile {self._file('me')}\n"
            "  IdentitiesOnly yes\n"
            f"  UserKnownHostsFile {self._file('known_hosts')}\n"
        )
        self.runtime.mkdir(mode=0o700)
        self.programs.mkdir()
        wrapper = self.programs / "ssh"
        wrapper.write_text(f'#!/bin/sh\nexec {ssh} -F {self._file("config")} "$@"\n')
        wrapper.chmod(0o755)
        self.configure()


@contextmanager
def ssh_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SshServer]:
    """The server, with its ssh as the one that programs find."""
    ssh, sshd = shutil.which("ssh"), shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    assert ssh and sshd, "these tests want OpenSSH: apt-get install openssh-client openssh-server"
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where a root's sshd locks its helpers in
    directory = Path(tempfile.mkdtemp(prefix="ssh-"))
    server = SshServer(directory)
    server._prepare(ssh, sshd)
    monkeypatch.setenv("PATH", f"{server.programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(server.runtime))
    try:
        yield server
    finally:
        shutil.rmtree(directory)
