#!/usr/bin/env python3
"""Two servers, four workers, one Postgres, one S3 store, and everything goes wrong; then the database's history is read.

    tests/chaos/fleet.py --bin target/debug/coreanvil --python TOOLS_PYTHON [--jobs 500] [--seconds N] [--seed N] [--keep]

While clients submit, cancel, follow events, upload, read and download through both servers, workers and servers are killed (SIGKILL),
paused beyond their lease (SIGSTOP), restarted; Postgres is crashed twice and loses single sessions, a transaction stays
open; S3 (and now and then Postgres) is behind a proxy that answers errors, loses answers, resets and falls silent. What
must hold is in invariants.py. It also fails when no faults happened. TOOLS_PYTHON is what tests/tools/setup-tools.sh prints.
"""
import argparse
import glob
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from clients import Clients
from invariants import RECORD, Check
from machines import Member, Postgres, Proxy, free_port, s3_server, start

FAULTS = dict(error=0.06, lost_answer=0.02, stall=0.004, reset=0.004, latency_ms=10, jitter_ms=120)
DATABASE_FAULTS = dict(reset=0.0005)
LEASE_SECONDS = 3


class Fleet:
    def __init__(self, arguments, folder, seed):
        self.arguments, self.folder, self.random = arguments, folder, random.Random(seed)
        self.faults, self.did = [], dict.fromkeys(("worker_kills", "server_kills", "pauses", "orderly_stops", "postgres_crashes", "sessions_cut", "starts_refused"), 0)
        self.log = open(os.path.join(folder, "tools.log"), "w")
        self.postgres = Postgres(tempfile.mktemp(prefix="coreanvil-fleet-", dir="/dev/shm" if os.path.isdir("/dev/shm") else "/tmp"))
        self.s3, self.s3_url = s3_server(arguments.python, "models", self.log)
        self.s3_proxy = Proxy(int(self.s3_url.rsplit(":", 1)[1]), seed)
        self.database_proxy = Proxy(self.postgres.port, seed + 1)
        binary = os.path.abspath(arguments.bin)
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("COREANVIL_", "AWS_"))}
        token = subprocess.run([binary, "token", "generate"], capture_output=True, text=True, check=True, env=clean, cwd=folder).stdout.split()[-1]
        environment = dict(
            clean, COREANVIL_AUTH__FIRST_TOKEN=token, COREANVIL_OBJECTS__URL="s3://models/fleet", COREANVIL_WORKER__LEASE_SECONDS=str(LEASE_SECONDS),
            COREANVIL_WORKER__HEARTBEAT_SECONDS="1", COREANVIL_WORKER__POLL_MS="200", COREANVIL_WORKER__CONCURRENCY="2", COREANVIL_WORKER__THREADS="2",
            COREANVIL_LOG__FILTER="info", AWS_ENDPOINT=f"http://127.0.0.1:{self.s3_proxy.port}", AWS_ALLOW_HTTP="true", AWS_REGION="us-east-1",
            AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_TIMEOUT="5 s", AWS_VIRTUAL_HOSTED_STYLE_REQUEST="false")
        database = f"postgres://ROLE@127.0.0.1:{self.database_proxy.port}/postgres"
        ports = [free_port(), free_port()]
        self.servers = [Member(binary, f"server{n}", folder, dict(environment, COREANVIL_SERVER__LISTEN=f"127.0.0.1:{port}"), ["serve", "--no-worker"], database)
                        for n, port in enumerate(ports, 1)]
        self.workers = [Member(binary, f"worker{n}", folder, environment, ["worker"], database) for n in range(1, 5)]
        self.clients = Clients([f"127.0.0.1:{port}" for port in ports], token, seed, self.fault, arguments)
        subprocess.run([binary, "migrate"], env=dict(environment, COREANVIL_DATABASE__URL=self.postgres.url, COREANVIL_DATA__FOLDER=os.path.join(folder, "migrate")),
                       cwd=folder, check=True, stdout=self.log, stderr=self.log)
        self.postgres.execute(RECORD)

    def fault(self, text):
        self.faults.append(text)
        if len(self.faults) <= 60:
            print("FAULT", text, flush=True)

    def storm(self):
        for member in [*self.servers, *self.workers]:
            member.start()
        for member in [*self.servers, *self.workers]:
            if not member.await_ready():
                raise SystemExit(f"error: {member.name} did not start: {member.last_words()}")
        self.clients.prepare()
        # A slow store keeps leases held for longer, so that a paused worker has one: without it, most pauses meet an idle worker.
        self.s3_proxy.set(**dict(FAULTS, latency_ms=300 if self.arguments.pauses else FAULTS["latency_ms"]))
        self.database_proxy.set(**DATABASE_FAULTS)
        open_transaction = start([self.postgres.psql, "-qAtX", self.postgres.url, "-c", "begin isolation level repeatable read; select count(*) from jobs; select pg_sleep(40)"],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.clients.begin()
        first = ["stop", "pause", "server", "worker", "pause"]  # also of a short storm
        begin, marks = time.monotonic(), [0.25, 0.5, 0.75]
        deadline = begin + self.arguments.seconds
        while time.monotonic() < deadline and not self.clients.quiet():
            self.revive()
            share = self.clients.share()
            if marks and share > marks[0]:
                self.hurt_postgres(crash=len(marks) != 2)
                marks.pop(0)
            else:
                self.hurt("pause" if self.arguments.pauses else first.pop() if first else self.random.choice(["worker", "worker", "server", "pause", "pause", "stop"]))
            time.sleep(self.random.uniform(1.5, 3.0))
        self.seconds = time.monotonic() - begin
        while marks:  # the storm was short: they happen all the same, with jobs under way
            self.hurt_postgres(crash=len(marks) != 2)
            marks.pop(0)
        open_transaction.kill()
        open_transaction.wait()

    def hurt(self, what):
        if what == "server":
            member = self.random.choice(self.servers)
            member.kill()
            self.did["server_kills"] += 1
            return
        member = self.random.choice([w for w in self.workers if not w.paused and not w.dead()] or self.workers)
        if what == "worker":
            member.kill()
            self.did["worker_kills"] += 1
        elif what == "pause" and sum(w.paused for w in self.workers) < 2 and not member.dead():
            member.signal(19)
            member.paused = time.monotonic() + LEASE_SECONDS + self.random.uniform(1.0, 3.0)
            self.did["pauses"] += 1
        elif what == "stop" and not member.paused and not member.dead():
            member.signal(15)
            self.did["orderly_stops"] += 1

    def revive(self):
        for member in [*self.servers, *self.workers]:
            if member.paused and time.monotonic() > member.paused:
                member.signal(18)
                member.paused = False
            if member.dead():
                # a start while Postgres is away is refused, as by systemd it is tried again
                self.did["starts_refused"] += not member.ready.is_set()
                member.start()

    def hurt_postgres(self, crash):
        if crash:
            self.postgres.do("crash")
            time.sleep(self.random.uniform(0.2, 1.5))
            self.postgres.do("start")
            self.did["postgres_crashes"] += 1
        else:
            sessions = self.postgres.execute("select count(pg_terminate_backend(pid)) from pg_stat_activity where usename like 'worker%' or usename like 'server%'")
            self.did["sessions_cut"] += int(sessions)

    def settle(self):
        """The faults end; everything accepted comes to its end."""
        self.s3_counts, self.database_counts = self.s3_proxy.set(heal=True), self.database_proxy.set(heal=True)
        deadline = time.monotonic() + 240
        while True:
            self.revive()
            open_jobs = self.postgres.rows("select id, state, run_after, attempts from jobs where state in ('queued', 'running') limit 5")
            if (not open_jobs and self.clients.quiet()) or time.monotonic() > deadline:
                break
            time.sleep(0.5)
        self.clients.end()
        for job in open_jobs:
            self.fault(f"end: {job} after {240} s of quiet")
        for member in self.servers:
            if not member.await_ready():
                self.fault(f"end: {member.name} is not there")

    def judge(self):
        check = Check(self.postgres, self.fault)
        check.downloads(self.clients.get, self.clients.uploaded)
        for member in [*self.servers, *self.workers]:
            member.await_ready()
            status = member.stop()
            if status != 0:
                self.fault(f"end: {member.name} was asked to stop and ended with {status}")
            for line in member.complaints():
                self.fault(f"log: {line}")
            left = [path for path in glob.glob(os.path.join(member.folder, "data", "scratch", "**"), recursive=True) if os.path.isfile(path) and not path.endswith("lock")]
            if left:
                self.fault(f"store: {member.name} left {left[:3]}")
        check.all(self.clients.accepted, self.clients.ended, self.clients.followed)
        check.store(self.s3_url, "models")
        found = dict(check.found)
        refused = self.postgres.rows("select error::jsonb->>'code' code, count(*) n from jobs where state = 'failed' group by 1")
        print("did:", self.did)
        print("S3 proxy:", {k: self.s3_counts[k] for k in ("connections", "errors", "lost_answers", "resets", "stalls")}, " Postgres proxy:", {k: self.database_counts[k] for k in ("connections", "resets")})
        print("clients:", dict(sorted(self.clients.count.items())))
        print("history:", dict(sorted(found.items())), " failed by code:", {row["code"]: row["n"] for row in refused})
        for row in refused:
            if row["code"] not in ("poison", "unavailable", "internal"):
                self.fault(f"end: {row['n']} jobs failed with {row['code']}")
        # a storm without faults proves nothing
        happened = dict(kills=self.did["worker_kills"] and self.did["server_kills"], pauses=self.did["pauses"], crashes=self.did["postgres_crashes"] >= 2,
                        s3=self.s3_counts["errors"] and self.s3_counts["lost_answers"] and self.s3_counts["resets"], lost=found.get("attempt_lost"),
                        stale=found.get("stale_writes"), resent=self.clients.count["resent"], cancelled=found.get("job_cancelled"), effects=found.get("effects"),
                        streams=found.get("streams_to_the_end"), resumed=self.clients.count["streams_resumed"])
        for what, number in happened.items():
            if not number:
                self.fault(f"nothing: {what}: it did not happen, so nothing was proved")

    def end(self):
        self.clients.end()
        for member in [*self.servers, *self.workers]:
            if member.process is not None and not member.dead():
                member.kill()
        for process in (self.s3, self.s3_proxy.process, self.database_proxy.process):
            process.kill()
            process.wait()
        self.postgres.remove()


def sweep_leftovers():
    """Folders of an earlier run of ours that was killed."""
    for folder in glob.glob(os.path.join(tempfile.gettempdir(), "coreanvil-fleet-run-*")):
        try:
            with open(os.path.join(folder, "pid")) as f:
                os.kill(int(f.read()), 0)
        except ProcessLookupError:
            shutil.rmtree(folder, ignore_errors=True)
        except (OSError, ValueError):
            pass


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--python", default=os.environ.get("TOOLS_PYTHON", sys.executable))
    parser.add_argument("--jobs", type=int, default=500)
    parser.add_argument("--rate", type=float, default=4.0, help="jobs submitted a second")
    parser.add_argument("--seconds", type=float, default=900, help="most seconds of storm")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--pauses", action="store_true", help="of machines, only pause workers: what a missing fence is seen by")
    parser.add_argument("--keep", action="store_true", help="keep the folder")
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else random.SystemRandom().getrandbits(24)
    sweep_leftovers()
    folder = tempfile.mkdtemp(prefix="coreanvil-fleet-run-")
    with open(os.path.join(folder, "pid"), "w") as f:
        f.write(str(os.getpid()))
    print(f"seed {seed}, {arguments.jobs} jobs, {folder}", flush=True)
    begin = time.monotonic()
    fleet = Fleet(arguments, folder, seed)
    try:
        fleet.storm()
        fleet.settle()
        fleet.judge()
    finally:
        fleet.end()
        if fleet.faults or arguments.keep:
            print(f"kept {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{fleet.seconds:.0f} s of storm, {time.monotonic() - begin:.0f} s in all")
    print(f"{len(fleet.clients.accepted)} passed, {len(fleet.faults)} failed")
    sys.exit(1 if fleet.faults or not fleet.clients.accepted else 0)


if __name__ == "__main__":
    main()
