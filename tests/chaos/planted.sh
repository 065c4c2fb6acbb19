#!/bin/bash
# planted.sh BIN_TARGET TOOLS_PYTHON [JOBS] — proves that the queue's storms (tests/it/sim) and fleet.py see what they are there for.
#
# Builds the program with planted/fencing.patch (the checks of lease and fence removed, so that a worker which lost its job
# goes on writing) and lets both judge it: this passes only when both fail, and for that reason. The patched files
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
CARGO_INCREMENTAL=0 CARGO_TARGET_DIR="$work/target" cargo build -q --locked --bin coreanvil --test it
echo "built with the fault in $(($(date +%s) - begin)) s"
# Seeds that see it stand close: by far not all of these are needed.
it=$(ls "$work"/target/debug/deps/it-* | grep -v '\.d$')
COREANVIL_TEST_SIM_SEEDS=40 "$it" sim::seeds::every_promise_holds_on_sqlite >"$work/sim.log" 2>&1 && { echo "0 passed, 1 failed (the storms did not see the fault)"; exit 1; }
grep -m1 -E '^on sqlite seed [0-9]+ step [0-9]+: .*(nobody of this step|without (a|its) lease|at nobody|nobody who held)' "$work/sim.log" | cut -c1-200 || { cat "$work/sim.log"; echo "0 passed, 1 failed (the storms failed for another reason)"; exit 1; }
# Whether a paused worker holds a job whose lease then goes to another is chance: up to three storms.
for storm in 1 2 3; do
  status=0
  python3 tests/chaos/fleet.py --bin "$work/target/debug/coreanvil" --python "$python" --jobs "$jobs" --seconds 70 --pauses | tee "$work/fleet.log" || status=$?
  seen=$(grep -cE '^FAULT fence: .* (wrote|names attempt|changed attempt) ' "$work/fleet.log" || true)
  kept=$(sed -n 's/^kept //p' "$work/fleet.log"); [ -z "$kept" ] || rm -rf "$kept"
  if [ "$status" = 1 ] && [ "$seen" -gt 0 ]; then
    echo "2 passed, 0 failed (the storms failed; the planted fault was seen $seen times, in storm $storm)"
    exit 0
  fi
  echo "fleet.py ended with $status and saw the planted fault $seen times"
done
echo "1 passed, 1 failed"
exit 1
