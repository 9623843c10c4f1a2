# SPDX-License-Identifier: Apache-2.0
"""One process for all tests of a module, alive after each of them."""

import pytest

pytest.register_assert_rewrite("edge", "harness", "messages", "raw_client", "raw_origin")

from edge import Edge  # noqa: E402  (its assertions are rewritten)


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
