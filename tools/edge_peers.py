#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes docs/edge-peers.md: what Debian's HAProxy and nginx do where Hawser's tests can ask them.

Runs the tests of the edge with each of them in Hawser's place (EDGE_SUBJECT), and sums the outcomes
by the number that a test names.
"""

import collections
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = ROOT / "tests" / "integration"
PAGE = ROOT / "docs" / "edge-peers.md"
# What of each file is run, and what clients speak by.
FILES = {"edge_framing": ("", "clear"), "edge_request_line": ("", "clear"),
         "edge_host": ("", "clear"), "edge_fields": ("", "clear"), "edge_hop_by_hop": ("", "clear"),
         "h2_messages": ("", "h2"), "h2_connections": ("e117", "h2"),
         "clients": ("e137 or e138 or e139", "clear")}
PEERS = {"haproxy": ["/usr/sbin/haproxy", "-v"], "nginx": ["/usr/sbin/nginx", "-v"]}
NUMBER = re.compile(r"(?<=_)e0*(\d+)(?=_)")
# Their tests take cases of other numbers, and would count them twice.
RULES_ABOVE_ALL = {1, 2, 3, 4, 5, 6, 28}
SECONDS = 420  # of a file
# Where the requirement says that the standard leaves a choice, and that Hawser's is one of several.
CHOICES = {7, 13, 21, 24, 29, 31, 33, 36, 43, 48, 49, 51, 93, 95, 98}


def version_of(peer: str) -> str:
    said = subprocess.run(PEERS[peer], capture_output=True, text=True, check=True)
    return re.search(r"\d+\.\d+", said.stdout + said.stderr)[0]


def outcomes_of(peer: str, name: str) -> list[tuple[int, str]]:
    """For each test of a file: a number that it names, and `passed`, `failed` or `skipped`."""
    with tempfile.TemporaryDirectory() as scratch:
        report = pathlib.Path(scratch) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
                   f"--junitxml={report}", "-k", FILES[name][0], str(FOLDER / f"test_{name}.py")]
        asked = {"EDGE_SUBJECT": peer, "EDGE_CARRIER": FILES[name][1]}
        subprocess.run(command, env=os.environ | asked, timeout=SECONDS,
                       stdout=subprocess.DEVNULL, check=False)
        found = []
        for case in xml.parse(report).iter("testcase"):
            outcome = ("skipped" if case.find("skipped") is not None else
                       "failed" if case.find("failure") is not None or
                       case.find("error") is not None else "passed")
            found += [(int(each), outcome) for each in NUMBER.findall(case.get("name"))]
        return found


def sums_of(peer: str) -> dict[int, collections.Counter]:
    sums: dict[int, collections.Counter] = collections.defaultdict(collections.Counter)
    with concurrent.futures.ThreadPoolExecutor(6) as files:
        for found in files.map(lambda name: outcomes_of(peer, name), FILES):
            for number, outcome in found:
                sums[number][outcome] += 1
    return sums


def verdict(number: int, sum_: collections.Counter) -> str:
    failed, count = sum_["failed"], sum_["failed"] + sum_["passed"]
    if not count:
        return "not comparable"
    if not failed:
        return f"holds ({count})"
    return f"{'chooses otherwise' if number in CHOICES else 'misses'} ({failed} of {count})"


def main() -> int:
    with concurrent.futures.ThreadPoolExecutor(len(PEERS)) as peers:
        sums = dict(zip(PEERS, peers.map(sums_of, PEERS)))
    named = [f"{'HAProxy' if peer == 'haproxy' else peer} {version_of(peer)}" for peer in PEERS]
    head = PAGE.read_text(encoding="utf-8").split("\n| number |")[0]
    lines = [head, f"| number | {' | '.join(named)} |", "|---|" + "---|" * len(PEERS)]
    for number in sorted(set().union(*sums.values()) - RULES_ABOVE_ALL):
        told = [verdict(number, sums[peer][number]) for peer in PEERS]
        if told != ["not comparable"] * len(PEERS):
            lines.append(f"| E{number} | {' | '.join(told)} |")
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
