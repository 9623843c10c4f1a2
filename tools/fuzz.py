#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs every fuzzer of a build for a time and closes with `N passed, M failed`.

Each starts from the seeds in fuzz/corpus/<name>/, with the words of fuzz/corpus/<name>.dict if there
are any, and keeps what it learns in build/fuzz-corpus/<name>/. What breaks it is left in build/fuzz-findings/; copy it into
the corpus once it is repaired, so that it is replayed for ever.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def run(program: pathlib.Path, seconds: int) -> tuple[str, bool, str]:
    name = program.name.removeprefix("fuzz_")
    seeds = ROOT / "fuzz" / "corpus" / name
    learnt = ROOT / "build" / "fuzz-corpus" / name
    findings = ROOT / "build" / "fuzz-findings" / name
    learnt.mkdir(parents=True, exist_ok=True)
    findings.mkdir(parents=True, exist_ok=True)

    command = [str(program), f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048",
               f"-artifact_prefix={findings}/", "-print_final_stats=1", str(learnt)]
    if seeds.is_dir():
        command.append(str(seeds))
    if (dictionary := seeds.with_suffix(".dict")).exists():
        command.append(f"-dict={dictionary}")
    done = subprocess.run(command, capture_output=True, check=False)
    return name, done.returncode == 0, done.stderr.decode(errors="replace")


def last_words_of(log: str) -> str:
    """The part of libFuzzer's log that tells what broke."""
    lines = log.splitlines()
    for number, line in enumerate(lines):
        if re.search(r"broken invariant|runtime error:|ERROR:", line):
            return "\n".join(line[:300] for line in lines[number:number + 40])
    return "\n".join(lines[-40:])


def executions_of(log: str) -> str:
    for line in log.splitlines():
        if line.startswith("stat::number_of_executed_units:"):
            return f"{int(line.split()[1]):,} inputs"
    return ""


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--build", type=pathlib.Path, required=True, help="e.g. build/fuzz")
    options.add_argument("--seconds", type=int, default=60, help="for each fuzzer")
    options.add_argument("--only", default="", help="only fuzzers whose name holds this")
    chosen = options.parse_args()

    programs = [program for program in sorted(chosen.build.resolve().glob("fuzz_*"))
                if program.is_file() and os.access(program, os.X_OK) and chosen.only in program.name]
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for name, held, log in pool.map(lambda program: run(program, chosen.seconds), programs):
            passed, failed = (passed + 1, failed) if held else (passed, failed + 1)
            print(f"fuzz_{name}: {'held' if held else 'BROKE'} {executions_of(log)}", flush=True)
            if not held:
                print(last_words_of(log))

    print(f"\n{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
