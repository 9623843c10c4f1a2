# SPDX-License-Identifier: Apache-2.0
"""docs/session-libraries.md: the table of what was asked, and what was told."""

import json
import os
import shutil

from harness import ROOT
from libraries import ABSENT, LIBRARIES, Library
from promises import PROMISES

PAGE = ROOT / "docs" / "session-libraries.md"
TOLD = ROOT / "build" / "compat" / "told"  # a file for each process that asked

_told: dict[str, dict[str, str]] = {}


def note(library: Library, **told: str) -> None:
    _told.setdefault(library.name, {}).update(told)


def keep() -> None:
    """For `told`, in another process."""
    if _told:
        TOLD.mkdir(parents=True, exist_ok=True)
        (TOLD / f"{os.getpid()}.json").write_text(json.dumps(_told, indent=1))


def forget() -> None:
    shutil.rmtree(TOLD, ignore_errors=True)


def told() -> dict[str, dict[str, str]]:
    """By library: what came of each promise on each store."""
    found: dict[str, dict[str, str]] = {}
    for each in TOLD.iterdir():
        for name, words in json.loads(each.read_text()).items():
            found.setdefault(name, {}).update(words)
    return found


def sign(word: str) -> str:
    return {"yes": "✓", "-": "–"}.get(word, word)


def cell(told: dict[str, str], promise: str) -> str:
    theirs, ours = told[f"{promise} redis"], told[f"{promise} hawser"]
    return sign(ours) if ours == theirs else f"**{sign(ours)}** ({theirs})"


def release(about: str) -> str:
    """Without what only says how often a package was mended."""
    def short(version: str) -> str:
        return ".".join(version.removeprefix("v").split("-")[0].split("+")[0].split(".")[:2])

    return ", ".join(" ".join([*each.split(" ")[:-1], short(each.split(" ")[-1])])
                     for each in about.split(", "))


def table(told: dict[str, dict[str, str]]) -> list[str]:
    heads = ["library", *(each.__name__.replace("_", " ") for each in PROMISES)]
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for library in LIBRARIES:
        cells = [cell(told[library.name], each.__name__) for each in PROMISES]
        lines.append("| " + " | ".join([f"`{library.name}`", *cells]) + " |")
    return lines


def rows(told: dict[str, dict[str, str]]) -> list[str]:
    lines = ["| | library | from | namespace |", "|---|---|---|---|"]
    for library in LIBRARIES:
        lines.append(f"| `{library.name}` | {library.title}: {release(told[library.name]['about'])}"
                     f" | {library.source} | `{json.dumps(library.namespace)}` |")
    return lines


PREFACE = """# Session libraries

Which session libraries run unchanged on Hawser's RESP door. Each stands in an application of a few dozen
lines (tests/compat), and one driver asks all of them the same, once with their sessions in Debian's
redis-server and once here. `make compat` writes this page from such a run; `.ci/run` fails when a run
comes to anything else.

| | |
|---|---|
| ✓ | kept, here as there |
| – | the library has no such thing |
| a word | how it is instead, here as there |
| **bold** | what is kept here, and in brackets what redis-server makes of it |
"""

ABOUT_SOURCES = """## Where they come from, and how they were served

With their own defaults and a lifetime of ten minutes; `namespace` is what stood below
`sessions.namespaces.default` ([reference.md](reference.md)). A namespace of one's own that names its
sessions is all that a library needs; `saves` is for those whose sessions are JSON, which can be merged.
"""

ABOUT_ABSENT = """## Not in the table
"""


def write(told: dict[str, dict[str, str]]) -> str:
    asked = [f"- *{each.__name__.replace('_', ' ')}*: {each.__doc__}." for each in PROMISES]
    absent = [f"- {title}: {why}" for title, why in ABSENT.items()]
    return "\n".join([PREFACE, *table(told), "", *asked, "", ABOUT_SOURCES, *rows(told), "",
                      ABOUT_ABSENT, *absent, ""])
