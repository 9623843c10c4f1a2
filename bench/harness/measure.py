# SPDX-License-Identifier: Apache-2.0
"""Reads the kernel's books: CPU time, memory, system calls; and how far the two cores are apart."""

import dataclasses
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import time


@dataclasses.dataclass
class Cpu:
    """CPU time so far, in microseconds: all threads of a process tree, and the CPU's ksoftirqd.

    `total` is the scheduler's exact count; the kernel divides it into user and system by ticks,
    so `user` is only good over many turns.
    """
    total: float
    user: float
    system: float
    softirq: float

    def __sub__(self, earlier):
        return Cpu(self.total - earlier.total, self.user - earlier.user,
                   self.system - earlier.system, self.softirq - earlier.softirq)


_TICK_US = 1e6 / os.sysconf("SC_CLK_TCK")


def _exact_us(task):
    with open(f"{task}/schedstat") as text:
        return int(text.read().split()[0]) / 1e3


def _ticks(task):
    with open(f"{task}/stat") as text:
        fields = text.read().rpartition(")")[2].split()
    return int(fields[11]) * _TICK_US, int(fields[12]) * _TICK_US


def ksoftirqd(cpu):
    for path in glob.glob("/proc/[0-9]*/comm"):
        try:
            with open(path) as text:
                if text.read().strip() == f"ksoftirqd/{cpu}":
                    return os.path.dirname(path)
        except OSError:
            continue
    return None


def cpu_of(pids, softirq_task):
    total = user = system = 0.0
    for pid in pids:
        for task in glob.glob(f"/proc/{pid}/task/[0-9]*"):
            in_user, in_kernel = _ticks(task)
            user += in_user
            system += in_kernel
            total += _exact_us(task)
    return Cpu(total, user, system, _exact_us(softirq_task) if softirq_task else 0.0)


def settled_cpu_of(pids, softirq_task):
    """A thread that runs has up to a tick that is not booked yet: wait until all of them sleep."""
    for _ in range(20):
        if all(_state(pid) != "R" for pid in pids):
            break
        time.sleep(0.002)
    return cpu_of(pids, softirq_task)


def _state(pid):
    with open(f"/proc/{pid}/stat") as text:
        return text.read().rpartition(")")[2].split()[0]


@dataclasses.dataclass
class Core:
    """What one CPU did so far, in microseconds: worked, and lay ready while the host ran others."""
    busy: float
    stolen: float

    def __sub__(self, earlier):
        return Core(self.busy - earlier.busy, self.stolen - earlier.stolen)


def core(cpu):
    with open("/proc/stat") as text:
        fields = next(line.split() for line in text if line.startswith(f"cpu{cpu} "))
    user, nice, system, _, _, irq, softirq, stolen = (int(field) for field in fields[1:9])
    return Core((user + nice + system + irq + softirq) * _TICK_US, stolen * _TICK_US)


def pss_bytes(pids):
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/smaps_rollup") as text:
            total += int(re.search(r"^Pss:\s+(\d+) kB", text.read(), re.MULTILINE)[1]) * 1024
    return total


def bounce_ns(program, here, there):
    """What moving a cache line between the two CPUs costs, one way."""
    done = subprocess.run([program, "--here", str(here), "--there", str(there)],
                          capture_output=True, text=True, check=True, timeout=20)
    return json.loads(done.stdout)["bounce_ns"]


# ---- system calls: perf counts them at no cost; strace slows the proxy down, so it is a fallback

_NAMED = ("read", "write", "readv", "writev", "recvfrom", "sendto", "recvmsg", "sendmsg", "splice",
          "epoll_wait", "epoll_pwait", "epoll_ctl", "accept4", "connect", "socket", "close",
          "shutdown", "setsockopt", "getsockopt", "getsockname", "futex", "clock_gettime", "ioctl")


def syscall_counter():
    """The way that works here: "perf", "strace" or None."""
    if shutil.which("perf") and subprocess.run(
            ["perf", "stat", "-e", "raw_syscalls:sys_enter", "true"], capture_output=True,
            check=False).returncode == 0:
        return "perf"
    if shutil.which("strace") and subprocess.run(
            ["strace", "-c", "-f", "true"], capture_output=True, check=False).returncode == 0:
        return "strace"
    return None


def _perf_command(pids):
    events = ["raw_syscalls:sys_enter"]
    for tracing in ("/sys/kernel/tracing", "/sys/kernel/debug/tracing"):
        found = [name for name in _NAMED
                 if os.path.isdir(f"{tracing}/events/syscalls/sys_enter_{name}")]
        if found:
            events += [f"syscalls:sys_enter_{name}" for name in found]
            break
    return ["perf", "stat", "-x", ";", "-e", ",".join(events), "-p", ",".join(map(str, pids))]


def _perf_counts(text):
    counts = {}
    for line in text.splitlines():
        fields = line.split(";")
        if len(fields) > 2 and fields[0].isdigit():
            counts[re.sub(r"^(raw_)?syscalls:sys_enter_?", "", fields[2]) or "all"] = int(fields[0])
    return counts


def _strace_counts(text):
    counts = {}
    for line in text.splitlines():
        fields = line.split()
        if len(fields) >= 5 and fields[3].isdigit():
            counts["all" if fields[-1] == "total" else fields[-1]] = int(fields[3])
    return counts


def count_syscalls(way, pids, work):
    """Runs `work()` while the system calls of `pids` are counted: (its result, {name: count})."""
    if way == "perf":
        command, read = _perf_command(pids), _perf_counts
    else:
        command = ["strace", "-c", "-f"] + [word for pid in pids for word in ("-p", str(pid))]
        read = _strace_counts
    counter = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
                               text=True, start_new_session=True)
    try:
        time.sleep(0.3)
        result = work()
        counter.send_signal(signal.SIGINT)
        return result, read(counter.communicate(timeout=10)[1])
    finally:
        if counter.poll() is None:
            counter.kill()
            counter.wait()
