#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs clang-tidy, and closes with `N passed, M failed`, counted in files:
#   tools/lint.sh                  everything
#   tools/lint.sh src/http bench   these folders or files
set -eu
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- src tests fuzz bench

tools/install.sh build lint
[ -e build/lint/compile_commands.json ] || cmake --preset lint --log-level=WARNING
wanted=packaging/lint.txt
if ! cmp -s "$wanted" build/lint/tools/wanted.txt; then
    rm -rf build/lint/tools
    python3 -m venv build/lint/tools
    build/lint/tools/bin/pip install -q --disable-pip-version-check -r "$wanted"
    cp "$wanted" build/lint/tools/wanted.txt
fi

exec python3 tools/lint.py build/lint/tools/bin/clang-tidy build/lint "$@"
