# SPDX-License-Identifier: Apache-2.0
"""What the suite shares with the tests of whole processes lies in tests/integration."""

import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "integration"))


def pytest_configure(config):
    config.addinivalue_line("markers", "over: of tests/integration, which this shares modules with")
