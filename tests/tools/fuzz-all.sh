#!/bin/bash
# fuzz-all.sh SECONDS — every target of fuzz/ for so many seconds each, one after the other; ends with a count.
set -uo pipefail
cd "$(dirname "$(realpath "$0")")/../.."
seconds=${1:?seconds per target} passed=0 failed=0
for target in $(sed -n 's/^name = "\(parse_[a-z_]*\)"/\1/p' fuzz/Cargo.toml); do
  echo "fuzz: $target"
  if tests/tools/fuzz.sh fuzz "$target" "$seconds" -seed=1; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "fuzz: $target FAILED"; fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
