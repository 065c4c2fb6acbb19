#!/usr/bin/env python3
"""Makes the dumps of this folder with a binary of the version that is to be upgraded from.

    tests/upgrade/make.py --bin OLD/coreanvil --postgres URL

For SQLite and for Postgres it fills a database through the old binary's own API: models, revisions (uploaded and
compressed), aliases, tags, tokens, an idempotency key, measurements and jobs in every state; one worker is killed in
mid-job. Then it writes DATABASE.sql (the rows), DATABASE.json (what the old version answered about them, which the new
one must answer as well) and objects/ (the bytes, by their SHA-256; the same for both). Standard library, psql and pg_dump.
"""
import argparse
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from service import Service, package_zip  # noqa: E402

# Small packages: each revision's objects are kept in the repository.
MODELS = {"gestures": "mlp_fp32", "counter": "tied", "digits": "control_flow"}


def fill(binary, folder, environment):
    """A database in all its variety; what the API says of it at the end."""
    said = {"token": None, "idempotency": None, "packages": {}}
    service = Service(binary, folder, ["serve", "--no-worker"], environment)
    said["token"] = service.token
    revisions = {}
    for model, package in MODELS.items():
        revisions[model] = service.expect(201, "POST", f"/models/{model}/revisions?tag=branch:main&tag=commit:0a1b2c",
                                          package_zip(package), {"Content-Type": "application/zip"}, create=model)
    service.expect(200, "PATCH", "/models/digits", {"description": "recognises digits: 数字"})
    service.expect(200, "PATCH", f"/revisions/{revisions['counter']['id']}", {"notes": "with a 'quote' and a\nline"})
    service.expect(201, "POST", "/tokens", {"name": "ci", "scope": "writer"})
    revoked = service.expect(201, "POST", "/tokens", {"name": "old laptop", "scope": "reader"})
    service.expect((200, 204), "DELETE", f"/tokens/{revoked['id']}")

    def submit(model, recipe, headers=None):
        return service.expect(202, "POST", "/jobs", {"kind": "compress", "revision": revisions[model]["id"], "recipe": recipe}, headers)

    body = json.dumps({"kind": "compress", "revision": revisions["gestures"]["id"], "recipe": "int8"})
    first = service.expect(202, "POST", "/jobs", body.encode(), {"Idempotency-Key": "upgrade-1"})
    said["idempotency"] = {"key": "upgrade-1", "body": body, "job": first["id"]}
    succeeded = [first, submit("counter", "palettize-4"), submit("gestures", "palettize-2")]
    with open(os.path.join(HERE, "..", "models", "legacy_glm.mlmodel"), "rb") as f:
        revisions["line"] = service.expect(201, "POST", "/models/line/revisions", f.read(), {"Content-Type": "application/octet-stream"}, create="line")
    failed = submit("line", "int8")  # not a program: this version cannot
    cancelled = submit("digits", "int8")
    service.expect(200, "POST", f"/jobs/{cancelled['id']}/cancel")
    worker = Service(binary, folder, ["worker", "--concurrency", "1"], environment, ready="working")
    for job in succeeded:
        done = service.ended(job["id"])
        assert done["state"] == "succeeded", done
    done = service.ended(failed["id"])
    assert done["state"] == "failed", done
    made = service.expect(200, "GET", f"/jobs/{first['id']}")["result"]["revision_id"]
    service.expect((200, 201), "PUT", "/models/gestures/aliases/prod", {"revision": made})
    service.expect((200, 201), "PUT", "/models/gestures/aliases/candidate", {"revision": revisions["gestures"]["id"]})
    worker.stop()
    killed = None
    while killed is None:  # until a worker was caught in mid-job
        job = submit("counter", {"config_type": "OpPalettizerConfig", "global_config": {"mode": "kmeans", "nbits": 6}})
        worker = Service(binary, folder, ["worker", "--concurrency", "1"], environment, ready="working")
        while service.expect(200, "GET", f"/jobs/{job['id']}")["state"] == "queued":
            pass
        worker.kill()
        if service.expect(200, "GET", f"/jobs/{job['id']}")["state"] == "running":
            killed = job
    queued = [submit("gestures", "palettize-1"), submit("digits", "decompress")]
    said["roles"] = {"killed": killed["id"], "queued": [job["id"] for job in queued], "failed": failed["id"],
                     "cancelled": cancelled["id"], "succeeded": [job["id"] for job in succeeded]}
    said["answers"] = {}
    for path in ["/models?limit=200", "/jobs?limit=200", "/tokens?limit=200", "/measurements?limit=200"]:
        said["answers"][path] = service.expect(200, "GET", path)
    for model in [*MODELS, "line"]:
        for path in [f"/models/{model}", f"/models/{model}/revisions?limit=200", f"/models/{model}/aliases"]:
            said["answers"][path] = service.expect(200, "GET", path)
        for revision in said["answers"][f"/models/{model}/revisions?limit=200"]["items"]:
            path = f"/revisions/{revision['id']}"
            said["answers"][path] = service.expect(200, "GET", path)
            content = service.expect(200, "GET", f"{path}/package")
            said["packages"][revision["id"]] = {"size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    for job in said["answers"]["/jobs?limit=200"]["items"]:
        if job["state"] not in ("queued", "running"):
            for path in [f"/jobs/{job['id']}", f"/jobs/{job['id']}/attempts"]:
                said["answers"][path] = service.expect(200, "GET", path)
    service.stop()
    said["made_at_ms"] = time.time_ns() // 1_000_000
    return said


def keep(said, name, dump):
    with open(os.path.join(HERE, f"{name}.sql"), "w") as f:
        f.write(dump)
    with open(os.path.join(HERE, f"{name}.json"), "w") as f:
        json.dump(said, f, indent=1, sort_keys=True, ensure_ascii=False)
        f.write("\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--postgres", required=True, help="an empty database")
    arguments = parser.parse_args()
    binary = os.path.abspath(arguments.bin)
    objects = os.path.join(HERE, "objects")
    shutil.rmtree(objects, ignore_errors=True)
    for name in ("sqlite", "postgres"):
        folder = tempfile.mkdtemp(prefix="coreanvil-upgrade-")
        data = os.path.join(folder, "data")
        environment = {"COREANVIL_DATA__FOLDER": data}
        if name == "postgres":
            environment["COREANVIL_DATABASE__URL"] = arguments.postgres
        said = fill(binary, folder, environment)
        if name == "sqlite":
            database = sqlite3.connect(os.path.join(data, "coreanvil.db"))
            dump = "\n".join(database.iterdump()) + "\n"
            database.close()
        else:
            dump = subprocess.run(["pg_dump", "--inserts", "--no-owner", "--no-privileges", arguments.postgres],
                                  check=True, capture_output=True, text=True).stdout
            # what a newer pg_dump writes and an older psql does not know
            dump = "".join(line for line in dump.splitlines(True) if not line.startswith(("\\restrict", "\\unrestrict", "SET transaction_timeout")))
        keep(said, name, dump)
        for root, _, files in os.walk(os.path.join(data, "objects", "sha256")):
            for file in files:
                os.makedirs(objects, exist_ok=True)
                shutil.copyfile(os.path.join(root, file), os.path.join(objects, file))
        shutil.rmtree(folder)
        print(f"{name}: {len(said['answers']['/jobs?limit=200']['items'])} jobs, {len(said['packages'])} revisions")
    print(sum(os.path.getsize(os.path.join(objects, f)) for f in os.listdir(objects)), "bytes of objects")


if __name__ == "__main__":
    main()
