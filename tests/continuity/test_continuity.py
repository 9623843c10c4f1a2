# SPDX-License-Identifier: Apache-2.0
"""The short run: a few hundred users, and faults drawn from seeds that never change."""

from types import SimpleNamespace

import faults
import plan
import pytest
import report
import trial
from subject_hawser import Hawser
from world import World


class WithoutAffinity(Hawser):
    """Moves users at every request, and announces nothing."""

    pool = {"affinity": [], "balance": "round-robin"}


OF_SERVERS = [each for each in faults.ALL if each.hits != "balancer"] + [faults.Reload]


def terms_of(seed: int, seconds: float, kinds, users: int = 250) -> trial.Terms:
    return trial.Terms(users=users, seed=seed, pause=0.8,
                       steps=plan.draw(seed, seconds, list(kinds), 1.0))


@pytest.mark.parametrize("seed, kinds", [(11, OF_SERVERS), (12, faults.ALL)],
                         ids=["servers", "balancer-too"])
def test_users_see_nothing_that_was_not_announced_and_figures_are_true(tmp_path, seed, kinds):
    terms = terms_of(seed, 20.0, kinds)
    outcome = trial.run(terms, tmp_path, Hawser)
    print(report.table([outcome], terms))
    assert outcome.is_clean, report.discrepancies(outcome, terms)
    assert outcome.verdict.lost, "nobody lost anything: the faults did not reach the users"


def test_the_judge_sees_a_balancer_that_moves_users(tmp_path):
    terms = terms_of(1, 2.0, [faults.Slow], users=20)
    outcome = trial.run(terms, tmp_path, WithoutAffinity)
    assert any(found.text.startswith("moved from") for found in outcome.verdict.findings)


def test_what_is_asked_before_anybody_sees_that_the_balancer_is_there_is_its_own():
    """With thousands of users its first moves come before the fault has returned."""
    world = World.__new__(World)
    world.subject = SimpleNamespace(started=10.0, writes_sessions=True)
    world.balancer_started()
    assert world.counted_since == world.known_since == world.crashed == 10.0


def test_a_seed_draws_the_same_plan_again_and_another_one_another():
    def drawn(seed: int) -> list[str]:
        return [str(step) for step in plan.draw(seed, 60.0, list(faults.ALL), 1.0)]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_a_plan_leaves_servers_that_nothing_is_done_to():
    for seed in range(50):
        steps = plan.draw(seed, 60.0, list(faults.ALL), 0.5)
        for at in range(60):
            hit = {step.server for step in steps
                   if step.fault.hits == "home" and step.at <= at < step.at + step.lasts}
            assert len(hit) <= len(plan.HOMES) - plan.WHOLE
