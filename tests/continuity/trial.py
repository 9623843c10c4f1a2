# SPDX-License-Identifier: Apache-2.0
"""One subject, one plan, all users: plays it and tells what came of it."""

import asyncio
import pathlib
import resource
from dataclasses import dataclass, field
from typing import Callable

import faults
import plan as plans
from users import Users
from faults import Fault
from figures import differences, truth
from judge import Finding, Judge, Verdict
from record import Record
from subject import Subject
from world import World

ARRIVALS = 1000.0  # users a second


@dataclass
class Terms:
    users: int
    seed: int
    pause: float  # between two requests of one user
    steps: list[plans.Step]

    @property
    def kinds(self) -> list[type[Fault]]:
        return [each for each in faults.ALL if any(step.fault is each for step in self.steps)]


@dataclass
class Outcome:
    title: str
    record: Record
    verdict: Verdict
    played: dict[str, int]  # faults by name
    cannot: dict[str, str]
    figures: list[str] | None  # differences from the truth; None: it has none
    timeline: list[plans.Told] = field(default_factory=list)
    lines: dict[str, list[str]] = field(default_factory=dict)  # of its log, by request

    @property
    def is_clean(self) -> bool:
        return not self.verdict.findings and not self.figures and not self.verdict.curt


def run(terms: Terms, folder: pathlib.Path,
        make: Callable[[pathlib.Path, dict[str, str]], Subject]) -> Outcome:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    world = World(folder, make)
    try:
        return asyncio.run(_run(terms, world))
    finally:
        world.stop()


async def _run(terms: Terms, world: World) -> Outcome:
    users = Users(terms.users, world.subject, terms.pause, terms.seed)
    timeline: list[plans.Told] = []
    await users.arrive(terms.users / ARRIVALS)
    living = asyncio.create_task(users.live())
    try:
        await asyncio.to_thread(plans.play, terms.steps, world, timeline.append)
        await asyncio.sleep(world.subject.settles)
    finally:
        users.over.set()
    await living
    await users.call_roll()
    figures = await asyncio.to_thread(world.subject.figures)
    wrong = figures and differences(figures, truth(world, users.record, users.open_sockets()))
    await users.disperse()

    verdict = Judge(world, users.record).judge()
    cannot = world.subject.cannot
    return Outcome(
        world.subject.title, users.record, verdict,
        played={kind.name: sum(step.fault is kind for step in terms.steps)
                for kind in terms.kinds if kind.name not in cannot},
        cannot=cannot, figures=wrong, timeline=timeline,
        lines={each.asked: world.subject.lines_of(each.asked)
               for each in first_findings(verdict)})


FINDINGS_SHOWN = 12


def first_findings(verdict: Verdict) -> list[Finding]:
    return verdict.findings[:FINDINGS_SHOWN]
