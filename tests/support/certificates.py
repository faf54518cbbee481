"""A certificate authority of a test's own, made with openssl's command line."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path


def certified(directory: Path, host: str) -> tuple[ssl.SSLContext, Path]:
    """A server's context with a certificate for this address, and the file of the root that signed it."""
    root, root_key = directory / "root.pem", directory / "root.key"
    key, request, certificate = directory / "server.key", directory / "server.csr", directory / "server.pem"
    names = directory / "names"
    names.write_text(f"subjectAltName=IP:{host}\nbasicConstraints=CA:FALSE\n")
    fresh = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    _openssl("req", "-x509", *fresh, "-keyout", root_key, "-out", root, "-days", "2", "-subj", "/CN=test root")
    _openssl("req", *fresh, "-keyout", key, "-out", request, "-subj", "/CN=server")
    signed = ["-CA", root, "-CAkey", root_key, "-CAcreateserial", "-days", "2", "-extfile", names]
    _openssl("x509", "-req", "-in", request, *signed, "-out", certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context, root


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
