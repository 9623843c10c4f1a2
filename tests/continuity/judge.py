# SPDX-License-Identifier: Apache-2.0
"""Tells what was announced from what was not, by what users saw and servers wrote down."""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from record import Farewell, Place, Record, Shift, Trouble
from servers import KILLED, Entry
from world import NOTICED, Cause, World

UNANSWERED = {"cut", "reset", "late", "refused"}
# Codes of Close frames by which a client knows that it may come again (RFC 6455, 7.4.1; IANA).
POLITE = {"1001", "1011", "1012", "1013", "1014"}


@dataclass
class Finding:
    """Something that no cause explains."""

    at: float
    asked: str  # a request's id, or a user's life
    text: str


@dataclass
class Verdict:
    explained: Counter = field(default_factory=Counter)  # by what, and why
    findings: list[Finding] = field(default_factory=list)
    lost: int = 0  # counters that were left behind
    moves: int = 0  # of them, with their server still alive
    curt: int = 0  # WebSockets that ended without a word, where the balancer was not killed

    def explain(self, what: str, why: str) -> None:
        self.explained[what, why] += 1

    def find(self, at: float, asked: str, text: str) -> None:
        self.findings.append(Finding(at, asked, text))


class Judge:
    def __init__(self, world: World, record: Record):
        self.world, self.record = world, record
        self.deaths = {death.place: death for death in world.servers.deaths}
        self.seen: dict[str, list[tuple[Place, Entry]]] = defaultdict(list)
        for place, entry in world.servers.entries():
            self.seen[entry.asked].append((place, entry))
        self.verdict = Verdict()

    def judge(self) -> Verdict:
        for shift in self.record.shifts:
            self._judge_shift(shift)
        for trouble in self.record.troubles:
            self._judge_trouble(trouble)
        for farewell in self.record.farewells:
            self._judge_farewell(farewell)
        self._judge_births()
        self._judge_effects()
        self.verdict.findings.sort(key=lambda each: each.at)
        return self.verdict

    # ---- sessions -----------------------------------------------------------------------------

    def _judge_shift(self, shift: Shift) -> None:
        self.verdict.lost += 1
        death = self.deaths.get(shift.before)
        if death and death.began <= shift.at:
            return self.verdict.explain("session lost", death.why)
        self.verdict.moves += 1
        cause = self._cause(shift.sent, shift.at, shift.before.server, "moves")
        if cause:
            return self.verdict.explain("session moved", cause.what)
        self.verdict.find(shift.at, shift.asked,
                          f"moved from {shift.before} to {shift.after} ({shift.verdict})")

    def _judge_births(self) -> None:
        """A drained server gets no new sessions."""
        for birth in self.record.births:
            for cause in self.world.causes:
                if (cause.refuses_new and cause.server == birth.server
                        and cause.began < birth.sent and birth.at < cause.ended):
                    self.verdict.find(birth.at, birth.life,
                                      f"began on {birth.server} although {cause.what}")

    def _cause(self, sent: float, at: float, server: str, what: str) -> Cause | None:
        """Of several that would do, the latest."""
        return next((each for each in reversed(self.world.causes)
                     if each.server in ("", server) and getattr(each, what)
                     and each.covers(sent, at)), None)

    # ---- requests -----------------------------------------------------------------------------

    def _judge_trouble(self, trouble: Trouble) -> None:
        why = self._reason_of(trouble)
        if why:
            return self.verdict.explain(trouble.what, why)
        self.verdict.find(trouble.at, trouble.asked, f"{trouble.what} {trouble.told}".rstrip())

    def _reason_of(self, trouble: Trouble) -> str:
        is_failure = trouble.what in UNANSWERED or trouble.what.startswith("status 5")
        if not is_failure:
            return ""
        never_left = trouble.what == "refused"
        if not (trouble.is_safe or never_left) and self._was_in_flight_at_a_killed(trouble):
            return "in flight on a killed server, not safe to retry"
        # No connection outlives the balancer, however late its user sees that it has ended.
        under_way_since = min(trouble.sent, trouble.opened)
        if not never_left and self._cause(under_way_since, trouble.at, "", "cuts"):
            return "in flight in the killed balancer"
        if (trouble.what in UNANSWERED and trouble.asked not in self.seen
                and self._cause(trouble.sent, trouble.at, "", "refuses")):
            return "never taken, as the balancer was away"
        return ""

    def _was_in_flight_at_a_killed(self, trouble: Trouble) -> bool:
        """By the server's own journal; where it did not come to write, by the user's home and by
        what the balancer's log says."""
        places = {place for place, _ in self.seen.get(trouble.asked, [])}
        if places:
            deaths = [self.deaths[place] for place in places if place in self.deaths]
        else:
            servers = {trouble.home and trouble.home.server, self._logged_server(trouble.asked)}
            deaths = [each for each in self.deaths.values() if each.place.server in servers]
        return any(trouble.sent <= death.ended and death.began <= trouble.at
                   for death in deaths if death.why == KILLED)

    def _logged_server(self, asked: str) -> str:
        return next((json.loads(line).get("server", "")
                     for line in self.world.subject.lines_of(asked)), "")

    def _judge_effects(self) -> None:
        """What was done was done once, and what users were told of was done."""
        for asked, seen in self.seen.items():
            done = [place for place, entry in seen if entry.what in ("POST", "TOLD")]
            if len(done) > 1:
                self.verdict.find(0.0, asked, f"done {len(done)} times, by "
                                  + ", ".join(map(str, done)))
        for asked in self.record.effects:
            if asked not in self.seen:
                self.verdict.find(0.0, asked, "said to be done, and no server did it")

    # ---- WebSockets ---------------------------------------------------------------------------

    def _judge_farewell(self, farewell: Farewell) -> None:
        server = farewell.home.server if farewell.home else ""
        is_polite = farewell.how in POLITE
        # Whatever else happens to its server at that moment, a killed balancer says no word.
        cause = (not is_polite and self._cause(farewell.at - NOTICED, farewell.at, server, "cuts")
                 or self._cause(farewell.at - NOTICED, farewell.at, server, "closes"))
        if not cause:
            return self.verdict.find(farewell.at, farewell.life,
                                     f"the WebSocket to {farewell.home} ended: {farewell.how}")
        self.verdict.explain(f"WebSocket {farewell.how}", cause.what)
        self.verdict.curt += not is_polite and not cause.cuts
