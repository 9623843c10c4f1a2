#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the test suites of one build and closes with `N passed, M failed`.

A suite is a program tests_<layer> of the build, the fuzzers' replay of their corpora, or a folder
of pytest tests. Counts come from the reports that the suites write, not from their output; a suite
that dies, hangs or writes no report counts as one failure of its own.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time
import xml.etree.ElementTree as xml
from dataclasses import dataclass, field

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUTPUT_SHOWN = 6000  # bytes of the output of a suite that died


@dataclass
class Failure:
    test: str
    text: str


@dataclass
class Outcome:
    passed: int = 0
    skipped: int = 0
    failures: list[Failure] = field(default_factory=list)


@dataclass
class Suite:
    name: str
    command: list[str]
    report: pathlib.Path | None
    read_report: object
    limit: int  # seconds; past them the suite hangs
    environment: dict[str, str] = field(default_factory=dict)


def read_googletest(report: pathlib.Path) -> Outcome:
    """Counts of a GoogleTest JSON report."""
    outcome = Outcome()
    for group in json.loads(report.read_text())["testsuites"]:
        for test in group["testsuite"]:
            if test.get("result") == "SKIPPED":
                outcome.skipped += 1
            elif test.get("failures"):
                text = "\n".join(failure["failure"] for failure in test["failures"])
                outcome.failures.append(Failure(f"{group['name']}.{test['name']}", text))
            elif test.get("status") == "RUN":
                outcome.passed += 1
    return outcome


def read_junit(report: pathlib.Path) -> Outcome:
    """Counts of a pytest JUnit report. A test that passes and whose teardown fails is a failure."""
    verdicts: dict[str, tuple[str, str]] = {}
    for case in xml.parse(report).iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}"
        trouble = case.find("failure")
        if trouble is None:
            trouble = case.find("error")
        if trouble is not None:
            verdicts[name] = ("failed", trouble.text or trouble.get("message", ""))
        elif case.find("skipped") is not None:
            verdicts.setdefault(name, ("skipped", ""))
        else:
            verdicts.setdefault(name, ("passed", ""))
    outcome = Outcome()
    for name, (verdict, text) in verdicts.items():
        if verdict == "passed":
            outcome.passed += 1
        elif verdict == "skipped":
            outcome.skipped += 1
        else:
            outcome.failures.append(Failure(name, text))
    return outcome


def unit_suites(build: pathlib.Path) -> list[Suite]:
    suites = []
    for program in sorted(build.glob("tests_*")):
        if program.is_file() and os.access(program, os.X_OK):
            report = build / "reports" / f"{program.name}.json"
            command = [str(program), f"--gtest_output=json:{report}", "--gtest_brief=1"]
            suites.append(Suite(program.name, command, report, read_googletest, limit=600))
    return suites


def corpus_suites(build: pathlib.Path) -> list[Suite]:
    suites = []
    for program in sorted(build.glob("fuzz_*")):
        corpus = ROOT / "fuzz" / "corpus" / program.name.removeprefix("fuzz_")
        if program.is_file() and corpus.is_dir():
            command = [str(program), "-runs=0", str(corpus)]
            suites.append(Suite(f"{program.name} (corpus)", command, None, None, limit=300))
    return suites


def pytest_suite(folder: str, build: pathlib.Path, limit: int) -> Suite:
    report = build / "reports" / f"pytest-{folder.replace('/', '-')}.xml"
    # A test of processes mostly waits: two at a time, the tests of one file never beside each other.
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", folder,
               "--numprocesses=2", "--dist=loadfile", f"--junitxml={report}"]
    environment = {"HAWSER_BUILD": str(build), "PYTHONDONTWRITEBYTECODE": "1"}
    return Suite(folder, command, report, read_junit, limit, environment)


def integration_suites(build: pathlib.Path) -> list[Suite]:
    """The suites of whole processes; each folder tests/<x> with a test_*.py is one."""
    folders = sorted({path.parent.relative_to(ROOT).as_posix()
                      for path in (ROOT / "tests").glob("*/test_*.py")})
    return [pytest_suite(folder, build, limit=2400) for folder in folders]


def install_npm_packages() -> None:
    for lock in [*ROOT.glob("tests/*/package-lock.json"), *ROOT.glob("examples/*/package-lock.json")]:
        done = lock.parent / "node_modules" / ".package-lock.json"
        if not done.exists() or done.stat().st_mtime < lock.stat().st_mtime:
            subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"],
                           cwd=lock.parent, check=False)


def run(suite: Suite) -> Outcome:
    if suite.report:
        suite.report.parent.mkdir(parents=True, exist_ok=True)
        suite.report.unlink(missing_ok=True)
    try:
        done = subprocess.run(suite.command, cwd=ROOT, env=os.environ | suite.environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=suite.limit, check=False)
        output, ending = done.stdout, done.returncode
    except subprocess.TimeoutExpired as hung:
        output, ending = hung.stdout or b"", f"nothing: it hung for {suite.limit} s"
    text = output.decode(errors="replace")[-OUTPUT_SHOWN:]

    if suite.report is None:
        outcome = Outcome(passed=1 if ending == 0 else 0)
    else:
        try:
            outcome = suite.read_report(suite.report)
        except (OSError, ValueError, KeyError, xml.ParseError):
            outcome = Outcome()
    if ending != 0 and not outcome.failures:
        outcome.failures.append(Failure(suite.name, f"ended with {ending}\n{text}"))
    elif ending == 0 and outcome.passed + outcome.skipped + len(outcome.failures) == 0:
        outcome.failures.append(Failure(suite.name, f"ran no test\n{text}"))
    return outcome


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--build", type=pathlib.Path, required=True, help="e.g. build/release")
    options.add_argument("--integration", action="store_true", help="also run pytest suites")
    options.add_argument("--corpora", action="store_true", help="also replay the fuzzers' corpora")
    options.add_argument("--only", default="", help="only suites whose name holds this")
    chosen = options.parse_args()
    build = chosen.build.resolve()

    suites = unit_suites(build)
    if chosen.corpora:
        suites += corpus_suites(build)
    if chosen.integration:
        install_npm_packages()
        suites += integration_suites(build)

    total = Outcome()
    for suite in (suite for suite in suites if chosen.only in suite.name):
        begin = time.monotonic()
        outcome = run(suite)
        skipped = f", {outcome.skipped} skipped" if outcome.skipped else ""
        print(f"{suite.name:32} {outcome.passed:5} passed, {len(outcome.failures)} failed{skipped}"
              f"  ({time.monotonic() - begin:.1f} s)", flush=True)
        total.passed += outcome.passed
        total.failures += [Failure(f"{suite.name}: {failure.test}", failure.text)
                           for failure in outcome.failures]

    for failure in total.failures:
        print(f"\nFAILED {failure.test}\n{failure.text.rstrip()}")
    if not suites:
        print(f"{chosen.build} holds no test program", file=sys.stderr)
    print(f"\n{total.passed} passed, {len(total.failures)} failed")
    return 0 if total.passed and not total.failures else 1


if __name__ == "__main__":
    sys.exit(main())
