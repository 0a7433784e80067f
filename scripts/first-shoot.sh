#!/bin/sh
# Set up safelight and take the sample shoot from a folder of camera files to delivered packshots.
# Usage: scripts/first-shoot.sh [YOUR NAME]; the name stands in the ledger and on the manifest as who released.
set -eu
cd "$(dirname "$0")/.."
name=${1:-${USER:-$(id -un)}}
scripts/setup.sh run
safelight=.venv/bin/safelight
mkdir -p out
store=out/first-shoot.store
echo "Taking samples/shoot through the floor (a few minutes the first time, seconds after that)..."
"$safelight" run samples/shoot --guide samples/guide.toml --out out --store "$store" || [ $? = 3 ]
echo
echo "A release needs a person who has looked at the sample. This demonstration releases as: $name"
"$safelight" release shoot --as "$name" --yes --out out --store "$store"
