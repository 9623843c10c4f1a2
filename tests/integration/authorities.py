# SPDX-License-Identifier: Apache-2.0
"""Certificates of tests, made by openssl, and clients that check them."""

import pathlib
import socket
import ssl
import subprocess
import time
from dataclasses import dataclass

from raw_client import PATIENCE, RawClient
from tls_socket import TlsSocket


@dataclass
class Issued:
    """A certificate and its key, as files."""

    certificate: pathlib.Path
    key: pathlib.Path

    @property
    def settings(self) -> dict:
        return {"certificate": str(self.certificate), "key": str(self.key)}


def openssl(*arguments: object, given: str = "") -> str:
    done = subprocess.run(["openssl", *map(str, arguments)], input=given, text=True,
                          capture_output=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout


class Authority:
    """Issues certificates into a folder."""

    def __init__(self, folder: pathlib.Path, name: str = "Test Authority"):
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.path, self._key = folder / "authority.pem", folder / "authority.key"
        self._count = 0
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", self._key, "-out", self.path, "-days", "2", "-subj", f"/CN={name}",
                "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def issue(self, *hosts: str, kind: str = "ec", subject: str = "") -> Issued:
        """For names, or addresses written as `IP:127.0.0.1`."""
        self._count += 1
        base = self.folder / str(self._count)
        made = Issued(base.with_suffix(".pem"), base.with_suffix(".key"))
        how = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"] if kind == "ec" else \
            ["-newkey", "rsa:2048"]
        names = ",".join(each if ":" in each else f"DNS:{each}" for each in hosts)
        base.with_suffix(".ext").write_text(
            f"subjectAltName={names}\nauthorityKeyIdentifier=keyid\n"
            "extendedKeyUsage=serverAuth,clientAuth\n")
        openssl("req", *how, "-nodes", "-keyout", made.key, "-out", base.with_suffix(".csr"),
                "-subj", subject or f"/CN={hosts[0]}")
        openssl("x509", "-req", "-in", base.with_suffix(".csr"), "-CA", self.path, "-CAkey",
                self._key, "-CAcreateserial", "-days", "2", "-sha256", "-out", made.certificate,
                "-extfile", base.with_suffix(".ext"))
        return made

    def trust(self, own: Issued | None = None, alpn: list[str] | None = None) -> ssl.SSLContext:
        """A client's terms: this authority is believed, nobody else."""
        terms = ssl.create_default_context(cafile=str(self.path))
        if own is not None:
            terms.load_cert_chain(own.certificate, own.key)
        if alpn is not None:
            terms.set_alpn_protocols(alpn)
        return terms


class TlsClient(RawClient):
    """A raw client over TLS. An end without close_notify is `reset`."""

    costs_little = False

    def __init__(self, port: int, terms: ssl.SSLContext, host: str | None = "shop.example",
                 session: ssl.SSLSession | None = None, source: str = ""):
        super().__init__(port, source=source)
        self.socket = TlsSocket(self.socket, terms, host, session)

    def hears_nothing(self, seconds: float) -> bool:
        """No data: tickets and the like are none."""
        end = time.monotonic() + seconds
        while not self.buffer and not self.ended and time.monotonic() < end:
            super()._read_more(max(end, time.monotonic() + 0.001))
        return not self.buffer and not self.ended

    def _read_more(self, end: float) -> None:
        try:
            super()._read_more(end)
        except ssl.SSLEOFError:
            self.ended = "reset"


def over_tls(plain: socket.socket, terms: ssl.SSLContext, host: str | None,
             session: ssl.SSLSession | None = None) -> ssl.SSLSocket:
    return terms.wrap_socket(plain, server_hostname=host, suppress_ragged_eofs=False,
                             session=session)


def handshake(port: int, terms: ssl.SSLContext, host: str | None = "shop.example") -> dict:
    """What one handshake settles: certificate names, version, cipher, protocol."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as plain, \
            over_tls(plain, terms, host) as made:
        certificate = made.getpeercert()
        return {"names": [value for _, value in certificate.get("subjectAltName", ())],
                "serial": certificate.get("serialNumber"), "version": made.version(),
                "cipher": made.cipher()[0], "protocol": made.selected_alpn_protocol()}
