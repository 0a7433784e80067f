#!/bin/sh
# Set up .venv from a lock file: setup.sh run|test. Needs Python 3.11 or newer and nothing else.
set -eu
cd "$(dirname "$0")/.."
what=${1:-run}
lock=requirements/$what.txt
[ -f "$lock" ] || { echo "setup.sh: no lock file $lock; say run or test" >&2; exit 2; }

python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
    echo "setup.sh: $python is missing or older than 3.11; install Python 3.11 or set PYTHON" >&2
    exit 1
}
if [ ! -x .venv/bin/python ]; then
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        # Debian keeps venv in a package of its own.
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null
        else
            echo "setup.sh: this Python has no venv; run: sudo apt-get install python3-venv" >&2
            exit 1
        fi
    fi
    "$python" -m venv .venv
fi
stamp=.venv/.safelight-$what
if ! cmp -s "$lock" "$stamp"; then
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
    # Compiled once here, or every worker would do it for itself where Python may not write beside its sources.
    .venv/bin/python -m compileall -q -j 0 .venv/lib src >/dev/null 2>&1 || true
    cp "$lock" "$stamp"
fi
