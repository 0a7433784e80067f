#!/bin/sh
# Build the review screen from web/ into src/safelight/web. With --check: build beside it, and fail when the committed
# files, or the types made from openapi.json, are not what their sources give.
set -eu
cd "$(dirname "$0")/../web"
if ! cmp -s package-lock.json node_modules/.of-lock; then
    npm ci --ignore-scripts --no-progress
    cp package-lock.json node_modules/.of-lock
fi
if [ "${1:-}" = --check ]; then
    fresh="$(mktemp -d)"
    trap 'rm -rf "$fresh"' EXIT
    npx openapi-typescript ../docs/reference/openapi.json -o "$fresh/schema.d.ts" >/dev/null
    cmp "$fresh/schema.d.ts" src/lib/api/schema.d.ts || { echo "web: the API's types are old; run scripts/web.sh" >&2; exit 1; }
    npm run -s check
    npx vite build --outDir "$fresh/web" --emptyOutDir --logLevel warn
    diff -r "$fresh/web" ../src/safelight/web || { echo "web: src/safelight/web is not a fresh build; run scripts/web.sh" >&2; exit 1; }
    echo "web: types and build are fresh"
else
    npm run -s types
    npm run -s check
    npx vite build --logLevel warn
fi
