#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what the named sections of packaging/packages.txt list:
#   tools/install.sh build test
# Asks for nothing and touches nothing when all are there. No service of a package is started now
# or at the next boot.
set -eu

cd "$(dirname "$0")/.."
list=packaging/packages.txt
policy=/usr/sbin/policy-rc.d
mark='Written by tools/install.sh of hawser'

packages_of() {
    awk -v section="[$1]" '/^\[/ { on = ($0 == section) } on && /^[a-z0-9]/ { print $1 }' "$list"
}

# A tool that came another way than as a package counts as there.
is_provided() {
    case $1 in
        npm | nodejs) command -v npm > /dev/null && command -v node > /dev/null ;;
        default-jdk-headless) command -v javac > /dev/null ;;
        maven) command -v mvn > /dev/null ;;
        *) return 1 ;;
    esac
}

missing_of() {
    wanted=$(for section in "$@"; do packages_of "$section"; done | sort -u)
    # shellcheck disable=SC2086  # one word a package
    dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted 2> /dev/null |
        awk '$1 == "installed" { print $2 }' | sort -u > "$scratch/there"
    for package in $(echo "$wanted" | comm -23 - "$scratch/there"); do
        is_provided "$package" || echo "$package"
    done
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo > /dev/null; then
        sudo "$@"
    else
        echo "tools/install.sh: needs root or sudo to install packages" >&2
        exit 1
    fi
}

# Debian starts a service as soon as its package is unpacked, unless this file says 101.
forbid_starting() {
    [ -e "$policy" ] && return
    printf '#!/bin/sh\n# %s; removed at its end.\nexit 101\n' "$mark" > "$scratch/policy"
    as_root install -m 755 "$scratch/policy" "$policy"
}

allow_starting() {
    if grep -qs "$mark" "$policy"; then as_root rm -f "$policy"; fi
}

installed_now() { dpkg-query -W -f '${db:Status-Status} ${Package}\n' | sort; }

# Enabled units of packages that came with this run would start at the next boot.
disable_services_of() {
    command -v systemctl > /dev/null || return 0
    for package in "$@"; do
        for unit in $(dpkg -L "$package" | grep -E '^(/usr)?/lib/systemd/system/[^/@]+\.service$'); do
            if grep -q '^\[Install\]' "$unit"; then
                as_root systemctl --quiet disable "$(basename "$unit")" || true
            fi
        done
    done
}

finish() {
    allow_starting
    rm -rf "$scratch"
}

scratch=$(mktemp -d)
trap finish EXIT
trap 'exit 130' INT TERM HUP

missing=$(missing_of "$@")
[ -n "$missing" ] || exit 0

echo "Installing (a minute or two): $(echo "$missing" | tr '\n' ' ')"
installed_now > "$scratch/before"
forbid_starting
# shellcheck disable=SC2086
if ! { as_root apt-get -q update &&
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -q -y --no-install-recommends install $missing; } > "$scratch/log" 2>&1; then
    tail -n 40 "$scratch/log" >&2
    echo "tools/install.sh: apt-get could not install them; its last words are above" >&2
    exit 1
fi
installed_now > "$scratch/after"
case " $* " in
    *" test "* | *" bench "*)
        # shellcheck disable=SC2046
        disable_services_of $(comm -13 "$scratch/before" "$scratch/after" | awk '{ print $2 }') ;;
esac
