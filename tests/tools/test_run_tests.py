# SPDX-License-Identifier: Apache-2.0
"""The counts that close `make test` are true, whatever a suite does."""

import json
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))

import run_tests  # noqa: E402  (lies in tools/, which is no package)


@pytest.fixture
def suite(tmp_path):
    """A suite that runs `script` and writes its report, if any, to $1."""

    def make(script, limit=20):
        report = tmp_path / "report.json"
        return run_tests.Suite("tests_x", ["sh", "-c", script, "sh", str(report)], report,
                               run_tests.read_googletest, limit)

    return make


def googletest(*tests):
    return json.dumps({"testsuites": [{"name": "cookie", "testsuite": list(tests)}]})


PASSED = {"name": "a", "status": "RUN", "result": "COMPLETED"}
FAILED = PASSED | {"name": "b", "failures": [{"failure": "1 is not 2"}]}
SKIPPED = PASSED | {"name": "c", "result": "SKIPPED"}
DISABLED = PASSED | {"name": "d", "status": "NOTRUN", "result": "SUPPRESSED"}


def test_a_googletest_report_is_counted(tmp_path):
    report = tmp_path / "report.json"
    report.write_text(googletest(PASSED, FAILED, SKIPPED, DISABLED))
    outcome = run_tests.read_googletest(report)
    assert (outcome.passed, outcome.skipped) == (1, 1)
    assert outcome.failures == [run_tests.Failure("cookie.b", "1 is not 2")]


def test_a_pytest_report_is_counted(tmp_path):
    report = tmp_path / "report.xml"
    report.write_text("""<testsuites><testsuite>
        <testcase classname="m" name="good"/>
        <testcase classname="m" name="bad"><failure message="no">trace</failure></testcase>
        <testcase classname="m" name="left"><skipped/></testcase>
        <testcase classname="m" name="good_but_teardown_fails"/>
        <testcase classname="m" name="good_but_teardown_fails"><error>late</error></testcase>
        </testsuite></testsuites>""")
    outcome = run_tests.read_junit(report)
    assert (outcome.passed, outcome.skipped) == (1, 1)
    assert [failure.test for failure in outcome.failures] == ["m.bad", "m.good_but_teardown_fails"]


def test_a_suite_that_passes_has_no_failure(suite):
    outcome = run_tests.run(suite(f"echo '{googletest(PASSED)}' > $1"))
    assert (outcome.passed, outcome.failures) == (1, [])


def test_a_suite_that_dies_is_a_failure_with_its_last_words(suite):
    outcome = run_tests.run(suite("echo last words; kill -SEGV $$"))
    assert len(outcome.failures) == 1
    assert "last words" in outcome.failures[0].text


def test_a_suite_that_reports_success_but_ends_badly_is_a_failure(suite):
    outcome = run_tests.run(suite(f"echo '{googletest(PASSED)}' > $1; exit 1"))
    assert (outcome.passed, len(outcome.failures)) == (1, 1)


def test_a_suite_that_runs_nothing_is_a_failure(suite):
    assert len(run_tests.run(suite(f"echo '{googletest()}' > $1")).failures) == 1
    assert len(run_tests.run(suite("exit 0")).failures) == 1


def test_a_suite_that_hangs_is_ended_and_a_failure(suite):
    outcome = run_tests.run(suite("echo waiting; exec sleep 60", limit=1))
    assert len(outcome.failures) == 1
    assert "hung" in outcome.failures[0].text
    assert "waiting" in outcome.failures[0].text


def test_a_report_of_an_earlier_run_does_not_count(suite):
    assert run_tests.run(suite(f"echo '{googletest(PASSED)}' > $1")).passed == 1
    assert run_tests.run(suite("exit 1")).passed == 0
