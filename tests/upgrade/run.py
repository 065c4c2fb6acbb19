#!/usr/bin/env python3
"""A database that an earlier version wrote, upgraded: nothing is lost, nothing is changed, unfinished jobs end.

    tests/upgrade/run.py --bin target/debug/coreanvil [--postgres URL]

Loads the dumps of this folder (make.py made them) into a fresh SQLite file and a fresh Postgres database, with all moments
moved so that the dump is five minutes old (a queued job is not kept for ever), runs `coreanvil migrate`, and compares
through the API, with the token of then, every answer that the old version gave; downloads every revision and compares its
hash; sends the idempotency key again; then lets a worker run: the queued jobs end, the one that was running when its worker
was killed has a lost attempt and then one that succeeds. Without --postgres that half is a failure.
"""
import argparse
import datetime
import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from service import Service, clean  # noqa: E402

AGE_MS = 5 * 60_000
MOMENT = re.compile(r"(_at|_until|run_after)$")


def load_sqlite(data, delta_ms):
    os.makedirs(data, mode=0o700)
    database = sqlite3.connect(os.path.join(data, "coreanvil.db"))
    with open(os.path.join(HERE, "sqlite.sql")) as f:
        database.executescript(f.read())
    tables = [row[0] for row in database.execute("select name from sqlite_master where type = 'table' and name not like '\\_%' escape '\\'")]
    for table in tables:
        for column in [row[1] for row in database.execute(f"pragma table_info({table})") if MOMENT.search(row[1])]:
            database.execute(f"update {table} set {column} = {column} + {delta_ms}")
    database.commit()
    database.close()
    return {}


def load_postgres(url, delta_ms):
    """In a database of its own, made beside the one named."""
    name = f"upgrade_{os.getpid()}"
    psql = lambda where, *arguments: subprocess.run(["psql", "-qAtX", "-v", "ON_ERROR_STOP=1", where, *arguments], check=True, capture_output=True, text=True).stdout
    psql(url, "-c", f"drop database if exists {name}", "-c", f"create database {name}")
    own = re.sub(r"/[^/]*$", f"/{name}", url)
    psql(own, "-f", os.path.join(HERE, "postgres.sql"))
    columns = psql(own, "-c", "select table_name, column_name from information_schema.columns where table_schema = 'public' and table_name not like '\\_%'")
    for table, column in (line.split("|") for line in columns.split()):
        if MOMENT.search(column):
            psql(own, "-c", f"update {table} set {column} = {column} + {delta_ms}")
    return {"COREANVIL_DATABASE__URL": own}, lambda: psql(url, "-c", f"drop database {name} with (force)")


def moved(moment, delta_ms):
    """An RFC 3339 moment, so many milliseconds later."""
    at = datetime.datetime.fromisoformat(moment.replace("Z", "+00:00")) + datetime.timedelta(milliseconds=delta_ms)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"


def differences(old, new, delta_ms, where):
    """What the old answer says and the new one does not; what is new in the new one is welcome."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key, value in old.items():
            if key not in new:
                yield f"{where}/{key}: is gone"
            else:
                yield from differences(value, new[key], delta_ms, f"{where}/{key}")
    elif isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            yield f"{where}: {len(old)} before, {len(new)} now"
        for index, (a, b) in enumerate(zip(old, new)):
            yield from differences(a, b, delta_ms, f"{where}/{index}")
    elif isinstance(old, str) and where.endswith("_at"):
        if moved(old, delta_ms) != new:
            yield f"{where}: {moved(old, delta_ms)} before, {new} now"
    elif old != new and not where.endswith("next_cursor"):
        yield f"{where}: {old!r} before, {new!r} now"


def upgrade(binary, name, url):
    with open(os.path.join(HERE, f"{name}.json")) as f:
        said = json.load(f)
    delta_ms = time.time_ns() // 1_000_000 - said["made_at_ms"] - AGE_MS
    folder = tempfile.mkdtemp(prefix="coreanvil-upgrade-")
    drop = lambda: None
    faults, checks = [], 0
    service = None

    def check(holds, what):
        nonlocal checks
        checks += 1
        if not holds:
            faults.append(f"{name}: {what}")

    try:
        data = os.path.join(folder, "data")
        environment = {"COREANVIL_DATA__FOLDER": data, "COREANVIL_WORKER__LEASE_SECONDS": "3", "COREANVIL_WORKER__HEARTBEAT_SECONDS": "1"}
        if name == "sqlite":
            environment.update(load_sqlite(data, delta_ms))
        else:
            os.makedirs(data, mode=0o700)
            more, drop = load_postgres(url, delta_ms)
            environment.update(more)
        for digest in os.listdir(os.path.join(HERE, "objects")):
            shard = os.path.join(data, "objects", "sha256", digest[:2])
            os.makedirs(shard, exist_ok=True)
            shutil.copyfile(os.path.join(HERE, "objects", digest), os.path.join(shard, digest))
        done = subprocess.run([binary, "migrate", "--json"], cwd=folder, env=clean(environment), capture_output=True, text=True)
        check(done.returncode == 0 and json.loads(done.stdout)["up_to_date"], f"migrate: {done}")
        service = Service(binary, folder, ["serve", "--no-worker"], environment, token=said["token"])
        for path, answer in said["answers"].items():
            found = list(differences(answer, service.expect(200, "GET", path), delta_ms, path))
            # the job of the killed worker may have been taken back already
            found = [line for line in found if "last_used_at" not in line and not re.search(r"'running' before, 'queued' now", line)]
            check(not found, "; ".join(found[:5]))
        for revision, package in said["packages"].items():
            content = service.expect(200, "GET", f"/revisions/{revision}/package")
            check((len(content), hashlib.sha256(content).hexdigest()) == (package["size_bytes"], package["sha256"]), f"revision {revision} downloads otherwise")
        key = said["idempotency"]
        again = service.expect(202, "POST", "/jobs", key["body"].encode(), {"Idempotency-Key": key["key"]})
        check(again["id"] == key["job"], f"the idempotency key made another job: {again['id']}")
        service.stop()

        service = Service(binary, folder, ["serve"], environment, token=said["token"])
        roles = said["roles"]
        for job in [*roles["queued"], roles["killed"]]:
            ended = service.ended(job)
            check(ended["state"] == "succeeded", f"job {job}: {ended['state']}: {ended['error']}")
        states = lambda job: [row["state"] for row in service.expect(200, "GET", f"/jobs/{job}/attempts")["items"]]
        for job in roles["queued"]:
            check(states(job) == ["succeeded"], f"job {job}: {states(job)}")
        check(states(roles["killed"]) == ["lost", "succeeded"], f"the killed job: {states(roles['killed'])}")
        for state in ("failed", "cancelled"):
            check(service.expect(200, "GET", f"/jobs/{roles[state]}")["state"] == state, f"the {state} job changed")
        check(service.stop() == 0, "it did not stop well")
        service = None
    except (SystemExit, subprocess.SubprocessError, OSError) as error:
        log = os.path.join(folder, "log")
        faults.append(f"{name}: {error} {open(log).read()[-2000:] if os.path.exists(log) else ''}")
    finally:
        if service is not None and service.process.poll() is None:
            service.kill()
        drop()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{name}: {len(said['answers'])} answers, {len(said['packages'])} packages, {len(said['answers']['/jobs?limit=200']['items'])} jobs: {len(faults)} faults", flush=True)
    return checks, faults


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--postgres", default=os.environ.get("COREANVIL_TEST_POSTGRES_URL"))
    arguments = parser.parse_args()
    binary = os.path.abspath(arguments.bin)
    checks, faults = upgrade(binary, "sqlite", None)
    if arguments.postgres:
        more, wrong = upgrade(binary, "postgres", arguments.postgres)
        checks, faults = checks + more, faults + wrong
    else:
        faults.append("postgres: no URL was given")
    for fault in faults:
        print(f"error: {fault}")
    print(f"{checks - min(checks, len(faults))} passed, {len(faults)} failed")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
