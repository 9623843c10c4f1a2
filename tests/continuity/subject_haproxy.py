# SPDX-License-Identifier: Apache-2.0
"""Debian's HAProxy as its manual advises: cookies that it inserts, checks, redispatch, a state file
over reloads, a master that is told by USR2."""

import pathlib
import re
import signal
import socket
import subprocess

import harness
from peer import SECONDS_TO_STOP, Peer

TRIES = 10
STATES = {"ready": "ready", "drain": "drain", "maintenance": "maint"}


class HAProxy(Peer):
    title = "HAProxy"
    program = "/usr/sbin/haproxy"

    def configuration(self) -> str:
        servers = "\n".join(f"    server {name} {address} cookie {name} check"
                            for name, address in self.addresses.items())
        return f"""
global
    nbthread 2
    hard-stop-after {SECONDS_TO_STOP}s
    stats socket {self.folder}/admin.sock mode 600 level admin expose-fd listeners
    server-state-file {self.folder}/states
defaults
    mode http
    load-server-state-from-file global
    option redispatch
    option httpchk GET /healthz
    retries 3
    retry-on conn-failure empty-response response-timeout
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    timeout tunnel 1h
    timeout check 2s
    default-server inter 1s fall 2 rise 1
frontend web
    bind 127.0.0.1:{self.port}
    bind 127.0.0.1:{self.h2_port} proto h2
    http-request disable-l7-retry if METH_POST
    default_backend shop
backend shop
    balance leastconn
    cookie srv insert indirect nocache httponly
{servers}
backend other{self.reloads}
    server x {next(iter(self.addresses.values()))}
"""

    def launch(self) -> None:
        self.write()
        (self.folder / "states").touch()
        self.process = subprocess.Popen(
            [self.program, "-W", "-db", "-f", str(self.path)], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait_until_it_accepts()

    def master(self) -> int:
        return self.process.pid

    def set_state(self, server: str, state: str) -> None:
        self._tell(f"set server shop/{server} state {STATES[state]}")

    def read_again(self) -> None:
        (self.folder / "states").write_text(self._tell("show servers state"))
        self.write()
        before = self._worker()
        for _ in range(TRIES):  # a signal that comes while it starts is lost
            self.signal(signal.SIGUSR2)
            try:
                harness.wait_for(lambda: self._worker() != before, "a new worker", 1.0)
                return
            except AssertionError:
                continue
        raise AssertionError("HAProxy has not read its file again")

    def _worker(self) -> str:
        """The process that serves new connections."""
        return re.search(r"^Pid: (\d+)$", self._tell("show info"), re.MULTILINE)[1]

    def _tell(self, order: str) -> str:
        with harness.wait_for(self._asking, "HAProxy's operator socket answers") as asking:
            asking.sendall(order.encode() + b"\n")
            return b"".join(iter(lambda: asking.recv(1 << 16), b"")).decode()

    def _asking(self) -> socket.socket | None:
        """None while one worker gives the socket to the next."""
        asking = socket.socket(socket.AF_UNIX)
        asking.settimeout(5)
        try:
            asking.connect(str(self.folder / "admin.sock"))
            return asking
        except OSError:
            asking.close()
            return None

    def upgrade(self) -> None:
        """A reload runs the binary anew, whichever it is by then."""
        self.reload()

    def restart(self) -> None:
        self.signal(signal.SIGUSR1)
        self.process.wait(2 * SECONDS_TO_STOP)
        self.launch()

    def crash(self) -> None:
        self.kill()
        self.launch()

    def stop(self) -> None:
        self.signal(signal.SIGTERM)
        try:
            self.process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            self.kill()
