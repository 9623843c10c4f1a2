#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Measures what a command to the session service costs, beside redis-server without persistence.
See bench/README.md."""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

from harness import measure
from harness.processes import Failed, Process, free_port

ROOT = pathlib.Path(__file__).resolve().parent.parent
KEY = "sess:__rand_int__"
BYTES = 1024
# What is asked, as redis-benchmark has it; a mix is one of each, its parts sent one after the other.
COMMANDS = {"GET": ["get", KEY], "SETEX": ["setex", KEY, "1800", "__data__"]}


class Store:
    """A server on one CPU that speaks RESP."""

    def __init__(self, name, command, cpu, folder, port):
        self.name, self.port = name, port
        self.process = Process(name, command, cpu, folder)
        end = time.monotonic() + 10
        while self.ask("ping") != "PONG":
            if time.monotonic() > end or not self.process.is_alive():
                raise Failed(f"{name} does not answer:\n{self.process.last_words()}")
            time.sleep(0.05)

    def ask(self, *words):
        return subprocess.run(["redis-cli", "-p", str(self.port), *words], capture_output=True,
                              text=True, check=False).stdout.strip()

    def load(self, command, requests, keys, pipeline, cpu):
        """CPU microseconds of the server a command."""
        # No two saves are the same, as such a one would be a touch.
        data = "__rand_int__" + "x" * (BYTES - len("__rand_int__"))
        words = [word.replace("__data__", data) for word in command]
        before = measure.settled_cpu_of([self.process.pid], None)
        done = subprocess.run(
            ["taskset", "-c", str(cpu), "redis-benchmark", "-p", str(self.port), "-n",
             str(requests), "-r", str(keys), "-c", "50", "-P", str(pipeline), "-q", *words],
            capture_output=True, text=True, check=False)
        if done.returncode != 0 or "ERR" in done.stdout + done.stderr:
            raise Failed(f"redis-benchmark against {self.name}: {done.stdout}{done.stderr}")
        spent = measure.settled_cpu_of([self.process.pid], None) - before
        return spent.total / requests

    def memory(self):
        return measure.pss_bytes([self.process.pid])


def hawser(program, cpu, folder):
    port, web = free_port(), free_port()
    path = folder / "hawser.yaml"
    path.write_text(f"""listeners: {{web: {{bind: "127.0.0.1:{web}"}}}}
pools: {{app: {{servers: {{a: "127.0.0.1:1"}}, health: {{passive: off}}}}}}
routes: [{{pool: app}}]
sessions: {{memory: 8GiB, resp: "127.0.0.1:{port}", namespaces: {{default: {{limits: {{sessions: 2000000, bytes: 8GiB}}}}}}}}
workers: 1
admin: "off"
state: {folder}/state
keys: {folder}/keys
log: {{access: "off", errors: "{folder}/log"}}
""")
    return Store("hawser", [program.resolve(), "run", "-f", path], cpu, folder, port)


def redis(cpu, folder):
    port = free_port()
    return Store("redis", ["redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "",
                           "--appendonly", "no", "--dir", folder], cpu, folder, port)


def fill(store, keys, cpu):
    """Bytes a session."""
    before = store.memory()
    while (count := int(store.ask("dbsize"))) < 0.95 * keys:
        store.load(COMMANDS["SETEX"], keys, keys, 16, cpu)
        if int(store.ask("dbsize")) == count:
            raise Failed(f"{store.name} keeps no more than {count} sessions")
    return (store.memory() - before) / int(store.ask("dbsize"))


def rows(stores, asked):
    for pipeline in (1, 16):
        for name in [*COMMANDS, "mix"]:
            parts = COMMANDS.values() if name == "mix" else [COMMANDS[name]]
            spent = {store.name: [] for store in stores}
            for _ in range(asked.rounds):
                for store in stores:
                    spent[store.name].append(statistics.mean(
                        store.load(part, asked.requests, asked.keys, pipeline, asked.load_cpu)
                        for part in parts))
            ours, theirs = (spent[store.name] for store in stores)
            ratio = statistics.median(one / other for one, other in zip(ours, theirs))
            yield name, pipeline, statistics.median(ours), statistics.median(theirs), ratio


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--hawser", type=pathlib.Path, default=ROOT / "build/release/hawser")
    add("--requests", type=int, default=200_000, help="of a turn")
    add("--keys", type=int, default=100_000, help="sessions")
    add("--rounds", type=int, default=5)
    add("--cpu", type=int, default=0, help="of the server")
    add("--load-cpu", type=int, default=1)
    asked = parser.parse_args()
    os.sched_setaffinity(0, {asked.load_cpu})
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        stores = []
        try:
            stores.append(hawser(asked.hawser, asked.cpu, folder))
            stores.append(redis(asked.cpu, folder))
            sizes = [fill(store, asked.keys, asked.load_cpu) for store in stores]
            print(f"{'':8}{'pipeline':>10}{'hawser us':>12}{'redis us':>12}{'ratio':>8}")
            for name, pipeline, ours, theirs, ratio in rows(stores, asked):
                print(f"{name:8}{pipeline:>10}{ours:>12.2f}{theirs:>12.2f}{ratio:>8.2f}", flush=True)
            print(f"\nbytes a session of {BYTES} bytes: " + ", ".join(
                f"{store.name} {size:,.0f}" for store, size in zip(stores, sizes)))
        finally:
            for store in stores:
                store.process.stop()
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as why:
        print(f"cannot go on: {why}", file=sys.stderr)
        sys.exit(2)
