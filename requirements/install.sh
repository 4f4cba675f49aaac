#!/bin/sh
# Makes .venv from a lock file: `install.sh run` for serving and training, `install.sh dev` for the tests as well.
# As root it also installs the Debian packages that are missing; without root it says which ones to ask for.
set -eu
cd "$(dirname "$0")/.."
level=$1
lock=requirements/$level.lock
stamp=.venv/.installed-$level
say() { printf 'pilah: %s\n' "$*" >&2; }

find_python() {
    for candidate in "${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11 python3; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    say "no Python 3.11 or newer found. Install it (Debian 12, Ubuntu 24.04: apt-get install python3) or set PYTHON=/path/to/python3."
    exit 1
}

add_debian_package() {
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        return 1
    fi
    say "installing the Debian package $1 ..."
    if apt-get install -qq -y --no-install-recommends "$1" >/dev/null 2>&1; then
        return 0
    fi
    apt-get update -qq && apt-get install -qq -y --no-install-recommends "$1" >/dev/null
}

make_environment() {
    python=$(find_python)
    if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        if ! add_debian_package "python$version-venv"; then
            say "this Python has no venv module. Ask the administrator for: apt-get install python$version-venv"
            exit 1
        fi
    fi
    say "making .venv with $("$python" --version) ..."
    "$python" -m venv .venv
}

fingerprint() { cat "$lock" pyproject.toml requirements/install.sh | cksum; }

if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(fingerprint)" ]; then
    exit 0
fi
if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    rm -rf .venv
    make_environment
fi
say "installing $lock (a few minutes the first time) ..."
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement "$lock"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
if [ "$level" = dev ] && ! command -v chromium >/dev/null; then
    add_debian_package chromium ||
        say "no chromium: the browser tests are left out. Ask the administrator for: apt-get install chromium"
fi
fingerprint >"$stamp"
