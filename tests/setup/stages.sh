#!/bin/bash
# Runs make targets one after another, says how long each took, stops at the first that fails.
set -u
began=$SECONDS
for stage in "$@"; do
  echo "--- $stage"
  start=$SECONDS
  if ! "${MAKE:-make}" --no-print-directory "$stage"; then
    echo "FAILED $stage after $((SECONDS - start)) s"
    exit 1
  fi
  echo "passed $stage in $((SECONDS - start)) s"
done
echo "all $# stages passed in $((SECONDS - began)) s"
