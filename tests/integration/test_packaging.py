# SPDX-License-Identifier: Apache-2.0
"""What a package brings beside the binary: manual page, completion, unit file."""

import re
import shutil
import subprocess

import pytest

from harness import ROOT, binary
from operators import command

MANUAL = ROOT / "packaging" / "hawser.1"
UNIT = ROOT / "packaging" / "hawser.service"


def commands_of(*path: str) -> list[tuple[str, ...]]:
    """The command `path` and all that stand below it, as their help lists them."""
    told = command(*path, "--help").stdout
    listed = told.partition("Subcommands:\n")[2]
    names = re.findall(r"^  (\w+)", listed, re.MULTILINE)
    return [path] + [below for name in names for below in commands_of(*path, name)]


def options_of(path: tuple[str, ...]) -> set[str]:
    told = command(*path, "--help").stdout.partition("Options:\n")[2].partition("Subcommands:")[0]
    heads = re.findall(r"^  (-\S+)", told, re.MULTILINE)
    return {name for head in heads for name in head.split(",")} - {"-h", "--help"}


def section(page: str, path: tuple[str, ...]) -> str:
    if not path:
        return page.partition("\n.SH OPTIONS\n")[2]
    title = rf"^\.SS hawser {' '.join(path)}(, \w+)*$"
    rest = re.split(title, page, flags=re.MULTILINE)[-1]
    return re.split(r"^\.S[SH] ", rest, flags=re.MULTILINE)[0] if rest != page else ""


def test_the_manual_page_is_what_the_program_says_of_itself():
    assert MANUAL.read_text() == command("manual").stdout, "run `make docs` and commit it"


def test_every_command_and_option_of_the_help_stands_in_the_manual():
    page = MANUAL.read_text().replace("\\-", "-")
    paths = commands_of()
    assert len(paths) > 12
    for path in paths:
        text = section(page, path)
        assert text, f"no section for {path}"
        names = {name for head in re.findall(r"^\.B (-\S+)", text, re.MULTILINE)
                 for name in head.split(",")}
        assert options_of(path) <= names, path


@pytest.mark.skipif(not shutil.which("groff"), reason="groff is not there")
def test_the_manual_page_is_set_without_a_warning():
    set_by = subprocess.run(["groff", "-man", "-ww", "-Tutf8", str(MANUAL)], text=True,
                            capture_output=True, stdin=subprocess.DEVNULL)
    assert (set_by.returncode, set_by.stderr) == (0, "")
    assert "Stop gracefully" in set_by.stdout


def completed(*words: str) -> list[str]:
    """What bash offers for the last word."""
    script = command("completion").stdout
    asked = " ".join(f"'{word}'" for word in words)
    done = subprocess.run(
        ["bash", "-c", f"{script}\nCOMP_WORDS=({asked}); COMP_CWORD={len(words) - 1}; _hawser; "
                       'printf "%s\\n" "${COMPREPLY[@]}"'],
        text=True, capture_output=True, stdin=subprocess.DEVNULL, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split()


def test_bash_completes_commands_options_and_files():
    assert completed("hawser", "dra") == ["drain"]
    assert completed("hawser", "maint") == ["maintenance"]
    assert completed("hawser", "run", "--li") == ["--listen"]
    assert completed("hawser", "run", "--listen", ":80", "--wor") == ["--workers"]
    assert completed("hawser", "keys", "a") == ["add"]
    assert completed("hawser", "check", "packaging/hawser.se") == ["packaging/hawser.service"]
    assert completed("hawser", "run", "--nothing") == []


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not there")
def test_systemd_understands_the_unit_file(tmp_path):
    unit = tmp_path / "hawser.service"
    unit.write_text(UNIT.read_text().replace("/usr/bin/hawser", binary()))
    verified = subprocess.run(["systemd-analyze", "verify", "--man=no", str(unit)], text=True,
                              capture_output=True, stdin=subprocess.DEVNULL)
    assert (verified.returncode, verified.stdout, verified.stderr) == (0, "", "")


def test_every_path_of_the_unit_file_is_a_command_of_the_binary():
    for line in re.findall(r"^Exec\w+=/usr/bin/hawser (.+)$", UNIT.read_text(), re.MULTILINE):
        verb, *rest = line.split()
        assert (verb,) in commands_of()
        assert {word for word in rest if word.startswith("-")} <= options_of((verb,))
