#!/bin/bash
# The same tests with both generations of the Python SDK, each against a fresh server.
set -euo pipefail
cd "$(dirname "$0")"
for requirements in requirements-*.txt; do
  python=$(../../setup/venv.sh "$requirements")
  echo "$requirements"
  # What was asked for stands in a log: `make requests` looks whether all of it was.
  if [ -n "${REQUEST_LOGS:-}" ]; then
    mkdir -p "$REQUEST_LOGS"
    CONCORD_ACCESS_LOG=$REQUEST_LOGS/python-$(echo "$requirements" | sed 's/requirements-\(.*\)\.txt/\1/').log
    export CONCORD_ACCESS_LOG
    rm -f "$CONCORD_ACCESS_LOG"
  fi
  node ../node/lib/with-server.mjs "$python" -m unittest -v test_sdk test_experiments test_rest test_otel
done
