# SPDX-License-Identifier: Apache-2.0
"""What this shares with the tests of whole processes lies in tests/integration."""

import pathlib
import sys

import pytest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
pytest.register_assert_rewrite("promises", "site_under_test", "session_stores", "harness")


def pytest_configure(config):
    config.addinivalue_line("markers", "over: of tests/integration, which this shares modules with")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """What is asked of one application with its store is asked by one process; two run at a time."""
    from xdist.scheduler import LoadScopeScheduling

    class ByApplication(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return nodeid.rpartition("[")[2].rpartition("-")[0] or nodeid

    return ByApplication(config, log)


def pytest_sessionfinish(session):
    import page
    page.keep()
