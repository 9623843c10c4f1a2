#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Fills the last columns of docs/edge.md: which tests name each requirement, and over what else than
clear HTTP/1.1 they run (tests/integration/carriers.py).

    tools/edge_table.py           writes it
    tools/edge_table.py --check   exits 1 when it is not current
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "edge.md"
ROW = re.compile(r"^\| E(\d+) \| (.*?) \|(?: [^|]* \|)? ([^|]*) \|$")
ALL = ("clear", "tls", "h2")
SETS = {"EVERY": ALL, "everywhere": ALL, "http1_only": ("clear", "tls"), "H2": ("h2c", "h2")}
SHOWN = {"tls": "TLS", "h2": "HTTP/2"}
NUMBER = re.compile(r"\be0*(\d+)_|_e0*(\d+)(?=_|\b)|\bE(\d+)_")


def carriers_of(text):
    """What `OVER = ...` or `@over(...)` names."""
    return SETS.get(text.strip()) or tuple(re.findall(r'"(\w+)"', text))


def tests_by_number():
    """For each number the files whose tests name it, and what these run over."""
    found, carriers = {}, {}
    for path in sorted((ROOT / "tests").rglob("*")):
        if path.suffix not in (".cc", ".py") or "node_modules" in path.parts:
            continue
        of_module = of_test = ()
        for line in path.read_text(encoding="utf-8").splitlines():
            if over := re.match(r"OVER = (.*)|@(over\(.*|everywhere|http1_only)", line):
                if over[1]:
                    of_module = carriers_of(over[1])
                else:
                    of_test = carriers_of(over[2])
            if not re.match(r"\s*(TEST|TEST_F|TEST_P|SIM_TEST|def test_)", line):
                continue
            for match in NUMBER.finditer(line):
                number = int(next(group for group in match.groups() if group))
                found.setdefault(number, set()).add(path.relative_to(ROOT / "tests"))
                carriers.setdefault(number, set()).update(of_test or of_module)
            of_test = ()
    return found, carriers


def filled(text, found, carriers):
    lines = []
    for line in text.splitlines():
        row = ROW.match(line)
        if row:
            names = sorted(str(path) for path in found.get(int(row[1]), ()))
            shown = ", ".join(f"[{pathlib.Path(name).stem}](../tests/{name})" for name in names)
            also = ", ".join(SHOWN[each] for each in SHOWN if each in carriers.get(int(row[1]), ()))
            line = f"| E{row[1]} | {row[2]} | {also or '-'} | {shown or '-'} |"
        lines.append(line)
    return "\n".join(lines) + "\n"


def main():
    present = PAGE.read_text(encoding="utf-8")
    wanted = filled(present, *tests_by_number())
    if "--check" in sys.argv:
        if present != wanted:
            print("docs/edge.md is not current: run tools/edge_table.py")
            return 1
        return 0
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
