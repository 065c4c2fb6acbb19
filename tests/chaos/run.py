#!/usr/bin/env python3
"""Kills the service with SIGKILL at random moments, in mid-job and in mid-upload, and shows that nothing is lost or half done.

    tests/chaos/run.py --bin target/debug/coreanvil [--rounds 5] [--seed N] [--keep]

Each round starts the service on the same folder, submits jobs and uploads packages (slowly, so that the kill comes in
the middle), and kills it. After each restart, and at the end when all is quiet, it asks the database and walks the store:

 accepted   every job that was answered with 202 is there; one that had ended is unchanged
 once       a finished job has exactly one end: one time, at most one successful attempt, at most one new revision
 whole      every file of every revision is in the store with its length and SHA-256; every object is what its name says
 visible    a revision is there exactly if it was answered, or if its upload had come to the end; each downloads whole
 tidy       at the end no spooled upload and no package in work is left

At the end every job must have ended. Python's standard library only. The random seed is printed; what it starts, it ends
by its process id.
"""
import argparse
import glob
import hashlib
import http.client
import io
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import uuid
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
MODELS = os.path.join(HERE, "..", "models")
PACKAGES = ["mnist_cnn", "mlp_fp32", "basic_pitch"]
RECIPES = ["int8", "palettize-4", "palettize-6", "prune-50", "palettize-8"]
FINAL = ("succeeded", "failed", "cancelled")


def package_zip(name, variant):
    """A zip of a package; every variant has another digest, since its manifest has another identifier."""
    top = os.path.join(MODELS, name + ".mlpackage")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for folder, folders, names in os.walk(top):
            folders.sort()
            for file in sorted(names):
                full = os.path.join(folder, file)
                with open(full, "rb") as f:
                    content = f.read()
                if file == "Manifest.json":
                    manifest = json.loads(content)
                    root = manifest["rootModelIdentifier"]
                    content = json.dumps(manifest).replace(root, str(uuid.UUID(int=variant)).upper()).encode()
                entry = zipfile.ZipInfo(f"{name}.mlpackage/" + os.path.relpath(full, top), (1980, 1, 1, 0, 0, 0))
                archive.writestr(entry, content)
    return buffer.getvalue()


class Service:
    """One life of the server."""

    def __init__(self, binary, folder, token):
        clean = {k: v for k, v in os.environ.items() if not k.startswith("COREANVIL_")}
        clean.update(
            COREANVIL_DATA__FOLDER=os.path.join(folder, "data"), COREANVIL_SERVER__LISTEN="127.0.0.1:0",
            COREANVIL_WORKER__LEASE_SECONDS="3", COREANVIL_WORKER__HEARTBEAT_SECONDS="1",
            COREANVIL_WORKER__POLL_MS="50", COREANVIL_WORKER__CONCURRENCY="2", COREANVIL_LOG__FILTER="info")
        self.log = open(os.path.join(folder, "log"), "a")
        self.process = subprocess.Popen([binary, "serve"], cwd=folder, env=clean, stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.token, self.url = token, None
        deadline = time.monotonic() + 60
        while (self.token is None or self.url is None) and time.monotonic() < deadline:
            line = self.process.stdout.readline()
            if not line:
                break
            self.token = self.token or (re.findall(r"\bca_[A-Za-z0-9_]+", line) or [None])[0]
            self.url = self.url or (re.findall(r"http://(127\.0\.0\.1:\d+)", line) or [None])[0]
        if self.token is None or self.url is None:
            self.kill()
            raise SystemExit(f"error: serve: no token and address on standard output; see {folder}/log")
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def call(self, method, path, body=None, headers=None, timeout=60):
        """Status and JSON (or bytes), or (None, None) when the server is gone."""
        request = urllib.request.Request(f"http://{self.url}/api/v1{path}", method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", **(headers or {})})
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                content = answer.read()
                return answer.status, json.loads(content) if "json" in answer.headers.get("Content-Type", "") else content
        except urllib.error.HTTPError as error:
            return error.code, error.read()[:300]
        except (OSError, http.client.HTTPException, ValueError):
            return None, None

    def upload(self, model, content, seconds):
        """Sends a package over so many seconds; what the server answered, or (None, None)."""
        pieces = 40
        size = -(-len(content) // pieces)
        try:
            connection = http.client.HTTPConnection(self.url, timeout=60)
            connection.putrequest("POST", f"/api/v1/models/{model}/revisions")
            connection.putheader("Authorization", f"Bearer {self.token}")
            connection.putheader("Content-Type", "application/zip")
            connection.putheader("Content-Length", str(len(content)))
            connection.endheaders()
            for at in range(0, len(content), size):
                connection.send(content[at:at + size])
                time.sleep(seconds / pieces)
            answer = connection.getresponse()
            body = answer.read()
            return answer.status, json.loads(body)
        except (OSError, http.client.HTTPException, ValueError):
            return None, None

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.log.close()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.kill()
            status = "killed: it did not stop within 60 s"
        self.log.close()
        return status


class Chaos:
    def __init__(self, binary, folder, seed):
        self.binary, self.folder, self.random = binary, folder, random.Random(seed)
        self.token = None
        self.accepted, self.keys, self.ended, self.uploaded = {}, {}, {}, {}
        self.begun, self.variant, self.faults = set(), 0, []
        self.counts = dict(kills=0, mid_job=0, mid_upload=0, checks=0, resent=0)
        self.lock = threading.Lock()

    def fault(self, text):
        self.faults.append(text)
        print("FAULT", text, flush=True)

    def database(self):
        path = glob.glob(os.path.join(self.folder, "data", "*.db"))[0]
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)
        connection.row_factory = sqlite3.Row
        return connection

    def round(self, number):
        service = Service(self.binary, self.folder, self.token)
        self.token = service.token
        self.check(f"round {number}")
        if number == 0:
            for name in PACKAGES:
                service.call("POST", "/models", {"name": name})
                status, revision = service.upload(name, package_zip(name, 1), 0)
                if status != 201:
                    raise SystemExit(f"error: upload: {name}: {status} {revision}")
                self.uploaded[revision["id"]] = revision["digest"]
        stop = threading.Event()
        threads = [threading.Thread(target=self.submit, args=(service, stop), daemon=True),
                   threading.Thread(target=self.send, args=(service, stop), daemon=True),
                   threading.Thread(target=self.send, args=(service, stop), daemon=True)]
        for thread in threads:
            thread.start()
        time.sleep(self.random.uniform(0.05, 2.5))
        self.counts["mid_upload"] += bool(self.begun)
        service.kill()
        stop.set()
        for thread in threads:
            thread.join()
        self.counts["kills"] += 1
        with self.database() as database:
            running = database.execute("select count(*) from jobs where state = 'running'").fetchone()[0]
        self.counts["mid_job"] += running > 0

    def submit(self, service, stop):
        """Jobs, one after the other; a key whose answer was lost is sent again."""
        while not stop.is_set():
            with self.lock:
                lost = [key for key, body in self.keys.items() if body is not None]
                if lost:
                    key, body = lost[0], self.keys[lost[0]]
                    self.counts["resent"] += 1
                else:
                    key = str(uuid.UUID(int=self.random.getrandbits(128)))
                    body = {"kind": "compress", "revision": self.random.choice(sorted(self.uploaded)), "recipe": self.random.choice(RECIPES)}
                    self.keys[key] = body
            status, job = service.call("POST", "/jobs", body, {"Idempotency-Key": key})
            if status == 202:
                with self.lock:
                    self.accepted[job["id"]] = key
                    self.keys[key] = None
            elif status is not None and status != 409:
                self.fault(f"POST /jobs: {status} {job}")
                with self.lock:
                    self.keys[key] = None
            stop.wait(0.05)

    def send(self, service, stop):
        """Uploads, slowly."""
        while not stop.is_set():
            with self.lock:
                self.variant += 1
                variant, name = self.variant + 1, self.random.choice(PACKAGES)
                seconds = self.random.uniform(0, 2)
                self.begun.add(variant)
            status, revision = service.upload(name, package_zip(name, variant), seconds)
            if status in (200, 201):
                with self.lock:
                    self.uploaded[revision["id"]] = revision["digest"]
                    self.begun.discard(variant)
            elif status is not None:
                self.fault(f"upload: {status} {revision}")

    def check(self, when):
        """The database, and the store beside it."""
        if self.token is None or not glob.glob(os.path.join(self.folder, "data", "*.db")):
            return
        self.counts["checks"] += 1
        with self.database() as database:
            rows = lambda sql: database.execute(sql).fetchall()
            jobs = {str(uuid.UUID(bytes=row["id"])): row for row in rows("select * from jobs")}
            for job in self.accepted:
                if job not in jobs:
                    self.fault(f"{when}: accepted: job {job} is gone")
            by_key = {}
            for job, key in self.accepted.items():
                if by_key.setdefault(key, job) != job:
                    self.fault(f"{when}: accepted: key {key} made jobs {job} and {by_key[key]}")
            for job, row in jobs.items():
                end = (row["state"], row["finished_at"], row["result"], row["error"])
                if job in self.ended and self.ended[job] != end:
                    self.fault(f"{when}: once: job {job} changed after its end: {self.ended[job][:2]} to {end[:2]}")
                if row["state"] in FINAL:
                    self.ended[job] = end
            for row in rows("""select hex(j.id) id, j.state, sum(a.state = 'succeeded') won, sum(a.state = 'leased') leased
                               from jobs j left join attempts a on a.job_id = j.id group by j.id"""):
                won, leased = row["won"] or 0, row["leased"] or 0
                if won != (row["state"] == "succeeded") or (leased and row["state"] in FINAL) or leased > 1:
                    self.fault(f"{when}: once: job {row['id']} is {row['state']} with {won} successful and {leased} leased attempts")
            for row in rows("select hex(job_id) id, count(*) n from revisions where job_id is not null group by job_id having n > 1"):
                self.fault(f"{when}: once: job {row['id']} made {row['n']} revisions")
            for row in rows("select hex(r.job_id) id from revisions r join jobs j on j.id = r.job_id where j.state <> 'succeeded'"):
                self.fault(f"{when}: once: job {row['id']} made a revision without having succeeded")
            self.check_store(when, rows)

    def check_store(self, when, rows):
        objects = {}
        for folder, _, names in os.walk(os.path.join(self.folder, "data", "objects")):
            for name in names:
                hexes = re.sub(r"[^0-9a-f]", "", os.path.relpath(os.path.join(folder, name), os.path.join(self.folder, "data", "objects")))
                with open(os.path.join(folder, name), "rb") as f:
                    content = f.read()
                if "#" in name:
                    continue  # not yet put: no reader sees it
                digest = hashlib.sha256(content).hexdigest()
                objects[digest] = len(content)
                if digest not in hexes and hexes[-64:] != digest:
                    self.fault(f"{when}: whole: object {name} has the content of {digest}")
        for row in rows("select lower(hex(f.sha256)) sha256, f.size_bytes, f.path, hex(f.revision_id) revision from revision_files f"):
            if objects.get(row["sha256"]) != row["size_bytes"]:
                self.fault(f"{when}: whole: revision {row['revision']} {row['path']}: {row['size_bytes']} bytes expected, {objects.get(row['sha256'])} in the store")
        for row in rows("""select hex(r.id) id, r.size_bytes size, coalesce(sum(f.size_bytes), 0) files
                           from revisions r left join revision_files f on f.revision_id = r.id where r.deleted_at is null group by r.id"""):
            if row["size"] != row["files"] or not row["files"]:
                self.fault(f"{when}: whole: revision {row['id']} of {row['size']} bytes has files of {row['files']}")

    def settle(self):
        """One more life, in which everything comes to its end."""
        service = Service(self.binary, self.folder, self.token)
        try:
            deadline = time.monotonic() + 300
            for job in sorted(self.accepted):
                state = None
                while state not in FINAL and time.monotonic() < deadline:
                    status, answer = service.call("GET", f"/jobs/{job}?wait=30")
                    state = answer["state"] if status == 200 else status
                if state not in FINAL:
                    self.fault(f"end: job {job} is still {state}")
            self.check("end")
            with self.database() as database:
                stored = {str(uuid.UUID(bytes=row[0])): row[1] for row in database.execute("select id, lower(hex(digest)) from revisions")}
            for revision, digest in self.uploaded.items():
                if stored.get(revision) != digest.removeprefix("sha256:"):
                    self.fault(f"end: visible: uploaded revision {revision} is {stored.get(revision)}")
            for revision in self.random.sample(sorted(stored), min(20, len(stored))):
                status, content = service.call("GET", f"/revisions/{revision}/package")
                if status != 200 or zipfile.ZipFile(io.BytesIO(content)).testzip() is not None:
                    self.fault(f"end: visible: revision {revision} does not download: {status}")
            left = [f for d, _, fs in os.walk(os.path.join(self.folder, "data", "scratch")) for f in fs if f != "lock"]
            if left:
                self.fault(f"end: tidy: {len(left)} files in the scratch folder: {left[:4]}")
        finally:
            status = service.stop()
        if status != 0:
            self.fault(f"end: SIGTERM ended the service with {status}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--keep", action="store_true", help="keep the folder")
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else random.SystemRandom().getrandbits(32)
    folder = tempfile.mkdtemp(prefix="coreanvil-chaos-")
    print(f"seed {seed}, {arguments.rounds} rounds, {folder}", flush=True)
    chaos = Chaos(os.path.abspath(arguments.bin), folder, seed)
    begin = time.monotonic()
    try:
        for number in range(arguments.rounds):
            chaos.round(number)
            print(f"round {number + 1}: {len(chaos.accepted)} jobs accepted, {len(chaos.ended)} ended, {len(chaos.uploaded)} revisions uploaded", flush=True)
        chaos.settle()
        with chaos.database() as database:
            print("jobs by state and attempts:", [tuple(row) for row in database.execute("select state, attempts, count(*) from jobs group by 1, 2 order by 1, 2")])
            print("attempts by state:", [tuple(row) for row in database.execute("select state, count(*) from attempts group by 1")])
            print("revisions, files, objects:", tuple(database.execute("select (select count(*) from revisions), (select count(*) from revision_files), (select count(*) from objects)").fetchone()))
    finally:
        if chaos.faults or arguments.keep:
            print(f"kept {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    counts = ", ".join(f"{value} {name.replace('_', ' ')}" for name, value in chaos.counts.items())
    print(f"{counts}; {time.monotonic() - begin:.0f} s")
    print(f"{len(chaos.accepted) - len(chaos.faults)} passed, {len(chaos.faults)} failed" if chaos.faults else f"{len(chaos.accepted)} passed, 0 failed")
    sys.exit(1 if chaos.faults or not chaos.accepted else 0)


if __name__ == "__main__":
    main()
