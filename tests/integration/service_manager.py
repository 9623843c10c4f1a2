# SPDX-License-Identifier: Apache-2.0
"""What systemd does for a service: passes sockets, keeps those that it is given, hears its words."""

import array
import os
import pathlib
import re
import signal
import socket
import threading

from harness import binary, wait_for


class ServiceManager:
    """Runs one process, again and again, with the sockets of `units` and those of its store."""

    def __init__(self, folder: pathlib.Path, config: pathlib.Path,
                 units: dict[str, socket.socket] | None = None):
        self.folder, self.config = folder, config
        self.units = units or {}
        self.store: list[tuple[str, int]] = []  # names and descriptors
        self.words: list[str] = []
        self.pid = 0
        self._path = str(folder / "notify")
        self._hears = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._hears.bind(self._path)
        self._listening = threading.Thread(target=self._listen, daemon=True)
        self._listening.start()

    def _listen(self) -> None:
        while True:
            try:
                text, passed = self._receive()
            except OSError:
                return
            self.words.append(text)
            name = (re.search(r"^FDNAME=(.*)$", text, re.MULTILINE) or [None, "stored"])[1]
            if "FDSTORE=1" in text:
                self.store += [(name, each) for each in passed if not self._has(each)]
            if "FDSTOREREMOVE=1" in text:
                for _, each in [one for one in self.store if one[0] == name]:
                    os.close(each)
                self.store = [one for one in self.store if one[0] != name]

    def _has(self, number: int) -> bool:
        """What is stored already is closed again, as systemd does."""
        known = any(os.fstat(each).st_ino == os.fstat(number).st_ino for _, each in self.store)
        if known:
            os.close(number)
        return known

    def _receive(self) -> tuple[str, list[int]]:
        text, rest, _, _ = self._hears.recvmsg(4096, socket.CMSG_SPACE(253 * 4))
        if not text:
            raise OSError("it is closed")
        numbers = array.array("i")
        for level, kind, data in rest:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                numbers.frombytes(data[:len(data) // 4 * 4])
        return text.decode(), list(numbers)

    def start(self) -> None:
        self.words.clear()
        named = [(name, each.fileno()) for name, each in self.units.items()] + self.store
        self.store_at_start = list(self.store)
        environment = os.environ | {"NOTIFY_SOCKET": self._path, "LISTEN_FDS": str(len(named)),
                                    "LISTEN_FDNAMES": ":".join(name for name, _ in named)}
        # Copied out of the way first, since a number may be wanted that another one has.
        copies = [os.dup(number) for _, number in named]
        log = os.open(self.folder / "errors.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.pid = os.fork()
        if self.pid == 0:
            high = [os.dup2(number, 500 + at) for at, number in enumerate(copies)]
            os.dup2(log, 2)
            for at, number in enumerate(high):
                os.dup2(number, 3 + at)
            os.closerange(3 + len(high), 1024)
            environment["LISTEN_PID"] = str(os.getpid())
            os.execve(binary(), [binary(), "run", "-f", str(self.config)], environment)
        for each in [*copies, log]:
            os.close(each)
        wait_for(lambda: "READY=1" in self.words, "it is ready")

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)

    def restart(self, number: int = signal.SIGTERM) -> None:
        os.kill(self.pid, number)
        os.waitpid(self.pid, 0)
        self.start()

    def errors(self) -> str:
        return (self.folder / "errors.log").read_text()

    def stop(self) -> None:
        self.kill()
        for _, each in self.store:
            os.close(each)
        self._hears.shutdown(socket.SHUT_RDWR)
        self._hears.close()
