# Sourced by tests/run and .ci/run: named steps with their seconds, a log each, clean-up by process id, a count at the end.

passed=0 failed=0 children=() folders=()
logs=${COREANVIL_TEST_LOGS:-$(mktemp -d)}
mkdir -p "$logs"

# counts LOG: "N passed, M failed" of the last such line, or the sum of all lines of cargo's test binaries
counts() {
  grep -aoE '[0-9]+ passed[;,] [0-9]+ failed' "$1" | awk '
    /;/ {p += $1; f += $3; n = 1} /,/ {last = $0} END {if (n) print p " passed, " f " failed"; else if (last) print last}'
}

# step NAME COMMAND…: runs it, prints one line, keeps its output in a log, shows the end of it when it failed
step() {
  local name=$1 begin end status=0; shift
  begin=$(date +%s.%N)
  "$@" >"$logs/$name.log" 2>&1 || status=$?
  end=$(date +%s.%N)
  local note; note=$(counts "$logs/$name.log")
  printf '%-6s %-22s %7.1f s  %s\n' "$([ $status = 0 ] && echo ok || echo FAILED)" "$name" "$(echo "$end $begin" | awk '{print $1-$2}')" "$note"
  if [ $status = 0 ]; then passed=$((passed + 1)); else
    failed=$((failed + 1)); echo "--- $name ended with status $status; the end of its output:"; tail -60 "$logs/$name.log"; echo "---"
  fi
}

# background LOG COMMAND…: runs it beside the rest; its process id is in $! and it is ended with us
background() { local log=$1; shift; "$@" >"$logs/$log.log" 2>&1 & children+=($!); }

# at the end: what we started ends, what we made goes; nothing is looked for by name
clean_up() {
  local child
  for child in "${children[@]}"; do kill "$child" 2>/dev/null || true; done
  for child in "${children[@]}"; do wait "$child" 2>/dev/null || true; done
  [ -z "${postgres_folder:-}" ] || tests/tools/postgres-temp.sh remove "$postgres_folder" >/dev/null 2>&1 || true
  for child in "${folders[@]}"; do rm -rf "$child"; done
}
trap clean_up EXIT
trap 'exit 130' INT TERM

total() { echo "$passed passed, $failed failed (logs: $logs)"; [ "$failed" = 0 ]; }
