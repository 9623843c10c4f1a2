#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The house test: says where the code leaves the house's rules, and what to do instead.

A check is a generator of findings over one `House`. To add one, write it and list it in CHECKS;
a banned call is one line in BANNED. Where a rule is wrong for once, the line says why, as
`// excused: the thread hangs in a write that nobody can end`.
Closes with `N passed, M failed`, counting checks.
"""

import functools
import pathlib
import re
import subprocess
import sys
from typing import Iterator, NamedTuple

README_LINES_MAX = 30
CODE = {".cc", ".h"}
NEEDS_SPDX = CODE | {".py", ".sh", ".cmake", ".js", ".mjs", ".css"}
NEEDS_SPDX_BY_NAME = {"CMakeLists.txt", "Makefile", ".ci/run"}

# Directories at the root of any Debian: a path that starts with another one names a machine.
COMMON_ROOTS = {"bin", "boot", "dev", "etc", "home", "lib", "media", "mnt", "opt", "proc", "root",
                "run", "sbin", "srv", "sys", "tmp", "usr", "var"}


EXCUSE = re.compile(r"//.*\bexcused: \w+")


class Finding(NamedTuple):
    path: str
    line: int  # 0: the file or folder as a whole
    what: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.what}\n    {self.remedy}"


class House:
    """The files of one checkout, read at most once."""

    def __init__(self, root: pathlib.Path, files: list[str]):
        self.root = root
        self.files = sorted(files)
        self.known = set(files)

    @staticmethod
    def at(root: pathlib.Path) -> "House":
        """All files that git knows or would take, and that are there."""
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=root,
            capture_output=True, check=True, text=True).stdout
        return House(root, [path for path in listed.split("\0") if path and (root / path).is_file()])

    @functools.cache
    def text(self, path: str) -> str:
        return (self.root / path).read_text(errors="replace")

    @functools.cache
    def code(self, path: str) -> str:
        """The text of a C++ file without comments and the contents of literals."""
        return without_comments_and_literals(self.text(path))

    def excuses(self, path: str, line: int) -> bool:
        return bool(EXCUSE.search(self.text(path).split("\n")[line - 1]))

    def under(self, folder: str, suffixes: set[str]) -> Iterator[str]:
        for path in self.files:
            if path.startswith(folder) and pathlib.PurePath(path).suffix in suffixes:
                yield path

    @functools.cached_property
    def layers(self) -> list[str]:
        """Top to bottom."""
        return self.text("src/layers.txt").split() if "src/layers.txt" in self.known else []

    @functools.cached_property
    def folders(self) -> list[str]:
        """The folders of src/ that hold anything."""
        return sorted({path.split("/")[1] for path in self.files
                       if path.startswith("src/") and path.count("/") >= 2})


TOKENS = re.compile(
    r'//[^\n]*|/\*.*?\*/'                                  # comments
    r'|R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)"'               # raw strings
    r'|"(?:\\.|[^"\\\n])*"'                                # strings
    r"|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'",               # characters, not digit separators
    re.DOTALL)


def without_comments_and_literals(text: str) -> str:
    """Blanks them out and keeps the lines, so that places stay right. Includes stay whole."""

    def blank(found: re.Match) -> str:
        line_start = text.rfind("\n", 0, found.start()) + 1
        if text[line_start:found.start()].lstrip().startswith("#include"):
            return found.group()
        return re.sub(r"[^\n]", " ", found.group())

    return TOKENS.sub(blank, text)


def line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


INCLUDE = re.compile(r'^\s*#include\s+"([^"]+)"', re.MULTILINE)


def check_layers(house: House) -> Iterator[Finding]:
    """An include points to its own folder or to one further down src/layers.txt."""
    floor_of = {layer: floor for floor, layer in enumerate(house.layers)}
    for path in house.under("src/", CODE):
        own = path.split("/")[1]
        for found in INCLUDE.finditer(house.code(path)):
            included = found.group(1)
            other = included.split("/")[0]
            line = line_of(house.code(path), found.start(1))
            if "/" not in included or other not in floor_of:
                yield Finding(path, line, f'"{included}" names no folder of src/layers.txt',
                              'Write it relative to src/, as "base/result.h".')
            elif own in floor_of and floor_of[other] < floor_of[own]:
                yield Finding(
                    path, line, f"{own} includes {other}, which is above it",
                    f"Move what both need down to {own} or lower, or let {other} hand it in.")


def check_folders(house: House) -> Iterator[Finding]:
    """Each folder of src/ stands in layers.txt and opens with a README of at most 30 lines."""
    for folder in house.folders:
        readme = f"src/{folder}/README.md"
        if folder not in house.layers:
            yield Finding(f"src/{folder}", 0, "no line in src/layers.txt",
                          "Add the folder there, at the floor where it stands.")
        if readme not in house.known:
            yield Finding(f"src/{folder}", 0, "no README.md",
                          "Say what belongs here, what does not, and which file to read first.")
        elif (lines := len(house.text(readme).splitlines())) > README_LINES_MAX:
            yield Finding(readme, 0, f"{lines} lines, more than {README_LINES_MAX}",
                          "Keep what a newcomer needs first; move the rest to docs/.")
    for layer, count in ((one, house.layers.count(one)) for one in dict.fromkeys(house.layers)):
        if count > 1:
            yield Finding("src/layers.txt", 0, f"{layer} stands here {count} times",
                          "Keep one line a folder.")


def kinds_in(code: str) -> Iterator[tuple[str, int]]:
    """The types that a kinds.cc lists: `kinds_of<balancer>::list<round_robin, ...>()`."""
    for table in re.finditer(r"kinds_of<[^;]*?>::list<([^>]*)>", code):
        for entry in re.finditer(r"[A-Za-z_]\w*(?:::\w+)*", table.group(1)):
            yield entry.group().split("::")[-1], line_of(code, table.start(1) + entry.start())


def check_kinds(house: House) -> Iterator[Finding]:
    """A kind has a header, a test and a heading in the documentation."""
    headings = {}
    for path in house.under("docs/", {".md"}):
        for title in re.findall(r"^#+\s+(.*?)\s*$", house.text(path), re.MULTILINE):
            headings.setdefault(re.sub(r"[`*]", "", title).split(":")[0].strip(), path)
    for path in house.under("src/", {".cc"}):
        folder = pathlib.PurePath(path).parent
        if pathlib.PurePath(path).name != "kinds.cc":
            continue
        for kind, line in kinds_in(house.code(path)):
            header, test = f"{folder}/{kind}.h", f"tests/{folder.relative_to('src')}/{kind}_test.cc"
            if header not in house.known:
                yield Finding(path, line, f"{kind} has no {header}",
                              "Name the file like the type, so that one word finds both.")
            if test not in house.known:
                yield Finding(path, line, f"{kind} has no test", f"Write {test}.")
            if kind.replace("_", "-") not in headings:
                yield Finding(path, line, f"{kind} has no place in the documentation",
                              f"Give it a heading `{kind.replace('_', '-')}` in docs/.")


class Ban(NamedTuple):
    pattern: str
    remedy: str
    where: tuple[str, ...] = ("src/", "tests/", "fuzz/", "bench/")


BANNED = {
    "strcpy and its kin": Ban(
        r"(?<![\w.>])(?:std::)?(?:strcpy|strcat|strncpy|strncat|sprintf|vsprintf|gets|alloca)\s*\(",
        "They write past an end unasked: use std::string, std::span or fmt::format_to_n."),
    "strtok, localtime, gmtime": Ban(
        r"(?<![\w.>])(?:std::)?(?:strtok|localtime|gmtime|asctime|ctime|inet_ntoa"
        r"|gethostbyname)\s*\(",
        "They share one hidden buffer among threads: use the _r form."),
    "atoi and its kin": Ban(
        r"(?<![\w.>])(?:std::)?(?:atoi|atol|atoll|atof|sscanf)\s*\(",
        "They turn garbage into a number: use std::from_chars and look at what it says."),
    "rand": Ban(
        r"(?<![\w.>])(?:std::)?(?:rand|srand|drand48)\s*\(",
        "Use crypto::random_bytes for what must not be guessed, a seeded engine for the rest."),
    "system, popen": Ban(
        r"(?<![\w.>])(?:std::)?(?:system|popen)\s*\(",
        "A shell reads its argument: use posix_spawn with a list of arguments."),
    "throw": Ban(
        r"\bthrow\b",
        "Return fail(errc::..., context); an edge of a library that throws turns it into a value.",
        where=("src/",)),
    "using namespace std": Ban(
        r"\busing\s+namespace\s+std\s*;",
        "Write std:: (literals are welcome: using namespace std::chrono_literals)."),
    "assert": Ban(
        r"(?<![\w.])assert\s*\(",
        'Use ensure(condition, "why it holds"), which also holds in release builds.',
        where=("src/",)),
    "std::regex": Ban(
        r"\bstd::regex\b", "Its time is exponential in what a client sends: use RE2.",
        where=("src/",)),
    "a detached thread": Ban(
        r"\.\s*detach\s*\(\s*\)|\bstd::async\b",
        "Work has an owner that ends it: std::jthread, or scope.spawn in a coroutine.",
        where=("src/", "tests/")),
    "a thread that sleeps": Ban(
        r"\bthis_thread::sleep_\w+|(?<![\w.>:])(?:usleep|nanosleep)\s*\(",
        "A worker waits by co_await with a deadline; a test waits for the thing itself, or hands "
        "in its own time.",
        where=("src/", "tests/")),
    "std::endl": Ban(r"\bstd::endl\b", "It flushes at each line: write '\\n'."),
}


def check_banned_calls(house: House) -> Iterator[Finding]:
    """Calls that have a better twin here."""
    for name, ban in BANNED.items():
        pattern = re.compile(ban.pattern)
        for folder in ban.where:
            for path in house.under(folder, CODE):
                code = house.code(path)
                for found in pattern.finditer(code):
                    if not house.excuses(path, line := line_of(code, found.start())):
                        yield Finding(path, line, f"{name} is banned", ban.remedy)


# Libraries whose headers are heavy or whose types must not spread.
THIRD_PARTY = re.compile(
    r"^\s*#include\s+<((?:openssl|yaml-cpp|nlohmann|spdlog|CLI|prometheus|nghttp2|rocksdb)/[^>]*"
    r"|sodium\.h|xxhash\.h|ares\.h|libpq-fe\.h)>", re.MULTILINE)


def check_headers(house: House) -> Iterator[Finding]:
    """A header opens with #pragma once and pulls in no third party."""
    for path in house.under("", {".h"}):
        if "#pragma once" not in house.text(path):
            yield Finding(path, 0, "no #pragma once", "Put it on the line after the SPDX line.")
    for path in house.under("src/", {".h"}):
        for found in THIRD_PARTY.finditer(house.code(path)):
            if not house.excuses(path, line := line_of(house.code(path), found.start(1))):
                yield Finding(path, line, f"a header that includes <{found.group(1)}>",
                              "Include it in the .cc and declare what the header needs, so that "
                              "builds stay fast and a library is changed in one file.")


def check_licences(house: House) -> Iterator[Finding]:
    """A source's first line (second, after #!) is the SPDX line."""
    for path in house.files:
        if pathlib.PurePath(path).suffix in NEEDS_SPDX or path in NEEDS_SPDX_BY_NAME:
            head = house.text(path).split("\n", 2)[:2]
            line = head[1] if head[0].startswith("#!") and len(head) > 1 else head[0]
            if "SPDX-License-Identifier: Apache-2.0" not in line:
                yield Finding(path, 1, "no SPDX line",
                              "Begin with `// SPDX-License-Identifier: Apache-2.0` (or #).")


def check_reasons(house: House) -> Iterator[Finding]:
    """A silenced warning gives its reason, unfinished work its issue."""
    for path in house.under("", CODE | {".py", ".sh", ".cmake"}):
        if path in ("tools/tidy.py", "tests/tools/test_tidy.py"):
            continue
        for number, line in enumerate(house.text(path).splitlines(), 1):
            if re.search(r"NOLINT\w*(?:\([^)]*\))?\s*$", line):
                yield Finding(path, number, "NOLINT without a reason",
                              "Say on the same line why the warning is wrong here: NOLINT(x): ...")
            if re.search(r"\b(?:TODO|FIXME|XXX)\b(?!.*#\d)", line):
                yield Finding(path, number, "work left without an issue",
                              "Name its issue (TODO #12), or do it now.")


def check_machine_names(house: House) -> Iterator[Finding]:
    """Nothing names the machine or the person that wrote it."""
    names = [re.escape(str(place)) + r"\b" for place in (house.root, pathlib.Path.home())
             if len(place.parts) > 2]
    if house.root.parts[1] not in COMMON_ROOTS:
        names.append(rf"(?<![\w.}})/])/{re.escape(house.root.parts[1])}/")
    pattern = re.compile("|".join(names))
    for path in house.files:
        for number, line in enumerate(house.text(path).splitlines(), 1):
            if found := pattern.search(line):
                yield Finding(path, number, f"names {found.group()}",
                              "Use a path relative to the checkout, or an option.")


CHECKS = [check_layers, check_folders, check_kinds, check_banned_calls, check_headers,
          check_licences, check_reasons, check_machine_names]


def main() -> int:
    house = House.at(pathlib.Path(__file__).resolve().parent.parent)
    failed = 0
    for check in CHECKS:
        findings = list(check(house))
        failed += bool(findings)
        for finding in findings:
            print(finding)
    print(f"\n{len(CHECKS) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
