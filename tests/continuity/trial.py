# SPDX-License-Identifier: Apache-2.0
"""One subject, one plan, one crowd: plays it and tells what came of it."""

import asyncio
import pathlib
import resource
from dataclasses import dataclass, field
from typing import Callable

import plan as plans
from crowd import Crowd
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
    seconds: float
    seed: int
    pause: float  # between two requests of one user
    faults: list[type[Fault]]
    fault_pause: float  # between two faults


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
    steps = plans.draw(terms.seed, terms.seconds, terms.faults, terms.fault_pause)
    crowd = Crowd(terms.users, world.subject.port, terms.pause, terms.seed)
    timeline: list[plans.Told] = []
    await crowd.arrive(terms.users / ARRIVALS)
    living = asyncio.create_task(crowd.live())
    try:
        await asyncio.to_thread(plans.play, steps, world, timeline.append)
        await asyncio.sleep(world.subject.settles)
    finally:
        crowd.over.set()
    await living
    await crowd.call_roll()
    figures = await asyncio.to_thread(world.subject.figures)
    wrong = figures and differences(figures, truth(world, crowd.record, crowd.open_sockets()))
    await crowd.disperse()

    verdict = Judge(world, crowd.record).judge()
    cannot = world.subject.cannot
    return Outcome(
        world.subject.title, crowd.record, verdict,
        played={kind.name: sum(step.fault is kind for step in steps) for kind in terms.faults
                if kind.name not in cannot},
        cannot=cannot, figures=wrong, timeline=timeline,
        lines={each.asked: world.subject.lines_of(each.asked)
               for each in first_findings(verdict)})


FINDINGS_SHOWN = 12


def first_findings(verdict: Verdict) -> list[Finding]:
    return verdict.findings[:FINDINGS_SHOWN]
