# SPDX-License-Identifier: Apache-2.0
"""The house test finds what it promises to find, and nothing else."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))

import tidy  # noqa: E402  (lies in tools/, which is no package)

SPDX = "// SPDX-License-Identifier: Apache-2.0\n"


@pytest.fixture
def house(tmp_path):
    """Builds a house from a mapping of paths to texts."""

    def build(files):
        for path, text in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
        return tidy.House(tmp_path, list(files))

    return build


def places(findings):
    return [f"{finding.path}:{finding.line}" for finding in findings]


LAYERS = {"src/layers.txt": "app\nhttp\nbase\n"}


def test_an_include_may_point_down_or_stay(house):
    rooms = house(LAYERS | {"src/http/a.cc": '#include "base/b.h"\n#include "http/a.h"\n'})
    assert list(tidy.check_layers(rooms)) == []


def test_an_include_that_points_up_is_found_with_its_line(house):
    rooms = house(LAYERS | {"src/base/b.h": '#pragma once\n\n#include "http/a.h"\n'})
    found = list(tidy.check_layers(rooms))
    assert places(found) == ["src/base/b.h:3"]
    assert "base includes http, which is above it" in found[0].what
    assert "Move" in found[0].remedy


def test_an_include_in_a_comment_does_not_count(house):
    rooms = house(LAYERS | {"src/base/b.h": '// #include "http/a.h"\n'})
    assert list(tidy.check_layers(rooms)) == []


def test_an_include_without_folder_is_found(house):
    rooms = house(LAYERS | {"src/base/b.cc": '#include "b.h"\n'})
    assert places(tidy.check_layers(rooms)) == ["src/base/b.cc:1"]


def test_a_folder_needs_a_readme_and_a_line_in_layers(house):
    rooms = house(LAYERS | {"src/attic/a.cc": SPDX})
    assert [finding.what for finding in tidy.check_folders(rooms)] == [
        "no line in src/layers.txt", "no README.md"]


def test_a_folder_that_is_still_to_come_may_stand_in_layers(house):
    assert list(tidy.check_folders(house(LAYERS))) == []


@pytest.mark.parametrize("lines, findings", [(30, 0), (31, 1)])
def test_a_readme_has_thirty_lines(house, lines, findings):
    rooms = house(LAYERS | {"src/base/README.md": "x\n" * lines})
    assert len(list(tidy.check_folders(rooms))) == findings


KINDS = """
constexpr config::kind_table<balancer> kinds = config::kinds_of<balancer>::list<
    round_robin,  // not least<connections>
    source_ip>();
"""


def test_kinds_are_read_with_their_lines():
    code = tidy.without_comments_and_literals(KINDS)
    assert list(tidy.kinds_in(code)) == [("round_robin", 3), ("source_ip", 4)]


def test_kinds_of_tables_with_a_context_are_read():
    code = "kinds_of<affinity, const context&>::list<cookie>()"
    assert list(tidy.kinds_in(code)) == [("cookie", 1)]


def test_a_kind_needs_header_test_and_heading(house):
    rooms = house(LAYERS | {"src/balance/kinds.cc": "kinds_of<balancer>::list<round_robin>();\n"})
    assert [finding.remedy for finding in tidy.check_kinds(rooms)] == [
        "Name the file like the type, so that one word finds both.",
        "Write tests/balance/round_robin_test.cc.",
        "Give it a heading `round-robin` in docs/."]


@pytest.mark.parametrize("heading", ["## round-robin", "# `round-robin`", "### round-robin: turns"])
def test_a_kind_with_all_three_is_at_home(house, heading):
    rooms = house(LAYERS | {
        "src/balance/kinds.cc": "kinds_of<balancer>::list<round_robin>();\n",
        "src/balance/round_robin.h": "", "tests/balance/round_robin_test.cc": "",
        "docs/balancing.md": f"{heading}\n"})
    assert list(tidy.check_kinds(rooms)) == []


@pytest.mark.parametrize("call", [
    "strcpy(a, b);", "std::sprintf(a, b);", "atoi(text);", "std::rand();", "system(command);",
    "throw 1;", "using namespace std;", "assert(x);", "std::regex r;", "thread.detach();",
    "std::this_thread::sleep_for(1s);", "out << std::endl;", "localtime(&now);"])
def test_a_banned_call_is_found_in_src(house, call):
    rooms = house({"src/base/a.cc": f"{SPDX}\n{call}\n"})
    assert places(tidy.check_banned_calls(rooms)) == ["src/base/a.cc:3"]


@pytest.mark.parametrize("call", [
    "snprintf(a, 3, b);", "localtime_r(&now, &parts);", "parts.gets(x);", "// strcpy(a, b)",
    'log("throw it away");', "co_await sleep_for(1s);", "static_assert(x);", "ensure(x, why);",
    "file_system(x);", "R\"(strcpy(a, b))\";", "using namespace std::chrono_literals;"])
def test_what_only_looks_like_a_banned_call_is_left_alone(house, call):
    rooms = house({"src/base/a.cc": f"{SPDX}\n{call}\n"})
    assert places(tidy.check_banned_calls(rooms)) == []


def test_an_excuse_needs_a_reason_on_the_line(house):
    rooms = house({"src/base/a.cc": "thread.detach();  // excused: it hangs in a write\n"
                                    "thread.detach();  // excused:\n"})
    assert places(tidy.check_banned_calls(rooms)) == ["src/base/a.cc:2"]


def test_a_test_may_throw_but_not_sleep(house):
    rooms = house({"tests/base/a_test.cc": "throw 1;\nstd::this_thread::sleep_for(1s);\n"})
    assert places(tidy.check_banned_calls(rooms)) == ["tests/base/a_test.cc:2"]


def test_digit_separators_do_not_open_a_literal():
    text = "int a = 40'000; strcpy(b, c); int d = 1'000;"
    assert tidy.without_comments_and_literals(text) == text


def test_blanking_keeps_lines_and_columns():
    text = 'a /* 1\n2 */ b "c\\"d" \'e\' // f\ng'
    blanked = tidy.without_comments_and_literals(text)
    assert len(blanked) == len(text)
    assert blanked.split() == ["a", "b", "g"]
    assert blanked.count("\n") == 2


def test_a_header_has_pragma_once_and_no_third_party(house):
    rooms = house({"src/tls/a.h": f"{SPDX}#include <openssl/ssl.h>\n"})
    assert places(tidy.check_headers(rooms)) == ["src/tls/a.h:0", "src/tls/a.h:2"]


def test_a_source_may_include_a_third_party(house):
    assert list(tidy.check_headers(house({"src/tls/a.cc": "#include <openssl/ssl.h>\n"}))) == []


@pytest.mark.parametrize("path, text, findings", [
    ("src/base/a.cc", SPDX, 0),
    ("src/base/a.cc", "int a;\n", 1),
    ("tools/a.sh", "#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\n", 0),
    ("tools/a.sh", "#!/bin/sh\n", 1),
    ("Makefile", "all:\n", 1),
    ("docs/a.md", "# A\n", 0)])
def test_a_source_begins_with_its_licence(house, path, text, findings):
    assert len(list(tidy.check_licences(house({path: text})))) == findings


@pytest.mark.parametrize("line, findings", [
    ("int a;  // NOLINT", 1),
    ("int a;  // NOLINT(misc-x)", 1),
    ("int a;  // NOLINT(misc-x): the kernel's name", 0),
    ("// TODO tidy up", 1),
    ("// TODO #12: tidy up", 0)])
def test_exceptions_give_their_reason(house, line, findings):
    assert len(list(tidy.check_reasons(house({"src/base/a.cc": line + "\n"})))) == findings


def test_names_of_a_machine_are_found(monkeypatch):
    monkeypatch.setenv("HOME", "/home/" "ada")
    at = tidy.House(pathlib.Path("/srv/code/hawser"), ["a.md"])
    at.text = lambda path: "see /home/" "ada/x\nand /srv/code/hawser/y\nnot /etc/hawser/z\n"
    assert places(tidy.check_machine_names(at)) == ["a.md:1", "a.md:2"]


def test_an_uncommon_root_is_a_name_of_a_machine():
    at = tidy.House(pathlib.Path("/builds/hawser"), ["a.md"])
    at.text = lambda path: "in /builds/other/x\nnot ${root}/builds/x\nnot a/builds/x\n"
    assert places(tidy.check_machine_names(at)) == ["a.md:1"]


def test_every_check_says_what_it_is_for():
    assert all(check.__doc__ for check in tidy.CHECKS)
