#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Plays one plan of faults against Hawser, HAProxy and nginx and prints a table side by side.

Ends with 1 if Hawser let a user see what nothing explains, or told a figure that is not true.
"""

import argparse
import pathlib
import random
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))

import faults  # noqa: E402
import report  # noqa: E402
import subjects  # noqa: E402
import trial  # noqa: E402


def options() -> argparse.Namespace:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--users", type=int, default=5000)
    asked.add_argument("--seconds", type=float, default=120.0, help="how long faults happen")
    asked.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    asked.add_argument("--pause", type=float, default=4.0, help="between two requests of one user")
    asked.add_argument("--fault-pause", type=float, default=2.0, help="between two faults")
    asked.add_argument("--faults", default=",".join(faults.BY_NAME), help="which ones")
    asked.add_argument("--subjects", default=",".join(subjects.BY_NAME), help="which balancers")
    return asked.parse_args()


def main() -> int:
    asked = options()
    terms = trial.Terms(users=asked.users, seconds=asked.seconds, seed=asked.seed,
                        pause=asked.pause, fault_pause=asked.fault_pause,
                        faults=[faults.BY_NAME[name] for name in asked.faults.split(",")])
    outcomes = []
    for name in asked.subjects.split(","):
        with tempfile.TemporaryDirectory() as folder:
            print(f"{name}: {terms.seconds:.0f} s of faults, seed {terms.seed}", flush=True)
            outcomes.append(trial.run(terms, pathlib.Path(folder), subjects.BY_NAME[name]))
    for each in outcomes:
        if not each.is_clean:
            print(report.discrepancies(each, terms))
    print(report.table(outcomes, terms))
    return 0 if all(each.is_clean for each in outcomes if each.title == subjects.OURS) else 1


if __name__ == "__main__":
    sys.exit(main())
