#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Lists every C++ file of the house, new ones included.
set -eu
cd "$(dirname "$0")/.."
git ls-files --cached --others --exclude-standard '*.cc' '*.h' |
    while read -r file; do if [ -e "$file" ]; then echo "$file"; fi; done
