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

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "integration"))

import faults  # noqa: E402
import plan  # noqa: E402
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
    asked.add_argument("--soak", choices=SOAKS, help="instead of drawn faults")
    return asked.parse_args()


def reloads() -> list[plan.Step]:
    """500 one right after the other, then 100 in ten seconds, whatever each of them takes."""
    at_once = plan.in_a_row(faults.Reload, 500, 0.0)
    return at_once + [step._replace(at=step.at + 30.0)
                      for step in plan.in_a_row(faults.Reload, 100, 0.1)]


def upgrades() -> list[plan.Step]:
    return plan.in_a_row(faults.Upgrade, 20, 1.0)


SOAKS = {"reloads": reloads, "upgrades": upgrades}


def steps_of(asked: argparse.Namespace) -> list[plan.Step]:
    if asked.soak:
        return SOAKS[asked.soak]()
    kinds = [faults.BY_NAME[name] for name in asked.faults.split(",")]
    return plan.draw(asked.seed, asked.seconds, kinds, asked.fault_pause)


def main() -> int:
    asked = options()
    terms = trial.Terms(users=asked.users, seed=asked.seed, pause=asked.pause,
                        steps=steps_of(asked))
    outcomes = []
    for name in asked.subjects.split(","):
        with tempfile.TemporaryDirectory() as folder:
            print(f"{name}: {len(terms.steps)} faults, seed {terms.seed}", flush=True)
            outcomes.append(trial.run(terms, pathlib.Path(folder), subjects.BY_NAME[name]))
        if not outcomes[-1].is_clean:
            print(report.discrepancies(outcomes[-1], terms))
        print(report.table(outcomes[-1:], terms), flush=True)
    if len(outcomes) > 1:
        print(report.table(outcomes, terms))
    return 0 if all(each.is_clean for each in outcomes if each.title == subjects.OURS) else 1


if __name__ == "__main__":
    sys.exit(main())
