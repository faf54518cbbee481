"""A real D-Bus daemon of our own, and small services on it that answer as a desktop does."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from jeepney import DBus, HeaderFields, MessageType, new_error, new_method_return
from jeepney.io.blocking import DBusConnection, open_dbus_connection

Answer = Callable[[str, tuple[Any, ...]], tuple[str, tuple[Any, ...]] | None]
"""From a method's name and arguments to the signature and body of its answer; None refuses."""

CONFIGURATION = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
</policy>
</busconfig>"""


@contextmanager
def session_bus(folder: Path) -> Iterator[str]:
    """The address of a bus that lives as long as this."""
    daemon = shutil.which("dbus-daemon")
    assert daemon, "No dbus-daemon: these tests need one (Debian and Ubuntu: apt install dbus-daemon)"
    configuration = folder / "bus.conf"
    configuration.write_text(CONFIGURATION.format(socket=folder / "bus"))
    command = [daemon, f"--config-file={configuration}", "--nofork", "--print-address"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


@contextmanager
def service(address: str, name: str, answer: Answer) -> Iterator[None]:
    """A program on the bus that owns this name and answers every call."""
    connection = open_dbus_connection(address)
    connection.send_and_get_reply(DBus().RequestName(name))
    thread = threading.Thread(target=_serve, args=(connection, answer), daemon=True)
    thread.start()
    try:
        yield
    finally:
        with suppress(OSError):
            connection.sock.shutdown(2)
        thread.join(2)
        connection.close()


def _serve(connection: DBusConnection, answer: Answer) -> None:
    with suppress(OSError, EOFError, ConnectionError):
        while True:
            call = connection.receive()
            if call.header.message_type is not MessageType.method_call:
                continue
            said = answer(call.header.fields[HeaderFields.member], call.body)
            if said is None:
                connection.send(new_error(call, "org.freedesktop.DBus.Error.Failed"))
            else:
                connection.send(new_method_return(call, *said))
