#!/bin/bash
# Makes sure that the tools for `run` (build and start) or `test` (also browser, Python and PostgreSQL) are there: installs
# Debian packages as root, names the rest. Rust and Node are asked for, never installed: everybody has an own way.
set -euo pipefail
need=${1:-run}
missing=()
packages=()

# at_least FOUND WANTED: compares dotted versions.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

if ! command -v cargo >/dev/null; then
  missing+=("Rust 1.90 or newer with cargo (https://rustup.rs)")
elif ! at_least "$(rustc --version | cut -d' ' -f2)" 1.90.0; then
  missing+=("Rust 1.90 or newer; this is $(rustc --version)")
fi
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  missing+=("Node.js 20.19 or newer with npm (https://nodejs.org)")
elif ! at_least "$(node --version | tr -d v)" 20.19.0; then
  missing+=("Node.js 20.19 or newer; this is $(node --version)")
fi

command -v cc >/dev/null || packages+=(build-essential)
if [ "$need" = test ]; then
  command -v c++ >/dev/null || packages+=(build-essential)
  command -v chromium >/dev/null || command -v chromium-browser >/dev/null || packages+=(chromium fonts-liberation)
  python3 -c 'import venv, ensurepip' 2>/dev/null || packages+=(python3 python3-venv)
  "$(dirname "$0")/postgres-bin.sh" >/dev/null 2>&1 || packages+=(postgresql)
fi

if [ ${#packages[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing ${packages[*]}"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
  else
    missing+=("these packages (Debian and Ubuntu names): ${packages[*]}")
  fi
fi

if [ ${#missing[@]} -gt 0 ]; then
  echo "Concord needs, and did not find:" >&2
  printf '  - %s\n' "${missing[@]}" >&2
  exit 1
fi
