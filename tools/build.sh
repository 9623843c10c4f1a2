#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what the build needs, configures a preset once and builds its targets (all, or those
# named): tools/build.sh release hawser
set -eu
cd "$(dirname "$0")/.."
preset=$1
shift
tools/install.sh build
[ -e "build/$preset/build.ninja" ] || cmake --preset "$preset" --log-level=WARNING
ninja -C "build/$preset" "$@"
