#!/bin/sh
# Renews the lock files from pyproject.toml; versions that still fit are kept. `lock.sh --upgrade` takes the newest.
# The resolver lives in an environment of its own, so that it is no dependency of Pilah.
set -eu
cd "$(dirname "$0")/.."
tools=build/lock
if ! [ -x "$tools/bin/uv" ]; then
    .venv/bin/python -m venv "$tools"
    "$tools/bin/python" -m pip install --quiet --disable-pip-version-check uv
fi

compile() {
    output=$1
    shift
    "$tools/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
        --no-annotate --no-emit-index-url --no-emit-find-links --output-file "$output" "$@" pyproject.toml
}

compile requirements/dev.lock --all-extras "$@"
compile requirements/run.lock --extra service --extra training --extra report --extra build \
    --constraint requirements/dev.lock "$@"
