#!/bin/sh
# Makes .venv from a lock file: `install.sh run` for serving and training, `install.sh dev` for the tests as well.
# As root on Debian or Ubuntu it also installs the system packages that are missing; without root it says which ones
# to ask for. Does nothing when .venv is up to date.
set -eu
cd "$(dirname "$0")/.."
level=${1:-}
# Chromium for the browser tests, and libatomic, which their driver (playwright's Node.js) is linked to.
browser=
if [ "$level" = dev ] && ! { command -v chromium && ls /lib/*/libatomic.so.1; } >/dev/null 2>&1; then
    browser=" chromium libatomic1"
fi
say() { printf 'pilah: %s\n' "$*" >&2; }

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if is_new_enough "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    say "no Python 3.11 or newer found (looked at: ${PYTHON:-python3, python3.11 to python3.14})." \
        "Install it (Debian 12, Ubuntu 24.04: apt-get install python3) or set PYTHON=/path/to/python3."
    return 1
}

add_debian_package() {
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        return 1
    fi
    say "installing from the system's packages: $* ..."
    export DEBIAN_FRONTEND=noninteractive
    if apt-get install -qq -y --no-install-recommends "$@" >/dev/null 2>&1; then
        return 0
    fi
    apt-get update -qq && apt-get install -qq -y --no-install-recommends "$@" >/dev/null
}

make_environment() {
    python=$(find_python)
    if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
        package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
        if ! add_debian_package "$package"; then
            say "$python has no venv module. Ask the administrator for: apt-get install $package$browser," \
                "or set PYTHON to a Python that has one."
            exit 1
        fi
    fi
    say "making .venv with $("$python" --version) ..."
    rm -rf .venv
    "$python" -m venv .venv
    pwd -P >.venv/.made-in
}

# A folder that was moved or copied holds commands that still point to the old place.
has_environment() {
    [ "$(cat .venv/.made-in 2>/dev/null)" = "$(pwd -P)" ] && is_new_enough .venv/bin/python
}

fingerprint() { cat "requirements/$1.lock" pyproject.toml requirements/install.sh | cksum; }

# What the tests need holds all that serving needs.
has_packages() {
    for done in "$level" dev; do
        if [ "$(cat ".venv/.installed-$done" 2>/dev/null)" = "$(fingerprint "$done")" ]; then
            return 0
        fi
    done
    return 1
}

install_packages() {
    say "installing requirements/$level.lock (a few minutes the first time) ..."
    rm -f .venv/.installed-*
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
        --requirement "requirements/$level.lock"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
    if [ -n "$browser" ] && add_debian_package chromium libatomic1; then
        browser=
    fi
    fingerprint "$level" >".venv/.installed-$level"
}

case $level in
run | dev) ;;
*)
    say "unknown level '$level'; say 'run' or 'dev'."
    exit 2
    ;;
esac
has_environment || make_environment
has_packages || install_packages
if [ -n "$browser" ]; then
    say "no browser: its tests are left out. Ask the administrator for: apt-get install$browser"
fi
