#!/bin/bash
# The same tests with both generations of the Python SDK, each against a fresh server.
set -euo pipefail
cd "$(dirname "$0")"
for requirements in requirements-*.txt; do
  python=$(../../setup/venv.sh "$requirements")
  echo "$requirements"
  node ../node/lib/with-server.mjs "$python" -m unittest -v test_sdk test_experiments test_rest test_otel
done
