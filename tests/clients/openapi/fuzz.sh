#!/bin/bash
# Called by run.sh with a server. What ends the run's own access is left out: signing out, removing its key or its member.
set -euo pipefail
exec "$SCHEMATHESIS" run "$CONCORD_URL/openapi.json" \
  --header "Authorization: Bearer $CONCORD_API_KEY" \
  --checks not_a_server_error \
  --phases examples,coverage,fuzzing \
  --max-examples "${EXAMPLES:-12}" \
  --seed 4 --generation-database none \
  --exclude-path-regex '^/(sync|live)$' \
  --exclude-path-regex '^/api/setup$' \
  --request-timeout 20 --no-color --workers 2
