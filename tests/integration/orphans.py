# SPDX-License-Identifier: Apache-2.0
"""Processes that outlive the one that started them: daemons, and a binary that took over."""

import ctypes
import os
import select
import signal
import subprocess

PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans() -> None:
    """Whoever outlives its parent becomes a child of this process, which can wait for it."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


class Orphan:
    """One of them, as subprocess.Popen has those that this process started."""

    def __init__(self, pid: int):
        self.pid = pid
        self.returncode: int | None = None
        self._end = os.pidfd_open(pid)

    def send_signal(self, number: signal.Signals) -> None:
        if self.returncode is None:
            signal.pidfd_send_signal(self._end, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def poll(self) -> int | None:
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        """Its parent must have ended before it."""
        if self.returncode is None:
            ends = select.poll()
            ends.register(self._end, select.POLLIN)
            if not ends.poll(None if timeout is None else timeout * 1000):
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout)
            self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
            os.close(self._end)
        return self.returncode
