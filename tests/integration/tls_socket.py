# SPDX-License-Identifier: Apache-2.0
"""TLS over a connected socket, for clients that do with it what they like."""

import socket
import ssl
import threading

RECORD = 1 << 14


class TlsSocket:
    """One thread may send while another receives. A half-close ends what we say and no more, and
    `close` says nothing at all. An end that nobody announced is an SSLEOFError."""

    def __init__(self, plain: socket.socket, terms: ssl.SSLContext, host: str | None,
                 session: ssl.SSLSession | None = None):
        self.plain = plain
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = terms.wrap_bio(self._incoming, self._outgoing, server_hostname=host,
                                   session=session)
        self._state, self._sending = threading.Lock(), threading.Lock()
        self._shake_hands()

    def __getattr__(self, name: str):
        """What TLS can tell, else what the socket below can."""
        return getattr(self._tls if hasattr(self._tls, name) else self.plain, name)

    def sendall(self, data: bytes) -> None:
        with self._sending:
            for at in range(0, len(data), RECORD):
                with self._state:
                    self._tls.write(data[at:at + RECORD])
                    sealed = self._outgoing.read()
                self.plain.sendall(sealed)

    def recv(self, size: int) -> bytes:
        while True:
            with self._state:
                try:
                    return self._tls.read(size)
                except ssl.SSLWantReadError:
                    pass
                except ssl.SSLZeroReturnError:
                    return b""
            self._take_more()

    def recv_into(self, space: bytearray) -> int:
        data = self.recv(len(space))
        space[:len(data)] = data
        return len(data)

    def shutdown(self, how: int) -> None:
        assert how == socket.SHUT_WR, "only what we say can be ended"
        with self._sending, self._state:
            try:
                self._tls.unwrap()
            except ssl.SSLError:  # it would like to hear the other side's end as well
                pass
            self.plain.sendall(self._outgoing.read())

    def _shake_hands(self) -> None:
        while True:
            try:
                self._tls.do_handshake()
                return
            except ssl.SSLWantReadError:
                pass
            finally:
                self.plain.sendall(self._outgoing.read())
            self._take_more()

    def _take_more(self) -> None:
        data = self.plain.recv(1 << 16)
        with self._state:
            self._incoming.write(data) if data else self._incoming.write_eof()
