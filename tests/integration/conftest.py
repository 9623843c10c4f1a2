# SPDX-License-Identifier: Apache-2.0
"""One process for all tests of a module, alive after each of them."""

import inspect
import re

import pytest

pytest.register_assert_rewrite("edge", "fleet", "harness", "messages", "raw_client",
                               "raw_origin")

from edge import Edge  # noqa: E402  (its assertions are rewritten)
from fleet import Fleet  # noqa: E402
from peers import CARRIER, SUBJECT  # noqa: E402

# What a test says of bytes, logs, settings or choices that are Hawser's alone.
OURS = re.compile(r"received ==|\.raw\b|\.head\b|fields\)? ==|names\(\)|access|counter"
                  r"|REFUSED_STREAM|hawser-|Edge\(|answer_ourselves|after_a_refused")


def pytest_collection_modifyitems(items):
    """Before a peer, only what any proxy can be asked."""
    if SUBJECT == "hawser":
        return
    for each in items:
        mark = each.get_closest_marker("over")
        if mark and CARRIER not in mark.args or not {"edge", "front"} & set(each.fixturenames) or OURS.search(inspect.getsource(each.function)):
            each.add_marker(pytest.mark.skip("not comparable"))


def pytest_configure(config):
    config.addinivalue_line("markers", "over(*carriers): what clients speak by (carriers.py)")


def pytest_generate_tests(metafunc):
    """Each test once over every carrier that it asks for."""
    mark = metafunc.definition.get_closest_marker("over")
    names = mark.args if mark else getattr(metafunc.module, "OVER", None)
    if "carrier" in metafunc.fixturenames and names and SUBJECT == "hawser":
        metafunc.parametrize("carrier", names, scope="module")


@pytest.fixture(scope="module")
def carrier() -> str:
    """Of tests that ask for none, and before a peer."""
    return CARRIER


@pytest.fixture(scope="module")
def edge_of_module(request, tmp_path_factory, carrier):
    """An `Edge` of the module's EDGE (keyword arguments), if it has them."""
    made = Edge(tmp_path_factory.mktemp("edge"), carrier=carrier,
                **getattr(request.module, "EDGE", {}))
    yield made
    made.stop()


@pytest.fixture
def edge(edge_of_module):
    edge_of_module.origin.forget()
    yield edge_of_module
    edge_of_module.hawser.assert_alive()


@pytest.fixture
def fleet_of(tmp_path, carrier):
    """Makes a `Fleet`, at most once in a test; a Hawser that did not end in order fails it."""
    made = []

    def make(*arguments, **settings) -> Fleet:
        made.append(Fleet(tmp_path, *arguments, carrier=carrier, **settings))
        return made[0]

    yield make
    for each in made:
        each.stop()
