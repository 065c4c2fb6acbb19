#!/bin/bash
# planted.sh BIN_TARGET TOOLS_PYTHON [JOBS] — proves that fleet.py sees what it is there for.
#
# Builds the program with planted/fencing.patch (the checks of lease and fence removed, so that a worker which lost its job
# goes on writing) and lets fleet.py judge it: this passes only when fleet.py fails, and for that reason. The patched files
# are seen through mounts in a namespace of this process alone (needs root, or user namespaces): the tree is not touched, and
# in BIN_TARGET, the target folder of the tree's own build, everything but our own crate is shared.
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/../.."
target=$(realpath "${1:?target folder}"); python=${2:?python with moto}; jobs=${3:-60}
if [ -z "${COREANVIL_PLANTED:-}" ]; then
  own=$([ "$(id -u)" = 0 ] && echo -m || echo -rm)
  COREANVIL_PLANTED=$(mktemp -d); export COREANVIL_PLANTED
  trap 'rm -rf "$COREANVIL_PLANTED"' EXIT
  unshare "$own" "$0" "$target" "$python" "$jobs"
  exit
fi
work=$COREANVIL_PLANTED
files=$(sed -n 's|^+++ b/||p' tests/chaos/planted/fencing.patch)
for file in $files; do mkdir -p "$work/tree/$(dirname "$file")"; cp "$file" "$work/tree/$file"; done
patch -s -d "$work/tree" -p1 <tests/chaos/planted/fencing.patch
mkdir -p "$work/target/debug"
cp -al "$target/debug/deps" "$target/debug/build" "$work/target/debug/" 2>/dev/null || cp -a "$target/debug/deps" "$target/debug/build" "$work/target/debug/"
cp -a "$target/debug/.fingerprint" "$work/target/debug/"
rm -rf "$work"/target/debug/deps/*coreanvil* "$work"/target/debug/deps/it-* "$work"/target/debug/.fingerprint/coreanvil-*
for file in $files; do mount --bind "$work/tree/$file" "$file"; done
begin=$(date +%s)
CARGO_INCREMENTAL=0 CARGO_TARGET_DIR="$work/target" cargo build -q --locked --bin coreanvil
echo "built with the fault in $(($(date +%s) - begin)) s"
# Whether a paused worker holds a job whose lease then goes to another is chance: up to three storms.
for storm in 1 2 3; do
  status=0
  python3 tests/chaos/fleet.py --bin "$work/target/debug/coreanvil" --python "$python" --jobs "$jobs" --seconds 70 --pauses | tee "$work/fleet.log" || status=$?
  seen=$(grep -cE '^FAULT fence: .* (wrote|names attempt|changed attempt) ' "$work/fleet.log" || true)
  kept=$(sed -n 's/^kept //p' "$work/fleet.log"); [ -z "$kept" ] || rm -rf "$kept"
  if [ "$status" = 1 ] && [ "$seen" -gt 0 ]; then
    echo "1 passed, 0 failed (the planted fault was seen $seen times, in storm $storm)"
    exit 0
  fi
  echo "fleet.py ended with $status and saw the planted fault $seen times"
done
echo "0 passed, 1 failed"
exit 1
