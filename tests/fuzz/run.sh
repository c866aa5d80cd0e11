#!/bin/bash
# Fuzzes each target for SECONDS_EACH seconds (default 30), beginning with what the corpus has. On stable Rust: coverage
# comes from a pass of the compiler, libFuzzer from a crate, which needs a C++ compiler.
#   tests/fuzz/run.sh            all targets, one after another
#   tests/fuzz/run.sh gate row   these
#   KEEP=1 tests/fuzz/run.sh     afterwards writes the smallest inputs that reach everything into the corpus
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${SECONDS_EACH:-30}
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(frame message change gate row filter)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Of the whole workspace, so that nothing is compiled that `cargo test` has not compiled.
cargo build --quiet --locked --workspace --bin fuzz
corpus=${CARGO_TARGET_DIR:-target}/debug/fuzz
"$corpus" unpack "$work/in"

# With --target the flags do not reach build scripts and macros; a folder of its own keeps the other builds warm.
host=$(rustc -vV | sed -n 's/^host: //p')
instruments="--cfg fuzzing -C passes=sancov-module -C llvm-args=-sanitizer-coverage-level=4
 -C llvm-args=-sanitizer-coverage-inline-8bit-counters -C llvm-args=-sanitizer-coverage-pc-table
 -C llvm-args=-sanitizer-coverage-trace-compares"
RUSTFLAGS=$(echo $instruments) cargo build --quiet --locked --target "$host" --profile fuzz -p concord-fuzz \
  --target-dir "${CARGO_TARGET_DIR:-target}/fuzz"
binary=${CARGO_TARGET_DIR:-target}/fuzz/$host/fuzz/fuzz

fuzz() {
  local target=$1 log=$work/log-$1 code=0
  mkdir -p "$work/found/$target" "$work/min/$target"
  FUZZ_TARGET=$target "$binary" "$work/found/$target" "$work/in/$target" -max_total_time="$seconds" \
    -max_len=4096 -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 -verbosity=0 \
    -artifact_prefix="$work/broken-$target-" >"$log" 2>&1 || code=1
  echo "fuzzed $target for $seconds s"
  if [ $code != 0 ]; then
    tail -n 30 "$log"
    for file in "$work/broken-$target-"*; do
      echo "add to tests/fuzz/corpus/$target.txt: found-<what-it-shows> $(od -An -v -tx1 "$file" | tr -d ' \n')"
    done
  fi
  grep -E 'number_of_executed_units|new_units_added' "$log" || true
  if [ -n "${KEEP:-}" ]; then
    FUZZ_TARGET=$target "$binary" -merge=1 "$work/min/$target" "$work/in/$target" "$work/found/$target" >"$log" 2>&1 || code=1
  fi
  return $code
}

# Two at a time: a target keeps one core busy.
failed=0 running=0
for target in "${targets[@]}"; do
  if [ $running = 2 ]; then
    wait -n || failed=1
    running=1
  fi
  fuzz "$target" &
  running=$((running + 1))
done
for ((; running > 0; running--)); do
  wait -n || failed=1
done
if [ -n "${KEEP:-}" ] && [ "$failed" = 0 ]; then
  "$corpus" pack "$work/min"
fi
exit $failed
