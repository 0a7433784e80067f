#!/bin/sh
# Write the lock files anew: versions and hashes of everything that is installed, and no addresses.
set -eu
cd "$(dirname "$0")/.."
lock() { # lock OUTPUT [extra inputs and options]
    output=$1
    shift
    uv pip compile pyproject.toml requirements/build.in "$@" --constraint requirements/constraints.txt \
        --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --custom-compile-command scripts/lock.sh \
        --quiet --output-file "$output"
}
lock requirements/run.txt
lock requirements/test.txt --group dev --extra heic
