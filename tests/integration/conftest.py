# SPDX-License-Identifier: Apache-2.0
"""One process for all tests of a module, alive after each of them."""

import pytest

pytest.register_assert_rewrite("edge", "fleet", "harness", "messages", "raw_client", "raw_origin")

from edge import Edge  # noqa: E402  (its assertions are rewritten)
from fleet import Fleet  # noqa: E402


@pytest.fixture(scope="module")
def edge_of_module(request, tmp_path_factory):
    """An `Edge` of the module's EDGE (keyword arguments), if it has them."""
    made = Edge(tmp_path_factory.mktemp("edge"), **getattr(request.module, "EDGE", {}))
    yield made
    made.stop()


@pytest.fixture
def edge(edge_of_module):
    edge_of_module.origin.forget()
    yield edge_of_module
    edge_of_module.hawser.assert_alive()


@pytest.fixture
def fleet_of(tmp_path):
    """Makes a `Fleet`, at most once in a test; a Hawser that did not end in order fails it."""
    made = []

    def make(*arguments, **settings) -> Fleet:
        made.append(Fleet(tmp_path, *arguments, **settings))
        return made[0]

    yield make
    for each in made:
        each.stop()
