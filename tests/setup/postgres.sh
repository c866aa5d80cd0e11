#!/bin/bash
# Runs a command with a PostgreSQL of its own, which is gone afterwards: tests/setup/postgres.sh COMMAND ARGS…
# The command finds it in CONCORD_TEST_POSTGRES, and its programs (psql) in PATH; the exit code is the command's.
set -euo pipefail
[ $# -gt 0 ] || { echo "usage: $0 COMMAND ARGS…" >&2; exit 2; }

bin=$("$(dirname "$0")/postgres-bin.sh") || exit 1
export PATH="$bin:$PATH"

# PostgreSQL refuses to run as root. With --pdeathsig it goes down even when this script is killed.
as_server=(setpriv --pdeathsig QUIT)
[ "$(id -u)" != 0 ] || as_server+=(--reuid=nobody --regid="$(id -g nobody)" --clear-groups)

folder=$(mktemp -d "${TMPDIR:-/tmp}/concord-postgres-XXXXXX")
server=
stop() {
  [ -z "$server" ] || { kill -QUIT "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }
  rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT TERM
[ "$(id -u)" != 0 ] || chown nobody "$folder"

# Texts of another order than SQLite's, so that an order left to the database shows.
(cd "$folder" && "${as_server[@]}" initdb --pgdata="$folder/data" --username=concord --auth=trust --encoding=UTF8 --locale=C \
  --locale-provider=icu --icu-locale=en --no-sync >"$folder/initdb.log" 2>&1) ||
  { cat "$folder/initdb.log" >&2; exit 1; }

for attempt in 1 2 3 4 5; do
  port=$((20000 + RANDOM % 12000))
  # Nothing has to outlive this run, so nothing is synced.
  "${as_server[@]}" postgres -D "$folder/data" -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
    -c fsync=off -c full_page_writes=off -c max_connections=300 -c shared_buffers=64MB >"$folder/log" 2>&1 &
  server=$!
  for _ in $(seq 300); do
    if pg_isready --quiet --host=127.0.0.1 --port="$port" && kill -0 "$server" 2>/dev/null; then
      export CONCORD_TEST_POSTGRES="postgres://concord@127.0.0.1:$port/postgres"
      code=0
      "$@" || code=$?
      exit "$code"
    fi
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  # Most likely somebody else had the port.
  kill -QUIT "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
done
cat "$folder/log" >&2
exit 1
