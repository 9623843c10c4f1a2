#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Measures start, memory and reloads of a Hawser with many pools and servers. See bench/README.md."""

import argparse
import http.client
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

from harness import measure
from harness.processes import Failed, Process, await_answer, free_port, raise_descriptor_limit

ROOT = pathlib.Path(__file__).resolve().parent.parent
COLUMNS = ("pools", "file MiB", "check ms", "start ms", "memory MiB", "same ms", "server ms",
           "pool ms", "growth KiB")
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
log: {{access: "off"}}
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

    def reload(self):
        """CPU time of the whole process, until the workers serve by it, in microseconds."""
        self.write()
        before = measure.settled_cpu_of([self.process.pid], None)
        asking = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=60)
        asking.request("POST", "/v1/reload", "{}", {"Content-Type": "application/json"})
        answer = asking.getresponse()
        said = answer.read().decode()
        asking.close()
        if answer.status != 200:
            raise Failed(f"the reload was answered with {answer.status}: {said}")
        time.sleep(0.2)  # the workers take the new snapshot after the answer
        return (measure.settled_cpu_of([self.process.pid], None) - before).total

    def median_reload(self, change, rounds):
        def one(turn):
            change(turn)
            return self.reload()
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
            same = fleet.median_reload(lambda turn: None, rounds)
            server = fleet.median_reload(fleet.change_server, rounds)
            settled = fleet.memory()
            fleet.median_reload(fleet.change_server, rounds)
            growth = fleet.memory() - settled
            pool = fleet.median_reload(fleet.change_pool, rounds)
            return (pools, fleet.path.stat().st_size / 2**20, fleet.check_us / 1e3,
                    fleet.start * 1e3, memory / 2**20, same / 1e3, server / 1e3, pool / 1e3,
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
    print("".join(f"{name:>12}" for name in COLUMNS))
    for pools in map(int, asked.pools.split(",")):
        row = row_of(asked.hawser, pools, asked.servers, asked.rounds, asked.cpu)
        print(f"{row[0]:>12}" + "".join(f"{value:>12.1f}" for value in row[1:]), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
