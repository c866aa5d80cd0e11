#!/bin/bash
# Prints the folder of PostgreSQL's server programs, 15 or newer; Debian keeps them out of PATH, the newest last.
set -euo pipefail
shopt -s nullglob
for folder in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV) $(tr : '\n' <<<"$PATH"); do
  [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ] && [ -x "$folder/psql" ] || continue
  version=$("$folder/postgres" --version | grep -o '[0-9]*' | head -n 1)
  [ "$version" -ge 15 ] && { echo "$folder"; exit 0; }
done
echo "PostgreSQL 15 or newer is not here: install the Debian package postgresql, or put initdb and postgres into PATH" >&2
exit 1
