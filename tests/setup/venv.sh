#!/bin/bash
# Prints the Python of a virtual environment with exactly the packages of a requirements file, made when it is not there.
# `--no-deps`: the file lists everything, and a client is tested with the versions it names, not those of today.
set -euo pipefail
requirements=$1
name=$(basename "$requirements" .txt)
stamp=$(sha256sum "$requirements" | cut -c1-12)
python_version=$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
folder=${CONCORD_CACHE:-$HOME/.cache/concord}/venv/$name-$python_version-$stamp
if [ ! -e "$folder/ready" ]; then
  rm -rf "$folder"
  python3 -m venv "$folder" >&2
  "$folder/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$requirements" >&2
  touch "$folder/ready"
fi
echo "$folder/bin/python"
