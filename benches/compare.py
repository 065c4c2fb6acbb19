#!/usr/bin/env python3
"""compare.py --bin COREANVIL --python ORACLE_PYTHON --model PACKAGE [--recipes R,R] [--rounds 3] — us beside coremltools.

For each recipe, in turns: our whole process, package to package with --threads 2 (CPU seconds and peak memory by the
kernel's accounting of the finished process), and coremltools' compress call alone. The best of the rounds of each. Prints
the markdown table of the README with a description of the machine. Build with `cargo build --release` first.
"""
import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
WANTED = {"int8": 30, "prune-50": 15, "palettize-4": 12, "palettize-6": 6}


def size(path):
    return sum(os.path.getsize(os.path.join(d, f)) for d, _, fs in os.walk(path) for f in fs)


def ours(binary, model, recipe, out):
    """CPU seconds, wall seconds and peak MiB of the finished process."""
    environment = dict(os.environ, COREANVIL_WORKER__THREADS="2", RAYON_NUM_THREADS="2")
    begin = time.monotonic()
    process = subprocess.Popen([binary, "compress", model, "--recipe", recipe, "-o", out], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"error: compress: {recipe}: {errors.decode()}")
    return usage.ru_utime + usage.ru_stime, time.monotonic() - begin, usage.ru_maxrss / 1024


def machine():
    with open("/proc/cpuinfo") as f:
        names = [line.split(":")[1].strip() for line in f if line.startswith("model name")]
    return f"{names[0] if names else platform.machine()}, {len(names)} cores, Linux {platform.release().split('-')[0]}, load {os.getloadavg()[0]:.1f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--python", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--recipes", default="int8,int8-asymmetric,prune-50,palettize-1,palettize-2,palettize-4,palettize-6,palettize-8,palettize-uniform-4")
    parser.add_argument("--rounds", type=int, default=3)
    a = parser.parse_args()
    before = size(a.model)
    rows, missed = [], []
    with tempfile.TemporaryDirectory() as folder:
        for recipe in a.recipes.split(","):
            mine, other, after = [], [], 0
            for round_ in range(a.rounds):
                out = os.path.join(folder, f"{recipe}-{round_}.mlpackage")
                mine.append(ours(a.bin, a.model, recipe, out))
                after = size(out)
                subprocess.run(["rm", "-rf", out], check=True)
                if recipe != "palettize-8" or round_ == 0:  # half a minute each
                    done = subprocess.run([a.python, os.path.join(HERE, "coremltools_cost.py"), a.model, recipe], capture_output=True, text=True)
                    other.append(json.loads(done.stdout.splitlines()[-1]))
            cpu, wall, peak = min(m[0] for m in mine), min(m[1] for m in mine), max(m[2] for m in mine)
            cost = min(o["cpu_s"] for o in other)
            times = cost / cpu
            rows.append(f"| {recipe} | {cpu:.3f} | {wall:.3f} | {peak:.0f} | {cost:.2f} | {max(o['peak_mib'] for o in other):.0f} | **{times:.0f}×** | {before / after:.1f}× |")
            if times < WANTED.get(recipe, 0):
                missed.append(f"{recipe}: {times:.1f} times less, {WANTED[recipe]} wanted")
            if peak > before / 2**20 + 48:
                missed.append(f"{recipe}: {peak:.0f} MiB, at most input ({before / 2**20:.0f}) + 48 wanted")
            print(rows[-1], file=sys.stderr, flush=True)
    print("| recipe | CPU s | wall s | peak MiB | coremltools CPU s | its peak MiB | CPU, times less | smaller |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    print("\n".join(rows))
    name = os.path.basename(os.path.dirname(os.path.abspath(a.model)))
    print(f"\n`{name}`, {before / 1e6:.1f} MB; best of {a.rounds} (peak: worst); two threads; {machine()}; coremltools 9.0.")
    for line in missed:
        print("missed:", line)
    print(f"{len(rows) * 1} measured, {len(missed)} missed")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
