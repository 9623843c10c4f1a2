#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Measures what a request costs behind Hawser, HAProxy, nginx and the floor. See bench/README.md."""

import argparse
import datetime
import json
import os
import pathlib
import platform
import signal
import subprocess
import sys

from harness import peers, scenarios
from harness.bench import Bench
from harness.processes import Failed, raise_descriptor_limit
from harness.report import Report

ROOT = pathlib.Path(__file__).resolve().parent.parent


def parse(words):
    parser = argparse.ArgumentParser(
        description="CPU time per request of Hawser beside HAProxy, nginx and a minimal relay.")
    add = parser.add_argument
    add("--quick", action="store_true", help="two rounds of short turns: a first look")
    add("--rounds", type=int, help="turns of each proxy in each scenario (5; quick: 2)")
    add("--seconds", type=float, help="length of a turn (1.5; quick: 0.5)")
    add("--only", default="", help="scenarios, comma-separated (--list shows them)")
    add("--proxies", default="", help="of hawser,haproxy,nginx,floor, comma-separated")
    add("--hawser", action="append", default=[], metavar="[NAME=]PATH",
        help="a hawser binary; may be given several times, to compare them")
    add("--build", type=pathlib.Path, default=ROOT / "build/release",
        help="where the programs of the bench are (build/release)")
    add("--rate", type=int, default=40000, help="requests a second of the fixed rate")
    add("--users", type=int, default=64, help="connections of the scenarios with many")
    add("--idle", type=int, default=10000, help="idle connections")
    add("--servers", type=int, default=4, help="servers behind the proxies")
    add("--head", choices=("browser", "bare"), default="browser", help="requests' heads")
    add("--proxy-cpu", type=int, default=0)
    add("--load-cpu", type=int, default=1, help="CPU of the load and the servers")
    add("--limit", type=float, default=1800, help="seconds after which no turn is begun")
    add("--patience", type=float, help="seconds to wait in all while the cores are far apart "
        "(120; quick: 15)")
    add("--json", type=pathlib.Path, metavar="FILE", help="write everything measured")
    add("--keep", action="store_true", help="write it to bench/results/COMMIT.json")
    add("--fail-above", type=float, metavar="RATIO", help="exit 1 if a row of hawser is above")
    add("--quiet", action="store_true", help="the tables only")
    add("--list", action="store_true", help="list the scenarios")
    settings = parser.parse_args(words)
    settings.rounds = settings.rounds or (2 if settings.quick else 5)
    settings.seconds = settings.seconds or (0.5 if settings.quick else 1.5)
    settings.patience = settings.patience or (15 if settings.quick else 120)
    settings.build = settings.build.resolve()
    return parser, settings


def chosen(text, known, parser):
    names = [name for name in text.split(",") if name] or list(known)
    for name in names:
        if name not in known:
            parser.error(f"{name!r} is none of {', '.join(known)}")
    return names


def hawsers(settings):
    """Name and program of each hawser to measure."""
    found = {}
    for given in settings.hawser or [str(settings.build / "hawser")]:
        name, _, path = given.rpartition("=")
        name = name or ("hawser" if not found else f"hawser-{len(found) + 1}")
        found[name] = pathlib.Path(path).resolve()
    return found


def make_peers(settings, parser):
    """Those that can run here, and why others can't."""
    ours = hawsers(settings)
    makers = {name: lambda name=name, path=path: peers.Hawser(name, path)
              for name, path in ours.items()}
    makers |= {"haproxy": peers.Haproxy, "nginx": peers.Nginx,
               "floor": lambda: peers.Floor("floor", settings.build / "bench_load_floor")}
    found, missing = [], []
    # "hawser" stands for all binaries given, whatever they are called.
    wanted = ",".join(",".join(ours) if name == "hawser" else name
                      for name in settings.proxies.split(","))
    for name in chosen(wanted, makers, parser):
        try:
            found.append(makers[name]())
        except Failed as why:
            missing.append(f"{name} is left out: {why}")
    return found, missing


def commit():
    def git(*words):
        return subprocess.run(["git", "-C", ROOT, *words], capture_output=True, text=True,
                              check=False).stdout.strip()
    name = git("rev-parse", "--short=12", "HEAD") or "unknown"
    return name + ("-dirty" if git("status", "--porcelain", "--untracked-files=no", "src") else "")


def cpu_model():
    with open("/proc/cpuinfo") as text:
        for line in text:
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()


def as_document(bench, report, settings):
    return {
        "commit": commit(), "time": datetime.datetime.now(datetime.timezone.utc).isoformat(
            timespec="seconds"),
        "machine": {"cpu": cpu_model(), "cpus": os.cpu_count(), "kernel": platform.release()},
        "versions": {peer.name: peer.version() for peer in bench.peers},
        "settings": {name: value for name, value in vars(settings).items()
                     if isinstance(value, (int, float, str))},
        "rows": report.rows, "idle": bench.idle, "syscalls": bench.syscalls,
        "notes": bench.notes, "turns": bench.turns}


def write(path, document):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1) + "\n")
    print(f"\nwritten: {path}")


def heading(bench):
    versions = ", ".join(peer.version() for peer in bench.peers if peer.version())
    return f"{cpu_model()}, Linux {platform.release()}; {versions}"


def verdict(bench, report, settings):
    if any(note["failed"] for note in bench.notes):
        return 1
    if settings.fail_above is None:
        return 0
    dear = [row["title"] for row in report.rows for name, found in row["proxies"].items()
            if name in report.ours and (found["ratio"] or 0) > settings.fail_above]
    for title in dear:
        print(f"above {settings.fail_above}: {title}")
    return 1 if dear else 0


def main(words):
    parser, settings = parse(words)
    listed = scenarios.all_of(settings.rate, settings.users)
    names = [scenario.name for scenario in listed] + [scenarios.IDLE]
    if settings.list:
        for scenario in listed:
            print(f"{scenario.name:8} {scenario.title}")
        print(f"{scenarios.IDLE:8} memory of {settings.idle:,} idle connections")
        return 0
    wanted = chosen(settings.only, names, parser)
    if not {settings.proxy_cpu, settings.load_cpu} <= os.sched_getaffinity(0):
        parser.error("the proxy and the load need a CPU each, and this process may not use both")
    if not (settings.build / "bench_load_load").exists():
        parser.error(f"{settings.build} has no bench_load_load: run `make build` first")
    settings.descriptors = raise_descriptor_limit(65536)
    os.sched_setaffinity(0, {settings.load_cpu})

    found, missing = make_peers(settings, parser)
    with Bench(settings, found,
               [scenario for scenario in listed if scenario.name in wanted]) as bench:
        for why in missing:
            bench.note(why, failed=True)
        bench.run()
        if scenarios.IDLE in wanted:
            bench.measure_idle(settings.idle)
        report = Report(bench)
        print(heading(bench) + "\n\n" + report.text())
        document = as_document(bench, report, settings)
    if settings.json:
        write(settings.json, document)
    if settings.keep:
        write(ROOT / "bench/results" / f"{document['commit']}.json", document)
    return verdict(bench, report, settings)


def interrupted(*_):
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, interrupted)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        print("\nended before its time; everything started was stopped", file=sys.stderr)
        sys.exit(130)
    except Failed as why:
        print(f"cannot go on: {why}", file=sys.stderr)
        sys.exit(2)
