#!/bin/bash
# A real annotation campaign, entered as people would: 300 answers, 900 reviews by four reviewers.
set -euo pipefail
checkout=$(cd "$(dirname "$0")/../../.." && pwd)
cd "$checkout"
data=$(realpath -m "${CONCORD_SHARED:-../shared}/data/squality")
if [ ! -r "$data/responses.jsonl" ]; then
  echo "=================================================================================================="
  echo "SKIPPED: the SQuALITY data are not in $data."
  echo "They are test data that are not part of this repository: set CONCORD_SHARED to the folder that holds"
  echo "data/squality/{stories,responses}.jsonl (repository nyu-mll/SQuALITY, human evaluation)."
  echo "=================================================================================================="
  exit 0
fi
CONCORD_PYTHON=$(tests/setup/venv.sh tests/clients/python/requirements-0.48.1.txt)
export CONCORD_PYTHON SQUALITY=$data
cd tests/clients/node
# As a dataset and three experiments, on a server of their own.
node lib/with-server.mjs sh -c \
  'BRAINTRUST_APP_URL=$CONCORD_URL BRAINTRUST_API_KEY=$CONCORD_API_KEY exec "$CONCORD_PYTHON" ../squality/experiments.py "$SQUALITY"'
exec node --test --test-timeout=900000 --test-force-exit squality/campaign.test.mjs
