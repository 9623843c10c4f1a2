# SPDX-License-Identifier: Apache-2.0
"""Starts the processes of a run, pinned and in a temporary folder, and ends exactly those."""

import ctypes
import os
import pathlib
import resource
import signal
import socket
import ssl
import subprocess
import time

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class Failed(Exception):
    """A process did not do what the run needs; the text says which and why."""


class Process:
    """One program on one CPU; what it writes goes to `log`, first lines can be read from `stdout`."""

    def __init__(self, name, command, cpu, folder, piped=False):
        self.name = name
        self.log = pathlib.Path(folder) / f"{name}.log"
        parent = os.getpid()

        def settle():
            os.sched_setaffinity(0, {cpu})
            # If the orchestrator is killed, nobody is left behind.
            _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:
                os._exit(1)

        with open(self.log, "ab") as log:
            # A session of its own: Ctrl-C reaches the orchestrator alone, which then ends the rest.
            self._child = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.PIPE if piped else subprocess.DEVNULL,
                stdout=subprocess.PIPE if piped else log,
                stderr=log, cwd=folder, text=True, start_new_session=True, preexec_fn=settle)

    @property
    def pid(self):
        return self._child.pid

    @property
    def stdout(self):
        return self._child.stdout

    def is_alive(self):
        return self._child.poll() is None

    def tree(self):
        """Its pid and those of all its descendants."""
        found, left = [], [self.pid]
        while left:
            pid = left.pop()
            found.append(pid)
            try:
                for task in os.listdir(f"/proc/{pid}/task"):
                    with open(f"/proc/{pid}/task/{task}/children") as children:
                        left.extend(int(child) for child in children.read().split())
            except OSError:
                continue
        return found

    def close_input(self):
        if not self._child.stdin.closed:
            self._child.stdin.close()

    def wait(self, seconds):
        try:
            return self._child.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failed(f"{self.name} did not end within {seconds:.0f} s") from None

    def stop(self, seconds=3):
        pids = self.tree() if self.is_alive() else []
        for act in (self._child.terminate, self._child.kill):
            if not self.is_alive():
                break
            act()
            try:
                self._child.wait(seconds)
            except subprocess.TimeoutExpired:
                continue
        for pid in pids[1:]:
            try:
                if os.getpgid(pid) == self.pid:
                    os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe:
                pipe.close()

    def last_words(self, lines=5):
        text = self.log.read_text(errors="replace").strip().splitlines()
        return "\n".join("    " + line for line in text[-lines:])


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _connect(port, over_tls):
    link = socket.create_connection(("127.0.0.1", port), timeout=1)
    if not over_tls:
        return link
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(link, server_hostname="shop.example")


def make_certificate(folder):
    """An ECDSA certificate of our own and its key, apart and together: for all proxies alike."""
    certificate, key = folder / "shop.crt", folder / "shop.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "30", "-subj", "/CN=shop.example", "-addext",
         "subjectAltName=DNS:shop.example", "-out", certificate, "-keyout", key],
        check=True, capture_output=True)
    both = folder / "shop.pem"
    both.write_text(certificate.read_text() + key.read_text())
    return certificate, key, both


def await_answer(process, port, over_tls=False, seconds=10):
    """Returns when the proxy has answered one request with 200."""
    end = time.monotonic() + seconds
    said = "nothing"
    while time.monotonic() < end:
        if not process.is_alive():
            raise Failed(f"{process.name} ended at its start:\n{process.last_words()}")
        try:
            with _connect(port, over_tls) as link:
                link.sendall(b"GET /128 HTTP/1.1\r\nHost: shop.example\r\n\r\n")
                said = link.recv(4096).split(b"\r\n")[0].decode(errors="replace")
                if " 200 " in said + " ":
                    return
        except OSError as error:
            said = str(error)
        time.sleep(0.05)
    raise Failed(f"{process.name} does not answer ({said}):\n{process.last_words()}")


def raise_descriptor_limit(wanted):
    """The descriptors that each process started from now on may have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for limit in ((max(wanted, soft), max(wanted, hard)), (min(wanted, hard), hard)):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, limit)
            break
        except (ValueError, OSError):
            continue
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
