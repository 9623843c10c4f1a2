# SPDX-License-Identifier: Apache-2.0
"""The table of a run, and what to look at first where something was wrong."""

from typing import Iterator

from trial import Outcome, Terms, first_findings

WIDTH = 46


def table(outcomes: list[Outcome], terms: Terms) -> str:
    lines = [row("", [each.title for each in outcomes])]
    lines += [row(name, values) for name, values in rows(outcomes, terms)]
    return "\n".join(lines)


def row(name: str, values: list) -> str:
    return f"{name:{WIDTH}}" + "".join(f"{str(value):>16}" for value in values)


def rows(outcomes: list[Outcome], terms: Terms) -> Iterator[tuple[str, list]]:
    def each(what) -> list:
        return [what(one) for one in outcomes]

    yield "users", each(lambda one: terms.users)
    yield "sessions", each(lambda one: len(one.record.homes))
    yield "requests and messages", each(lambda one: one.record.requests)
    yield "WebSockets opened", each(lambda one: one.record.sockets)
    for kind in terms.kinds:
        yield f"fault: {kind.name}", each(
            lambda one: "cannot" if kind.name in one.cannot else one.played.get(kind.name, 0))
    yield "counters left behind", each(lambda one: one.verdict.lost)
    for what in sorted({key for one in outcomes for key in one.verdict.explained}):
        yield f"  {what[0]}: {what[1]}", each(lambda one: one.verdict.explained[what])
    yield "WebSockets cut without a word", each(lambda one: one.verdict.curt)
    yield "unexplained", each(lambda one: len(one.verdict.findings))
    for what in sorted({word_of(found.text) for one in outcomes for found in one.verdict.findings}):
        yield f"  {what}", each(
            lambda one: sum(word_of(found.text) == what for found in one.verdict.findings))
    yield "figures", each(lambda one: "none" if one.figures is None else
                          f"{len(one.figures)} wrong" if one.figures else "equal the truth")


def word_of(text: str) -> str:
    """What kind of finding it is."""
    words = text.split(" ")
    return " ".join(words[:2]) if words[0] in ("status", "wrong", "foreign", "socket") else words[0]


def discrepancies(outcome: Outcome, terms: Terms) -> str:
    """Seed, timeline, and the first findings with what the log says of their requests."""
    lines = [f"{outcome.title}: seed {terms.seed}, {terms.users} users"]
    if not outcome.timeline:
        return "\n".join(lines)
    outcome.timeline.sort()
    began = outcome.timeline[0].at
    lines += [f"  {told.at - began:7.2f} s  {told.text}" for told in outcome.timeline]
    for found in first_findings(outcome.verdict):
        lines.append(f"  {found.at - began:7.2f} s  {found.asked}: {found.text}")
        lines += [f"             {line}" for line in outcome.lines.get(found.asked, [])]
    lines += [f"  {line}" for line in outcome.figures or []]
    return "\n".join(lines)
