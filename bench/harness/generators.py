# SPDX-License-Identifier: Apache-2.0
"""Load for what our own generator does not speak: TLS by wrk, handshakes by openssl, HTTP/2 by h2load.

Each is a command for one turn, and a reader of what it printed: requests, errors, seconds and
latencies in the terms of bench_load_load.
"""

import re
import shutil

from .processes import Failed

_UNITS = {"us": 1.0, "ms": 1e3, "s": 1e6}


def _result(requests, errors, seconds, p50_us=None, p99_us=None):
    return {"requests": requests, "errors": errors, "strays": 0, "cookies": 0, "seconds": seconds,
            "p50_us": p50_us, "p99_us": p99_us}


def _found(pattern, text):
    found = re.search(pattern, text)
    if not found:
        raise Failed(f"the load's output is not understood:\n{text[-500:]}")
    return found


def _micros(text):
    number, unit = _found(r"([\d.]+)(us|ms|s)", text).groups()
    return float(number) * _UNITS[unit]


def _program(name):
    path = shutil.which(name)
    if not path:
        raise Failed(f"{name} is not installed")
    return path


class Wrk:
    """Requests over kept connections, or each over one of its own: then a full handshake each."""

    def __init__(self, users, close=False):
        self.users = users
        self.close = close

    def command(self, port, seconds):
        # It counts in whole seconds.
        return [_program("wrk"), "-t1", f"-c{self.users}", f"-d{max(1, round(seconds))}s",
                "--latency", "-H", "Host: shop.example",
                *(["-H", "Connection: close"] if self.close else []),
                f"https://127.0.0.1:{port}/128"]

    @staticmethod
    def read(text):
        done = _found(r"(\d+) requests in ([\d.]+)(s|ms)", text)
        errors = sum(int(count) for count in
                     re.findall(r"(?:connect|read|write|timeout) (\d+)", text))
        errors += sum(int(count) for count in re.findall(r"Non-2xx.*: (\d+)", text))
        return _result(int(done[1]), errors, float(done[2]) * _UNITS[done[3]] / 1e6,
                       _micros(_found(r"50%\s+(\S+)", text)[1]),
                       _micros(_found(r"99%\s+(\S+)", text)[1]))


class Handshakes:
    """One connection after another, each resumed by the ticket of the first."""

    def command(self, port, seconds):
        return [_program("openssl"), "s_time", "-connect", f"127.0.0.1:{port}", "-reuse", "-tls1_3",
                "-www", "/128", "-time", str(max(1, round(seconds)))]

    @staticmethod
    def read(text):
        # The first of two lines is of CPU time, the second of real time.
        done = _found(r"(\d+) connections in (\d+) real seconds", text)
        return _result(int(done[1]), 0, max(1.0, float(done[2])))


class H2load:
    def __init__(self, connections, streams):
        self.connections = connections
        self.streams = streams

    def command(self, port, seconds):
        return [_program("h2load"), "-t1", f"-c{self.connections}", f"-m{self.streams}",
                f"-D{max(1, round(seconds))}", "--warm-up-time=0", f"--connect-to=127.0.0.1:{port}",
                f"https://shop.example:{port}/128"]

    @staticmethod
    def read(text):
        done = _found(r"finished in ([\d.]+)(s|ms)", text)
        counts = _found(r"(\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout", text)
        codes = _found(r"status codes: (\d+) 2xx", text)
        mean = re.search(r"time for request:\s+\S+\s+\S+\s+(\S+)", text)
        bad = int(counts[2]) + int(counts[3]) + int(counts[4])
        return _result(int(codes[1]), bad, float(done[1]) * _UNITS[done[2]] / 1e6,
                       _micros(mean[1]) if mean else None)
