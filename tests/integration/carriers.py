# SPDX-License-Identifier: Apache-2.0
"""What clients and a Hawser speak by: in clear, over TLS, and HTTP/2 in clear (h2c) or over TLS.

A test runs over those that its module names in `OVER`, or `@over(...)` above it; else in clear.
"""

import atexit
import functools
import pathlib
import shutil
import socket
import ssl
import tempfile

import pytest

from authorities import Authority, Issued, TlsClient
from h2_client import H2Client
from h2_messages import H2Messages
from raw_client import RawClient
from tls_socket import TlsSocket

HOST = "shop.example"
EVERY, H2 = ("clear", "tls", "h2"), ("h2c", "h2")
over = pytest.mark.over
everywhere, http1_only = over(*EVERY), over("clear", "tls")


@functools.cache
def authority() -> Authority:
    """Of all tests of a run."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="authority-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Authority(folder)


@functools.cache
def shop() -> Issued:
    return authority().issue(HOST)


@functools.cache
def terms(*protocols: str) -> ssl.SSLContext:
    return authority().trust(alpn=list(protocols) or None)


def secure(carrier: str, listener: dict) -> None:
    """Makes a listener one that the carrier can reach."""
    if carrier in ("tls", "h2"):
        listener.setdefault("tls", {"certificates": [shop().settings]})


def wrap(carrier: str, plain: socket.socket) -> socket.socket | TlsSocket:
    return plain if carrier in ("clear", "h2c") else TlsSocket(
        plain, terms("h2") if carrier == "h2" else terms(), HOST)


def h2_client(carrier: str, port: int, **more) -> H2Client:
    """A client of frames."""
    return H2Client(port, wrap=lambda plain: wrap(carrier, plain), **more)


def client(carrier: str, port: int) -> RawClient | H2Messages:
    """A client of HTTP/1.1 messages, whatever carries them; beside h2c it is one in clear."""
    if carrier == "h2":
        return H2Messages(h2_client(carrier, port))
    return TlsClient(port, terms()) if carrier == "tls" else RawClient(port)
