#!/usr/bin/env python3
"""Back up while jobs run, destroy, restore: every revision downloads with its hash, unfinished jobs run to their end.

    tests/backup/run.py --bin target/debug/coreanvil [--postgres URL] [--s3-python PYTHON]

Three ways: SQLite and local files into the same; Postgres and S3 (moto) into the same; SQLite and local files into Postgres
and S3. Also: a second backup brings only what is new; --keep removes what no backup names; a database that is not empty is
refused; a damaged row file, a damaged object and a missing one are told; a restore that was killed is seen by `serve`, and
run again it ends well. A part without its Postgres or S3 is a failure.
"""
import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "upgrade"))
from service import Service, clean, package_zip  # noqa: E402

faults, checks = [], 0


def check(holds, what):
    global checks
    checks += 1
    if not holds:
        faults.append(what)


def run(binary, folder, environment, *arguments):
    return subprocess.run([binary, *arguments], cwd=folder, env=clean(environment), capture_output=True, text=True, timeout=120)


def done(binary, folder, environment, *arguments):
    result = run(binary, folder, environment, *arguments, "--json")
    if result.returncode != 0:
        raise SystemExit(f"error: {' '.join(arguments)}: {result.returncode}: {result.stderr}")
    return json.loads(result.stdout)


def fill(service):
    """Models, revisions and jobs; what must be there afterwards."""
    known = {}
    for model, package in {"gestures": "mlp_fp32", "counter": "tied"}.items():
        revision = service.expect(201, "POST", f"/models/{model}/revisions?tag=branch:main", package_zip(package), {"Content-Type": "application/zip"}, create=model)
        known[model] = revision["id"]
    job = service.expect(202, "POST", "/jobs", {"kind": "compress", "revision": known["gestures"], "recipe": "int8"})
    made = service.ended(job["id"])["result"]["revision_id"]
    service.expect((200, 201), "PUT", "/models/gestures/aliases/prod", {"revision": made})
    jobs = [service.expect(202, "POST", "/jobs", {"kind": "compress", "revision": known["gestures"], "recipe": recipe})["id"]
            for recipe in ("palettize-8", "palettize-6", "palettize-4", "palettize-2", "palettize-1", "prune-50")]
    packages = {}
    for revision in [*known.values(), made]:
        packages[revision] = hashlib.sha256(service.expect(200, "GET", f"/revisions/{revision}/package")).hexdigest()
    return {"packages": packages, "jobs": jobs, "prod": made}


def whole(service, said, where):
    """Everything that was there is there."""
    for revision, sha256 in said["packages"].items():
        content = service.expect(200, "GET", f"/revisions/{revision}/package")
        check(hashlib.sha256(content).hexdigest() == sha256, f"{where}: revision {revision} downloads otherwise")
    alias = service.expect(200, "GET", "/models/gestures/aliases/prod")
    check(said["prod"] in json.dumps(alias), f"{where}: the alias names {alias}")
    for job in said["jobs"]:
        ended = service.ended(job)
        check(ended["state"] == "succeeded", f"{where}: job {job}: {ended['state']}: {ended['error']}")


def way(name, binary, before, after, destroy):
    """One way through: fill and back up `before`, destroy it, restore into `after`."""
    folder = tempfile.mkdtemp(prefix="coreanvil-backup-")
    to = os.path.join(folder, "backups")
    lease = {"COREANVIL_WORKER__LEASE_SECONDS": "3", "COREANVIL_WORKER__HEARTBEAT_SECONDS": "1", "COREANVIL_WORKER__CONCURRENCY": "1"}
    place = lambda environment, data: {"COREANVIL_DATA__FOLDER": os.path.join(folder, data), **lease, **environment}
    old, new = place(before, "old"), place(after, "new")
    service = None
    try:
        service = Service(binary, folder, ["serve"], old)
        said, token = fill(service), service.token
        first = done(binary, folder, old, "backup", to)
        check(first["new_objects"] == first["manifest"]["objects"] > 0, f"{name}: the first backup brought {first['new_objects']}")
        second = done(binary, folder, old, "backup", to, "--keep", "1")
        check(second["new_objects"] <= second["manifest"]["objects"] - first["manifest"]["objects"], f"{name}: the second backup brought {second['new_objects']}")
        check(second["removed_snapshots"] == 1 and os.listdir(os.path.join(to, "snapshots")) == [second["snapshot"]], f"{name}: --keep left {os.listdir(os.path.join(to, 'snapshots'))}")
        unfinished = sum(1 for job in said["jobs"] if service.expect(200, "GET", f"/jobs/{job}")["finished_at"] is None)
        refused = run(binary, folder, old, "restore", to)
        check(refused.returncode == 2 and "not empty" in refused.stderr, f"{name}: a full database: {refused.returncode} {refused.stderr}")
        service.kill()
        destroy()
        shutil.rmtree(os.path.join(folder, "old"))
        restored = done(binary, folder, new, "restore", to)
        check(restored["new_objects"] == second["manifest"]["objects"], f"{name}: the restore brought {restored['new_objects']}")
        service = Service(binary, folder, ["serve"], new, token=token)
        whole(service, said, name)
        check(service.stop() == 0, f"{name}: it did not stop well")
        again = done(binary, folder, new, "restore", to, "--force")
        check(again["new_objects"] == 0, f"{name}: the second restore brought {again['new_objects']}")
        service = Service(binary, folder, ["serve"], new, token=token)
        whole(service, said, f"{name}, a second time")
        service.stop()
        print(f"{name}: {restored['manifest']['objects']} objects, {sum(t['rows'] for t in restored['manifest']['tables'])} rows, {unfinished} jobs unfinished at the end", flush=True)
        if name == "sqlite":
            damage(binary, folder, new, to)
    except (SystemExit, subprocess.SubprocessError, OSError) as error:
        faults.append(f"{name}: {error}")
    finally:
        if service is not None and service.process.poll() is None:
            service.kill()
        shutil.rmtree(folder, ignore_errors=True)


def damage(binary, folder, environment, to):
    """What a backup that is not what it was says; and a restore that was cut short."""
    snapshot = os.path.join(to, "snapshots", os.listdir(os.path.join(to, "snapshots"))[0])
    fresh = {**environment, "COREANVIL_DATA__FOLDER": os.path.join(folder, "fresh")}

    def refused(what, status, word):
        result = run(binary, folder, fresh, "restore", to)
        check(result.returncode == status and word in result.stderr, f"{what}: {result.returncode} {result.stderr}")

    rows = os.path.join(snapshot, "rows.jsonl")
    content = open(rows).read()
    open(rows, "w").write(content.replace("gestures", "gesturez"))
    refused("a changed row", 3, "damaged backup")
    open(rows, "w").write(content)
    digest = open(os.path.join(snapshot, "objects.txt")).readline().split()[0]
    path = os.path.join(to, "objects", "sha256", digest[:2], digest)
    bytes_ = open(path, "rb").read()
    os.unlink(path)  # a link to what the service has
    open(path, "wb").write(bytes_[:-1] + bytes([bytes_[-1] ^ 1]))
    refused("a changed object", 3, "damaged object")
    os.unlink(path)
    refused("a missing object", 3, "is not there")
    # Cut short: the mark is there, nothing starts, the next restore is content without --force.
    result = run(binary, folder, fresh, "serve", "--listen", "127.0.0.1:0")
    check(result.returncode == 7 and "restore" in result.stderr, f"serve on half a restore: {result.returncode} {result.stderr}")
    open(path, "wb").write(bytes_)
    done(binary, folder, fresh, "restore", to)
    check(run(binary, folder, fresh, "migrate").returncode == 0, "the mark stayed")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--postgres", default=os.environ.get("COREANVIL_TEST_POSTGRES_URL"))
    parser.add_argument("--s3-python", default=os.environ.get("TOOLS_PYTHON"))
    arguments = parser.parse_args()
    binary = os.path.abspath(arguments.bin)
    begin = time.monotonic()
    way("sqlite", binary, {}, {}, lambda: None)
    if not arguments.postgres or not arguments.s3_python:
        faults.append("postgres and S3: not given")
    else:
        names = [f"backup_{os.getpid()}_{number}" for number in range(3)]
        psql = lambda *commands: subprocess.run(["psql", "-qX", arguments.postgres, *[part for command in commands for part in ("-c", command)]], check=True, capture_output=True)
        psql(*[f"create database {name}" for name in names])
        url = lambda name: re.sub(r"/[^/]*$", f"/{name}", arguments.postgres)
        s3 = subprocess.Popen([arguments.s3_python, os.path.join(HERE, "..", "tools", "s3-temp.py"), "--bucket", "one", "--bucket", "two", "--bucket", "three"], stdout=subprocess.PIPE, text=True)
        try:
            said = json.loads(s3.stdout.readline())
            cloud = lambda name, bucket: {"COREANVIL_DATABASE__URL": url(name), "COREANVIL_OBJECTS__URL": f"s3://{bucket}/here", "AWS_ENDPOINT": said["url"], "AWS_ALLOW_HTTP": "true",
                                          "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
            way("postgres and S3", binary, cloud(names[0], "one"), cloud(names[1], "two"), lambda: psql(f"drop database {names[0]} with (force)"))
            way("sqlite to postgres and S3", binary, {}, cloud(names[2], "three"), lambda: None)
        except (subprocess.SubprocessError, OSError, ValueError) as error:
            faults.append(f"postgres and S3: {error}")
        finally:
            s3.terminate()
            s3.wait()
            psql(*[f"drop database if exists {name} with (force)" for name in names])
    for fault in faults:
        print(f"error: {fault}")
    print(f"{time.monotonic() - begin:.0f} s")
    print(f"{checks - min(checks, len(faults))} passed, {len(faults)} failed")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
