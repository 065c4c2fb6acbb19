#!/usr/bin/env python3
"""lists.py --bin PATH [--jobs 100000] [--measurements 1000000] [--only sqlite|postgres] [--json FILE] — how long a page of a list takes.

Makes a database of that size on SQLite and on Postgres (rows cloned from what one real job left), starts the server on it
and asks for pages with every filter, at the beginning and deep inside, with a token of everything and one of a project.
Prints milliseconds and fails when a page's 95th percentile is not under 50 ms. Standard library and psql only.
"""
import argparse
import csv
import http.client
import io
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "chaos"))
from machines import Member, Postgres, free_port  # noqa: E402
from run import package_zip  # noqa: E402

LIMIT_MS, RUNS = 50, 20
MODELS, REVISIONS = 40, 2000
METRICS = ["size_bytes", "size_ratio", "snr_db_min", "snr_db_mean", "weights_compressed", "weights_left", "latency_ns", "load_ns", "accuracy", "peak_bytes"]


def v7(ms, n):
    return uuid.UUID(int=(ms << 80) | (7 << 76) | ((n & 0xfff) << 64) | (2 << 62) | (random.getrandbits(62)))


class Sqlite:
    def __init__(self, path):
        self.path = path
        self.url = "sqlite:" + path

    def rows(self, select):
        with sqlite3.connect(self.path) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(select)]

    def insert(self, table, columns, rows):
        with sqlite3.connect(self.path) as connection:
            connection.execute("pragma synchronous = off")
            fit = lambda v: v.bytes if isinstance(v, uuid.UUID) else v
            connection.executemany(f"insert into {table} ({','.join(columns)}) values ({','.join('?' * len(columns))})", ([fit(v) for v in row] for row in rows))

    def done(self):
        with sqlite3.connect(self.path) as connection:
            connection.execute("analyze")

    def remove(self):
        pass


class Psql(Postgres):
    def insert(self, table, columns, rows):
        fit = lambda v: "\\N" if v is None else str(v).lower() if isinstance(v, bool) else v
        process = subprocess.Popen([self.psql, "-qX", "-v", "ON_ERROR_STOP=1", self.url, "-c", f"copy {table} ({','.join(columns)}) from stdin with (format csv, null '\\N')"],
                                   stdin=subprocess.PIPE, text=True)
        writer = csv.writer(process.stdin, lineterminator="\n")
        for row in rows:
            writer.writerow([fit(v) for v in row])
        process.stdin.close()
        if process.wait():
            raise SystemExit(f"error: copy into {table} failed")

    def done(self):
        self.execute("vacuum analyze")


def fill(database, arguments):
    """Many rows like those that one job left."""
    template = {table: database.rows(f"select * from {table} where {where} limit 1")[0] for table, where in
                (("models", "true"), ("revisions", "job_id is not null"), ("jobs", "state = 'succeeded'"), ("measurements", "true"))}
    begin_ms = 1_600_000_000_000
    clone = lambda table, **new: list(dict(template[table], **new).values())
    insert = lambda table, rows: database.insert(table, list(template[table]), rows)
    models = [v7(begin_ms - 10, n) for n in range(MODELS)]
    insert("models", (clone("models", id=m, name=f"m{n}") for n, m in enumerate(models)))
    revisions = [(v7(begin_ms - 5, n), models[n * n % MODELS]) for n in range(REVISIONS)]
    digest = (lambda n: b"%032d" % n) if isinstance(database, Sqlite) else (lambda n: "\\x" + (b"%032d" % n).hex())
    insert("revisions", (clone("revisions", id=r, model_id=m, digest=digest(n), parent_id=None, job_id=None) for n, (r, m) in enumerate(revisions)))
    error = json.dumps({"code": "unavailable", "message": "the object store is not available", "fault": "service", "retryable": True})
    jobs = []

    def job(n):
        dice, ms = n % 200, begin_ms + n * 100
        revision, model = revisions[(n * 7919) % REVISIONS]
        jobs.append((v7(ms, n), revision, model))
        changed = dict(id=jobs[-1][0], revision_id=revision, model_id=model, created_at=ms, queued_at=ms, started_at=ms, finished_at=ms + 50)
        if dice < 10:
            changed.update(state="failed", result=None, report=None, error=error)
        elif dice < 20:
            changed.update(state="cancelled", result=None, report=None, cancel_requested=True)
        elif dice == 20:
            changed.update(state="queued", result=None, report=None, finished_at=None, started_at=None, attempts=0, progress=0.0, run_after=4_000_000_000_000)
        return clone("jobs", **changed)
    insert("jobs", (job(n) for n in range(arguments.jobs)))

    def measurement(n):
        job_id, revision, model = jobs[n % len(jobs)]
        rare = n % 50_000 == 0
        return clone("measurements", id=v7(begin_ms + n * 10, n), job_id=job_id, revision_id=revision, model_id=model, attempt_id=None, created_at=begin_ms + n * 10,
                     metric="rare" if rare else METRICS[n % len(METRICS)], device=f"device-{n % 7}" if n % 3 == 0 else None, compute_unit=["cpu", "gpu", "ne", None][n % 4])
    insert("measurements", (measurement(n) for n in range(arguments.measurements)))
    database.done()
    last = begin_ms + arguments.measurements * 10
    deep = lambda ms: v7(ms, 0)
    return dict(model="m9", revision=str(revisions[7][0]), job=str(jobs[5][0]), deep_job=deep(begin_ms + 200), deep_measurement=deep(begin_ms + 1000),
                frm=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(begin_ms / 1000)), to=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime((begin_ms + last) / 2000)),
                early=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(begin_ms / 1000 + 60)))


def pages(at):
    cursor = lambda id: f"&cursor=c{id.hex}"
    job, measurement = cursor(at["deep_job"]), cursor(at["deep_measurement"])
    for q in ["", "&state=succeeded", "&state=failed", "&state=queued", "&state=running", "&kind=compress", "&kind=benchmark", f"&model={at['model']}", f"&revision={at['revision']}",
              f"&model={at['model']}&state=failed", f"&model={at['model']}&kind=benchmark", "&state=succeeded&kind=search", job, "&state=succeeded" + job, f"&model={at['model']}{job}", "&kind=compress" + job]:
        yield "/jobs?limit=50" + q
    for q in ["", "&metric=accuracy", "&metric=rare", "&metric=none", f"&model={at['model']}", f"&model={at['model']}&metric=rare", f"&revision={at['revision']}", f"&revision={at['revision']}&metric=latency_ns",
              f"&job={at['job']}", "&device=device-3", "&device=none", "&compute_unit=cpu", "&compute_unit=none", f"&device=device-3&metric=rare", f"&from={at['frm']}", f"&to={at['early']}", f"&from={at['frm']}&to={at['to']}", f"&to={at['early']}&metric=accuracy", measurement, "&metric=accuracy" + measurement]:
        yield "/measurements?limit=50" + q
    yield "/models?limit=50"
    yield f"/models/{at['model']}/revisions?limit=50"
    yield f"/models/{at['model']}/revisions?limit=50&tag=a:b"


def call(connection, token, path, method="GET", body=None, kind="application/json"):
    connection.request(method, "/api/v1" + path, body, {"Authorization": f"Bearer {token}", "Content-Type": kind})
    answer = connection.getresponse()
    return answer.status, answer.read()


def measure(name, database, arguments, folder):
    port = free_port()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("COREANVIL_")}
    token = subprocess.run([arguments.bin, "token", "generate"], capture_output=True, text=True, check=True, env=environment, cwd=folder).stdout.split()[-1]
    environment.update(COREANVIL_AUTH__FIRST_TOKEN=token, COREANVIL_SERVER__LISTEN=f"127.0.0.1:{port}", COREANVIL_LOG__FILTER="warn")
    member = Member(arguments.bin, name, folder, environment, ["serve"], database.url)
    worst = []
    try:
        member.start()
        if not member.await_ready():
            raise SystemExit(f"error: the server did not start: see {member.folder}")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        call(connection, token, "/models", "POST", json.dumps({"name": "seed"}))
        status, revision = call(connection, token, "/models/seed/revisions", "POST", package_zip("mnist_cnn", 1), "application/zip")
        status, job = call(connection, token, "/jobs", "POST", json.dumps({"kind": "compress", "revision": json.loads(revision)["id"], "recipe": "int8"}))
        job = json.loads(job)
        while job["state"] not in ("succeeded", "failed"):
            job = json.loads(call(connection, token, f"/jobs/{job['id']}?wait=30")[1])
        begin = time.monotonic()
        at = fill(database, arguments)
        print(f"{name}: filled in {time.monotonic() - begin:.0f} s", flush=True)
        connection.close()  # it idled for too long
        status, answer = call(connection, token, "/tokens", "POST", json.dumps({"name": "p", "scope": "reader", "project": "default"}))
        of_project = json.loads(answer)["secret"] if status == 201 else None
        for who, secret in (("all", token), ("project", of_project)):
            if secret is None:
                raise SystemExit(f"error: POST /tokens: {status} {answer[:300]}")
            for path in pages(at):
                took = []
                for _ in range(RUNS):
                    begin = time.perf_counter()
                    status, answer = call(connection, secret, path)
                    took.append((time.perf_counter() - begin) * 1000)
                    if status != 200:
                        raise SystemExit(f"error: {path}: {status} {answer[:300]}")
                    if took[-1] > 2000:
                        break
                took.sort()
                p50, p95 = took[len(took) // 2], took[int(len(took) * 0.95) - 1 if len(took) > 1 else 0]
                worst.append((p95, p50, who, path, len(json.loads(answer)["items"])))
    finally:
        if member.process is not None:
            member.stop()
    worst.sort(reverse=True)
    for p95, p50, who, path, items in worst[:12]:
        print(f"{name:9} {who:8} p50 {p50:8.1f} ms  p95 {p95:8.1f} ms  {items:3} items  {path}", flush=True)
    bad = sum(p95 >= LIMIT_MS for p95, *_ in worst)
    middle = sorted(p50 for _, p50, *_ in worst)[len(worst) // 2]
    print(f"{name}: {len(worst)} pages, median {middle:.1f} ms, worst p95 {worst[0][0]:.1f} ms, {bad} not under {LIMIT_MS} ms", flush=True)
    return dict(database=name, pages=len(worst), slow=bad, median_ms=round(middle, 2), worst_p50_ms=round(max(p50 for _, p50, *_ in worst), 2),
                worst_p95_ms=round(worst[0][0], 2), jobs=arguments.jobs, measurements=arguments.measurements)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--jobs", type=int, default=100_000)
    parser.add_argument("--measurements", type=int, default=1_000_000)
    parser.add_argument("--only", choices=["sqlite", "postgres"])
    parser.add_argument("--json", help="file to write the figures to")
    arguments = parser.parse_args()
    arguments.bin = os.path.abspath(arguments.bin)
    figures = []
    for name in ("sqlite", "postgres"):
        if arguments.only not in (None, name):
            continue
        folder = tempfile.mkdtemp(prefix="coreanvil-lists-")
        database = Sqlite(os.path.join(folder, "lists.db")) if name == "sqlite" else Psql(tempfile.mktemp(prefix="coreanvil-lists-", dir="/dev/shm" if os.path.isdir("/dev/shm") else "/tmp"))
        try:
            figures.append(measure(name, database, arguments, folder))
        finally:
            database.remove()
            shutil.rmtree(folder, ignore_errors=True)
    if arguments.json:
        with open(arguments.json, "w") as file:
            json.dump(figures, file)
    pages_done, bad = sum(one["pages"] for one in figures), sum(one["slow"] for one in figures)
    print(f"{pages_done - bad} passed, {bad} failed")
    sys.exit(1 if bad or not pages_done else 0)


if __name__ == "__main__":
    main()
