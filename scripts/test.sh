#!/bin/sh
# Set up and pass the tests. Options go to pytest: scripts/test.sh -m slow
set -eu
cd "$(dirname "$0")/.."
scripts/setup.sh test
. .venv/bin/activate
export SAFELIGHT_MODELS="${SAFELIGHT_MODELS:-$PWD/.venv/models}"
scripts/models.sh
ruff check src tests benchmarks samples scripts
ruff format --check src tests benchmarks samples
mypy
lint-imports
exec python -m pytest -n 2 --dist loadfile "$@"
