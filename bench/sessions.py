#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Measures what a command to the session service costs, and what a session takes in memory, beside
redis-server and memcached. See bench/README.md."""

import argparse
import contextlib
import json
import os
import pathlib
import statistics
import sys
import tempfile

from harness import measure
from harness.bench import FAR_NS
from harness.processes import Failed
from harness.report import QUIET
from harness.session_stores import BYTES, COMMANDS, Hawser, Memcached, Redis

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROWS = [(name, pipeline) for pipeline in (1, 16) for name in (*COMMANDS, "mix")]
# Ours first, then what it is compared with; the first of these is what the ratio is to.
GROUPS = {
    "memory": [lambda *at: Hawser("memory", *at), Redis, Memcached],
    "embedded": [lambda *at: Hawser("embedded", *at), lambda *at: Redis(*at, appends=True)],
}
TITLES = {"memory": "memory, beside redis-server without persistence, and memcached",
          "embedded": "embedded (class interval), beside redis-server with AOF everysec"}


class Run:
    def __init__(self, settings, folder):
        self.settings, self.folder = settings, folder
        self.turns, self.sizes, self.notes = [], [], []

    def start(self, kind, closing):
        found = []
        for make in GROUPS[kind]:
            try:
                store = make(self.settings, self.folder)
            except Failed as why:
                if not found:
                    raise
                self.notes.append(f"left out: {why}")
                continue
            closing.callback(store.process.stop)
            found.append(store)
        return found

    def measure_commands(self, kind):
        with contextlib.ExitStack() as closing:
            stores = self.start(kind, closing)
            for store in stores:
                store.fill(self.settings.keys)
            for number in range(self.settings.rounds):
                for place, (name, pipeline) in enumerate(ROWS):
                    # Nobody always follows the same neighbour.
                    first = (number + place) % len(stores)
                    for store in stores[first:] + stores[:first]:
                        self.turns.append(self.turn(store, name, pipeline) |
                                          {"group": kind, "round": number})
                print(f"  {kind}: round {number + 1} of {self.settings.rounds} done",
                      file=sys.stderr, flush=True)

    def turn(self, store, name, pipeline):
        core = measure.core(self.settings.cpu)
        bounce = self.bounce()
        spent = [store.load(part, pipeline)
                 for part in (COMMANDS if name == "mix" else [name])]
        core = measure.core(self.settings.cpu) - core
        mine = sum(spent) * self.settings.requests
        return {"store": store.name, "command": name, "pipeline": pipeline,
                "cpu_us": statistics.mean(spent), "bounce_ns": bounce,
                "others": max(0.0, core.busy - mine) / max(core.busy, 1),
                "stolen": core.stolen / max(core.busy + core.stolen, 1)}

    def bounce(self):
        return measure.bounce_ns(self.settings.build / "bench_load_probe", self.settings.cpu,
                                 self.settings.load_cpu)

    def measure_sizes(self):
        """Each in a process of its own: what was given back is not all given back."""
        for data in ("random", "express"):
            for make in GROUPS["memory"]:
                with contextlib.ExitStack() as closing:
                    try:
                        store = make(self.settings, self.folder)
                    except Failed as why:
                        self.notes.append(f"left out: {why}")
                        continue
                    closing.callback(store.process.stop)
                    each, inside = store.fill(self.settings.sessions, data)
                    self.sizes.append({"store": store.name, "data": data, "bytes_each": each,
                                       "data_bytes": inside})
                    print(f"  {store.name}: filled with {data}", file=sys.stderr, flush=True)

    # ---- what comes of it

    def rows(self, kind):
        turns = [turn for turn in self.turns if turn["group"] == kind]
        names = list(dict.fromkeys(turn["store"] for turn in turns))
        for name, pipeline in ROWS:
            cost = {store: [turn["cpu_us"] for turn in turns if
                            (turn["store"], turn["command"], turn["pipeline"]) ==
                            (store, name, pipeline)] for store in names}
            row = {"group": kind, "command": name, "pipeline": pipeline,
                   "cpu_us": {store: statistics.median(all) for store, all in cost.items()},
                   "ratio": {}}
            for store in names[1:]:
                ratios = [ours / theirs for ours, theirs in zip(cost[names[0]], cost[store])]
                row["ratio"][store] = [statistics.median(ratios), min(ratios), max(ratios)]
            yield row

    def text(self, kind):
        rows = list(self.rows(kind))
        names = list(rows[0]["cpu_us"])
        lines = [TITLES[kind], "", f"{'CPU us a command':20}" + "".join(
            f"{name:>12}" for name in names) + "".join(f"{'to ' + name:>24}" for name in names[1:])]
        for row in rows:
            line = f"{row['command']:8}pipeline {row['pipeline']:<3}"
            line += "".join(f"{row['cpu_us'][name]:12.2f}" for name in names)
            line += "".join("{:>10.2f} ({:.2f} - {:.2f})".format(*row["ratio"][name])
                            for name in names[1:])
            lines.append(line)
        return "\n".join(lines) + "\n"

    def text_of_sizes(self):
        lines = [f"memory of {self.settings.sessions:,} sessions: bytes each"]
        for data, title in (("random", f"{BYTES:,} random bytes"),
                            ("express", "JSON of express-session")):
            here = [size for size in self.sizes if size["data"] == data]
            lines.append(f"{title:28}" + ", ".join(
                f"{size['store']} {size['bytes_each']:,.0f}" for size in here) +
                f"   ({here[0]['data_bytes']:,.0f} of them data)")
        return "\n".join(lines) + "\n"

    def warnings(self):
        found = list(self.notes)
        if not self.turns:
            return found
        far = sum(turn["bounce_ns"] > FAR_NS for turn in self.turns)
        if far:
            found.append(f"{far} of {len(self.turns)} turns began while the cores were far apart: "
                         "ratios of this run are rough")
        for what, text in (("others", "other processes took {:.0%} of the server's core"),
                           ("stolen", "the host took {:.0%} of the server's core")):
            share = statistics.mean(turn[what] for turn in self.turns)
            if share > QUIET:
                found.append(text.format(share) + ": this run is worth little")
        return found


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--hawser", type=pathlib.Path, default=ROOT / "build/release/hawser")
    add("--build", type=pathlib.Path, default=ROOT / "build/release",
        help="where the programs of the bench are (build/release)")
    add("--only", default="memory,embedded,sizes", help="of memory, embedded, sizes")
    add("--quick", action="store_true", help="two rounds, short turns, 100,000 sessions")
    add("--requests", type=int, help="of a turn (200,000; quick: 50,000)")
    add("--keys", type=int, default=100_000, help="sessions that are asked for")
    add("--sessions", type=int, help="sessions whose memory is measured (1,000,000; quick: 100,000)")
    add("--rounds", type=int, help="5; quick: 2")
    add("--cpu", type=int, default=0, help="of the server")
    add("--load-cpu", type=int, default=1)
    add("--json", type=pathlib.Path, metavar="FILE", help="write everything measured")
    asked = parser.parse_args()
    for name, usual, quick in (("requests", 200_000, 50_000), ("sessions", 1_000_000, 100_000),
                               ("rounds", 5, 2)):
        if getattr(asked, name) is None:
            setattr(asked, name, quick if asked.quick else usual)
    asked.hawser, asked.build = asked.hawser.resolve(), asked.build.resolve()
    if wrong := [each for each in asked.only.split(",") if each not in (*GROUPS, "sizes")]:
        parser.error(f"{wrong[0]!r} is none of memory, embedded, sizes")
    return asked


def main():
    settings = parse()
    os.sched_setaffinity(0, {settings.load_cpu})
    wanted = settings.only.split(",")
    with tempfile.TemporaryDirectory(prefix="hawser-bench-") as folder:
        run = Run(settings, pathlib.Path(folder))
        for kind in GROUPS:
            if kind in wanted:
                run.measure_commands(kind)
                print(run.text(kind), flush=True)
        if "sizes" in wanted:
            run.measure_sizes()
            print(run.text_of_sizes(), flush=True)
        for each in run.warnings():
            print(each)
    if settings.json:
        document = {"rows": [row for kind in GROUPS if kind in wanted for row in run.rows(kind)],
                    "sizes": run.sizes, "turns": run.turns, "notes": run.warnings()}
        settings.json.write_text(json.dumps(document, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as why:
        print(f"cannot go on: {why}", file=sys.stderr)
        sys.exit(2)
