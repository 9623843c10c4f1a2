#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make compat`: builds what has to be built, runs all rows, and writes docs/session-libraries.md.

With --check it fails when the page is not what the run came to, and leaves it.
"""

import argparse
import difflib
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILT = ROOT / "build" / "compat"

os.environ["HAWSER_COMPAT"] = "all"
sys.path += [str(HERE), str(HERE.parent / "integration")]
import page  # noqa: E402  (its modules are found by now)


def build_go() -> None:
    for program in ("scs", "redistore"):
        subprocess.run(["go", "build", "-o", str(BUILT / program), f"./{program}"], cwd=HERE / "go",
                       env=os.environ | {"GOFLAGS": "-mod=readonly"}, check=True)


def build_python() -> None:
    python, wanted = BUILT / "python", HERE / "requirements.txt"
    done = python / "requirements.txt"
    if not done.exists() or done.read_text() != wanted.read_text():
        subprocess.run(["/usr/bin/python3", "-m", "venv", "--clear", str(python)], check=True)
        subprocess.run([str(python / "bin" / "pip"), "install", "--quiet", "--no-deps",
                        "--disable-pip-version-check", "-r", str(wanted)], check=True)
        done.write_text(wanted.read_text())


def build_spring() -> None:
    jar = BUILT / "spring" / "shop" / "shop-1.jar"
    sources = [HERE / "spring" / "pom.xml", *(HERE / "spring" / "src").rglob("*.*")]
    if not jar.exists() or jar.stat().st_mtime < max(each.stat().st_mtime for each in sources):
        subprocess.run(["mvn", "--quiet", "--batch-mode", f"-Dbuilt={BUILT}/spring", "package"],
                       cwd=HERE / "spring", check=True)
        # Its parts beside each other: it starts in half the time.
        subprocess.run(["java", "-Djarmode=tools", "-jar", str(BUILT / "spring" / "shop-1.jar"),
                        "extract", "--force", "--destination", str(jar.parent)], check=True)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "release")
    options.add_argument("--check", action="store_true")
    chosen = options.parse_args()

    BUILT.mkdir(parents=True, exist_ok=True)
    build_python()
    build_go()
    build_spring()
    page.forget()
    ran = subprocess.run([sys.executable, str(ROOT / "tools" / "run_tests.py"), "--integration",
                          "--build", str(chosen.build), "--only", "tests/compat"], check=False)
    if ran.returncode != 0:
        return ran.returncode
    text = page.write(page.told())
    if not chosen.check:
        page.PAGE.write_text(text)
    elif text != (before := page.PAGE.read_text()):
        sys.stdout.writelines(difflib.unified_diff(before.splitlines(True), text.splitlines(True),
                                                   str(page.PAGE.name), "this run"))
        print("Run `make compat` and commit it.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
