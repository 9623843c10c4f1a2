#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs clang-tidy over the files of a compilation database that lie under the given paths.

tools/lint.py CLANG-TIDY BUILD PATH...

As many files at a time as there are CPUs; a line for each twentieth of them and what is found as
soon as it is. Closes with `N passed, M failed`, counted in files; exits 1 if one failed.
"""

import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def files_under(build: pathlib.Path, paths: list[pathlib.Path]) -> list[pathlib.Path]:
    known = {pathlib.Path(each["file"]) for each in
             json.loads((build / "compile_commands.json").read_text())}
    return sorted(each for each in known
                  if any(each == path or path in each.parents for path in paths))


def findings_in(file: pathlib.Path, tidy: str, build: pathlib.Path) -> str:
    """What clang-tidy says of a file; empty if it has nothing to say."""
    run = subprocess.run([tidy, "-p", build, "--quiet", file], capture_output=True, text=True)
    if run.returncode == 0:
        return ""
    return run.stdout or run.stderr or f"{file}: clang-tidy ended with {run.returncode}"


def main() -> int:
    tidy, build, *named = sys.argv[1:]
    files = files_under(ROOT / build, [(ROOT / each).resolve() for each in named])
    if not files:
        print(f"no file of {build}/compile_commands.json lies under {' '.join(named)}")
        return 1
    failed = 0
    told: set[str] = set()  # a header's findings come with each file that includes it
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        ends = pool.map(lambda file: findings_in(file, tidy, ROOT / build), files)
        for number, (file, findings) in enumerate(zip(files, ends), 1):
            failed += bool(findings)
            if findings and findings not in told:
                told.add(findings)
                print(findings, flush=True)
            if number * 20 // len(files) != (number - 1) * 20 // len(files):
                print(f"{number} of {len(files)} files, {failed} with findings", flush=True)
    print(f"\n{len(files) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
