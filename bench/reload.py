#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Measures start, memory and reloads of a Hawser with many pools and servers. See bench/README.md."""

import argparse
import http.client
import pathlib
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time

from harness import measure
from harness.processes import Failed, Process, await_answer, free_port, raise_descriptor_limit

ROOT = pathlib.Path(__file__).resolve().parent.parent
COLUMNS = ("pools", "file MiB", "check ms", "start ms", "memory MiB", "read ms",
           "compare ms", "same ms", "server ms", "pool ms", "weight ms", "growth KiB")
RELOADED = re.compile(
    r"reloaded: ([\d.]+) ms to read and check, ([\d.]+) to compare, ([\d.]+) to serve by it")
DESCRIPTORS = 20000  # so that what grows with their number is the same in every run


class Fleet:
    """A configuration of so many pools with so many servers each, and the process that has it."""

    def __init__(self, program, pools, servers, cpu, folder):
        self.path = folder / "hawser.yaml"
        self.port, self.admin_port = free_port(), free_port()
        self.pools = {f"pool{at}": {f"s{n}": f"127.{1 + at // 250}.{at % 250}.{n % 250}:8000"
                                    for n in range(servers)} for at in range(pools)}
        self.folder = folder
        self.write()
        self.check_us = self.check(program)
        began = time.monotonic()
        self.process = Process("hawser", [program, "run", "-f", self.path, "--workers", "2"], cpu,
                               folder)
        await_answer(self.process, self.port, seconds=60)
        self.start = time.monotonic() - began

    def write(self):
        pools = "".join(
            f"  {name}:\n    servers:\n"
            + "".join(f"      {server}: {place}\n" for server, place in servers.items())
            for name, servers in self.pools.items())
        routes = "".join(f"  - {{host: {name}.example, pool: {name}}}\n" for name in self.pools)
        self.path.write_text(f"""listeners:
  web: {{bind: "127.0.0.1:{self.port}"}}
pools:
{pools}routes:
  - {{respond: 200}}
{routes}admin: {{bind: "127.0.0.1:{self.admin_port}"}}
log: {{access: "off", errors: "{self.folder}/log"}}
keys: {self.folder}/keys
""")

    def check(self, program):
        """CPU time of reading and checking the file alone, in microseconds."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([program, "check", self.path], check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return 1e6 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)

    def memory(self):
        return measure.pss_bytes([self.process.pid])

    def ask(self, method, target, body="{}"):
        asking = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=60)
        asking.request(method, target, body, {"Content-Type": "application/json"})
        answer = asking.getresponse()
        said = answer.read().decode()
        asking.close()
        if answer.status != 200:
            raise Failed(f"{method} {target} was answered with {answer.status}: {said}")

    def reload(self):
        """Milliseconds to read and check the file, to compare it with the one before, and then
        until all workers serve by it."""
        self.write()
        before = len(self.told())
        self.ask("POST", "/v1/reload")
        while len(self.told()) == before:
            time.sleep(0.01)  # a thread of its own writes the log
        return tuple(map(float, self.told()[-1]))

    def told(self):
        log = self.folder / "log"
        return RELOADED.findall(log.read_text()) if log.exists() else []

    def median_reload(self, change, rounds):
        def one(turn):
            change(turn)
            return self.reload()
        return tuple(map(statistics.median, zip(*(one(turn) for turn in range(rounds)))))

    def median_weight(self, rounds):
        """CPU time of a weight that an operator sets, answer included, in milliseconds."""
        def one(turn):
            before = measure.settled_cpu_of([self.process.pid], None)
            self.ask("PUT", "/v1/pools/pool1/servers/s0/weight", f'{{"weight": {turn + 2}}}')
            return (measure.settled_cpu_of([self.process.pid], None) - before).total / 1e3
        return statistics.median(one(turn) for turn in range(rounds))

    def change_server(self, turn):
        self.pools["pool0"]["s0"] = f"127.0.0.1:{9000 + turn}"

    def change_pool(self, turn):
        self.pools["more"] = {f"s{n}": f"127.0.1.{n}:{9000 + turn}" for n in range(100)}

    def stop(self):
        self.process.stop()


def row_of(program, pools, servers, rounds, cpu):
    with tempfile.TemporaryDirectory() as folder:
        fleet = Fleet(program, pools, servers, cpu, pathlib.Path(folder))
        try:
            memory = fleet.memory()
            read, compare, same = fleet.median_reload(lambda turn: None, rounds)
            *_, server = fleet.median_reload(fleet.change_server, rounds)
            settled = fleet.memory()
            fleet.median_reload(fleet.change_server, rounds)
            growth = fleet.memory() - settled
            *_, pool = fleet.median_reload(fleet.change_pool, rounds)
            weight = fleet.median_weight(rounds)
            return (pools, fleet.path.stat().st_size / 2**20, fleet.check_us / 1e3,
                    fleet.start * 1e3, memory / 2**20, read, compare, same, server, pool, weight,
                    growth / 1024)
        finally:
            fleet.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hawser", type=pathlib.Path, default=ROOT / "build/release/hawser")
    parser.add_argument("--pools", default="10,100,1000", help="how many, comma-separated")
    parser.add_argument("--servers", type=int, default=100, help="of each pool")
    parser.add_argument("--rounds", type=int, default=5, help="reloads of each kind")
    parser.add_argument("--cpu", type=int, default=0)
    asked = parser.parse_args()
    raise_descriptor_limit(DESCRIPTORS)
    print("".join(f"{name:>11}" for name in COLUMNS))
    for pools in map(int, asked.pools.split(",")):
        row = row_of(asked.hawser, pools, asked.servers, asked.rounds, asked.cpu)
        print(f"{row[0]:>11}" + "".join(f"{value:>11.1f}" for value in row[1:]), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
