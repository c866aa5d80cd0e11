#!/bin/bash
# Schemathesis: random requests made of /openapi.json, to a fresh server. No answer may be a failure of the server. The seed is
# fixed, so that what it finds today it finds tomorrow.
set -euo pipefail
cd "$(dirname "$0")"
python=$(../../setup/venv.sh requirements.txt)
export SCHEMATHESIS=$(dirname "$python")/schemathesis
node ../node/lib/with-server.mjs ./fuzz.sh
