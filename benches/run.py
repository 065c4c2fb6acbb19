#!/usr/bin/env python3
"""run.py [--seconds 600] [--jobs 6000] [--only queue,lists,load] [--folder DIR] [--target DIR] — the figures of the README's speed table.

Builds for release, measures on both databases what benches/README.md describes, writes benches/results/speed.json and the
table in the README. Postgres runs with fsync in a folder on the same disk as SQLite's file (--folder, by default a new one
among the temporary files; memory is refused). Everything that is started ends with this, by its process id. Exit status 1 when a figure misses
its goal; the table is written all the same.

    run.py --short    the same in about two minutes, with smaller numbers; nothing is written, no time is judged
    run.py --table    writes the table from benches/results/speed.json; with --check only compares
"""
import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(HERE)
sys.path.insert(0, os.path.join(TOP, "tests", "chaos"))
from machines import Member, Postgres, free_port, start  # noqa: E402

RESULTS = os.path.join(HERE, "results", "speed.json")
README = os.path.join(TOP, "README.md")
BEGIN, END = "<!-- speed -->\n", "<!-- /speed -->"


def build(target, debug):
    """The two programs: their paths."""
    environment = dict(os.environ, **({"CARGO_TARGET_DIR": target} if target else {}))
    command = ["cargo", "build", "--locked", "--bin", "coreanvil", "--bench", "speed", "--message-format=json-render-diagnostics"]
    command += [] if debug else ["--release"]
    done = subprocess.run(command, cwd=TOP, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    found = {}
    for line in done.stdout.splitlines():
        message = json.loads(line)
        if message.get("executable"):
            found[message["target"]["name"]] = message["executable"]
    return found


def machine():
    with open("/proc/cpuinfo") as info:
        model = re.search(r"model name\s*: (.*)", info.read())
    version = subprocess.run('"$(ls -d ${PG_BIN:-/usr/lib/postgresql/*/bin} | sort -V | tail -1)/postgres" --version', shell=True, capture_output=True, text=True)
    return dict(cpu=model[1].strip() if model else platform.machine(), cores=os.cpu_count(), kernel=platform.release(),
                postgres=version.stdout.strip().split(" ")[2] if version.returncode == 0 and version.stdout else "", load=round(os.getloadavg()[0], 1), date=time.strftime("%Y-%m-%d"))


def fsync_us(folder):
    """How long the disk takes to keep 4 KiB, in the middle of a hundred."""
    path, took = os.path.join(folder, "fsync"), []
    file = os.open(path, os.O_CREAT | os.O_WRONLY)
    for _ in range(100):
        begin = time.perf_counter()
        os.write(file, b"x" * 4096)
        os.fdatasync(file)
        took.append(time.perf_counter() - begin)
    os.close(file)
    os.remove(path)
    return round(sorted(took)[50] * 1e6)


def program(command, name):
    """Runs one of our programs; what its last line of JSON says, and whether it failed."""
    process = start(command, stdout=subprocess.PIPE, text=True, cwd=TOP)
    out = process.communicate()[0]
    lines = [line for line in out.splitlines() if line.startswith("{")]
    if not lines:
        raise SystemExit(f"error: {name} ended with status {process.returncode} and said nothing")
    return json.loads(lines[-1]), process.returncode != 0


def measure_queue(programs, databases, arguments):
    found = {}
    for name, database in databases.items():
        command = [programs["speed"], "queue", "--database", database("queue"), "--jobs", str(arguments.jobs)]
        if arguments.short:
            command += ["--single", "50", "--paced", "100"]
        found[name], failed = program(command, f"queue on {name}")
        if failed:
            raise SystemExit(f"error: queue on {name} failed")
        print(f"queue on {name}: {json.dumps(found[name])}", flush=True)
    return found


def measure_lists(programs, arguments, folder):
    file = os.path.join(folder, "lists.json")
    command = [sys.executable, os.path.join(HERE, "lists.py"), "--bin", programs["coreanvil"], "--json", file]
    if arguments.short:
        command += ["--jobs", "2000", "--measurements", "20000"]
    start(command).wait()
    with open(file) as f:
        return {one["database"]: one for one in json.load(f)}


def measure_load(programs, databases, arguments, folder):
    found, failed = {}, False
    for name, database in databases.items():
        port = free_port()
        clean = {k: v for k, v in os.environ.items() if not k.startswith("COREANVIL_")}
        token = subprocess.run([programs["coreanvil"], "token", "generate"], capture_output=True, text=True, check=True, env=clean, cwd=folder).stdout.split()[-1]
        clean.update(COREANVIL_AUTH__FIRST_TOKEN=token, COREANVIL_SERVER__LISTEN=f"127.0.0.1:{port}", COREANVIL_LOG__FILTER="warn")
        place = os.path.join(folder, f"load-{name}")
        url = database("load")
        if name == "sqlite":
            members = [Member(programs["coreanvil"], "serve", place, clean, ["serve"], url)]
        else:
            clean.update(COREANVIL_OBJECTS__URL=f"file://{place}/objects")
            members = [Member(programs["coreanvil"], "serve", place, clean, ["serve", "--no-worker"], url),
                       Member(programs["coreanvil"], "worker", place, clean, ["worker"], url)]
        try:
            for member in members:
                member.start()
                if not member.await_ready():
                    raise SystemExit(f"error: {member.name} on {name} did not start: {member.last_words()}")
            command = [programs["speed"], "load", "--url", f"http://127.0.0.1:{port}", "--token", token, "--seconds", str(arguments.seconds)]
            for member in members:
                command += ["--pid", str(member.process.pid)]
            found[name], bad = program(command, f"load on {name}")
            failed |= bad
            print(f"load on {name}: {json.dumps(found[name])}", flush=True)
        finally:
            for member in members:
                if member.process is not None and not member.dead():
                    member.stop()
        shutil.rmtree(place, ignore_errors=True)
    return found, failed


def table(results):
    """The table of the README."""
    columns = ["sqlite", "postgres"]
    where = results["machine"]
    cell = lambda of: " | ".join(of(name) for name in columns)
    queue, lists, load = results["queue"], results["lists"], results["load"]
    start_ms = lambda name, kind: f"{queue[name][kind]['p50_ms']} / {queue[name][kind]['p99_ms']} ms"
    sure = lambda number: f"{number:,.1f}"
    rows = [
        ("jobs a second, accepted, claimed and finished (goal)", lambda n: f"**{queue[n]['rate']['jobs_per_s']:,.0f}** ({GOALS[n]})"),
        ("enqueue to start, one job at a time, p50 / p99 (goal 20 ms)", lambda n: start_ms(n, "start_single")),
        (f"enqueue to start at {queue['sqlite']['paced_per_s']} jobs a second, p50 / p99", lambda n: start_ms(n, "start_paced")),
        (f"page of a list over {lists['sqlite']['jobs']:,} jobs and {lists['sqlite']['measurements']:,} measurements, median / slowest of {lists['sqlite']['pages']} (goal 50 ms)",
         lambda n: f"{sure(lists[n]['median_ms'])} / {sure(lists[n]['worst_p50_ms'])} ms"),
        (f"{load['sqlite']['clients']} clients for {load['sqlite']['seconds'] / 60:g} minutes: calls a second", lambda n: f"{load[n]['calls_per_s']:,}"),
        ("their reads, p50 / p99 (goal 100 ms)", lambda n: f"{sure(load[n]['reads']['p50_ms'])} / {sure(load[n]['reads']['p99_ms'])} ms"),
        ("answers 5xx, or none; accepted jobs that did not succeed", lambda n: str(len(load[n]["wrong"]))),
        ("resident memory: half way, at the end, growth of the second half", lambda n: f"{load[n]['rss_mib']['half']} MiB, {load[n]['rss_mib']['last']} MiB, {load[n]['rss_growth_second_half']:+.1%}"),
    ]
    lines = ["| | SQLite, one process | Postgres, server and worker |", "|---|--:|--:|"]
    lines += [f"| {name} | {cell(of)} |" for name, of in rows]
    foot = (f"{where['cpu']}, {where['cores']} cores, Linux {where['kernel']}, load {where['load']} at the beginning; Postgres {where['postgres']} on the same cores and disk, which keeps 4 KiB in {where['fsync_us'] / 1000:g} ms; "
            f"{where['date']}. The clients run on the same cores.")
    return "\n".join(lines) + "\n\n" + foot + "\n"


GOALS = {"sqlite": 150, "postgres": 300}


def misses(results):
    """Figures that are not what they should be."""
    found = []
    for name in ("sqlite", "postgres"):
        queue, lists, load = (results[part].get(name) for part in ("queue", "lists", "load"))
        checks = [
            (queue["rate"]["jobs_per_s"] >= GOALS[name], "jobs a second"), (queue["start_single"]["p50_ms"] < 20, "enqueue to start, alone"),
            (queue["start_paced"]["p50_ms"] < 20, "enqueue to start, paced"), (lists["slow"] == 0, "pages of lists"), (load["reads"]["p99_ms"] < 100, "reads"),
            (not load["wrong"], "5xx or lost jobs"), (load["rss_growth_second_half"] < 0.05, "memory"),
        ]
        found += [f"{name}: {what}" for good, what in checks if not good]
    return found


def write_table(check):
    with open(RESULTS) as f:
        made = table(json.load(f))
    with open(README) as f:
        text = f.read()
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    new = before + BEGIN + made + END + after
    if check:
        if new != text:
            raise SystemExit("error: the README's speed table is not that of benches/results/speed.json: run benches/run.py --table")
        return
    with open(README, "w") as f:
        f.write(new)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=600, help="of the load, on each database")
    parser.add_argument("--jobs", type=int, default=6000, help="of the queue's run, on each database")
    parser.add_argument("--only", default="queue,lists,load")
    parser.add_argument("--folder", help="on the disk to be measured")
    parser.add_argument("--target", help="the build's folder (CARGO_TARGET_DIR)")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--debug", action="store_true", help="with --short: as built for tests")
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    if arguments.table or arguments.check:
        return write_table(arguments.check)
    if arguments.short:
        arguments.seconds, arguments.jobs = min(arguments.seconds, 20), min(arguments.jobs, 1000)
    programs = build(arguments.target, arguments.debug and arguments.short)
    parts = arguments.only.split(",")
    # Postgres refuses root and must reach its folder
    folder = tempfile.mkdtemp(prefix="coreanvil-speed-", dir=arguments.folder)
    os.chmod(folder, 0o755)
    if subprocess.run(["stat", "-f", "-c", "%T", folder], capture_output=True, text=True).stdout.strip() in ("tmpfs", "ramfs"):
        os.rmdir(folder)
        raise SystemExit(f"error: {folder} is memory, not a disk: name one with --folder")
    results = {}
    if not arguments.short and os.path.exists(RESULTS):
        with open(RESULTS) as f:
            results = json.load(f)
    results["machine"] = dict(machine(), fsync_us=fsync_us(folder))
    postgres, failed = None, False
    try:
        if set(parts) & {"queue", "load"}:
            postgres = Postgres(os.path.join(folder, "postgres"), "durable")

        def of_postgres(name):
            postgres.execute(f"create database {name}")
            return postgres.url.rsplit("/", 1)[0] + "/" + name
        databases = {"sqlite": lambda name: f"sqlite:{folder}/{name}/coreanvil.db", "postgres": of_postgres}
        if "queue" in parts:
            results["queue"] = measure_queue(programs, databases, arguments)
        if "load" in parts:
            results["load"], failed = measure_load(programs, databases, arguments, folder)
        if "lists" in parts:
            results["lists"] = measure_lists(programs, arguments, folder)
    finally:
        if postgres is not None:
            postgres.remove()
        shutil.rmtree(folder, ignore_errors=True)
    if arguments.short:
        if failed:
            raise SystemExit("error: 5xx, no answer, or a lost job")
        return None
    os.makedirs(os.path.dirname(RESULTS), exist_ok=True)
    with open(RESULTS, "w") as f:
        json.dump(results, f, indent=1, sort_keys=True)
        f.write("\n")
    if {"queue", "lists", "load"} <= results.keys():
        write_table(False)
        missed = misses(results)
        print("\n".join(["missed: " + miss for miss in missed]) or "all goals are met")
        sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
