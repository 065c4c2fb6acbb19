#!/usr/bin/env python3
"""machine.py --bin PATH [--only NAME[,NAME]] — a live server on a machine that fails: full disks, read-only folders, no more
file descriptors, little memory.

While it lasts: what needs the disk is refused by 503 with a problem document and Retry-After, everything else is answered
within two seconds (`/healthz`, lists, revisions, downloads where the objects can be read). When the machine is well again:
an upload and a job succeed in the same process, accepted jobs have ended, nothing half done is left in any folder, every
revision downloads whole. Needs root (or user namespaces) for mounts that no other process sees and that go with this one.
Ends with `N passed, M failed`. Standard library only.
"""
import argparse
import contextlib
import glob
import http.client
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "chaos"))
from machines import Member, free_port  # noqa: E402
from run import package_zip  # noqa: E402

SECONDS = 2.0


class Broken(Exception):
    """What must not be."""


class Service:
    """A server with a worker; scratch, objects and database each on a small disk of its own."""

    def __init__(self, binary, folder):
        self.folder, self.variant = folder, 0
        self.port = free_port()
        self.disks = {}
        for name, size in (("scratch", "12m"), ("objects", "16m"), ("database", "8m")):
            self.disks[name] = os.path.join(folder, name)
            os.mkdir(self.disks[name])
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", self.disks[name]], check=True)
        clean = {k: v for k, v in os.environ.items() if not k.startswith("COREANVIL_")}
        self.token = subprocess.run([binary, "token", "generate"], capture_output=True, text=True, check=True, env=clean, cwd=folder).stdout.split()[-1]
        clean.update(
            COREANVIL_AUTH__FIRST_TOKEN=self.token, COREANVIL_SERVER__LISTEN=f"127.0.0.1:{self.port}", COREANVIL_OBJECTS__URL="file://" + self.disks["objects"],
            COREANVIL_WORKER__SCRATCH=self.disks["scratch"], COREANVIL_WORKER__POLL_MS="100", COREANVIL_WORKER__CONCURRENCY="2")
        database = "sqlite:" + os.path.join(self.disks["database"], "c.db")
        self.member = Member(binary, "server", folder, clean, ["serve"], database)
        self.member.start()
        if not self.member.await_ready():
            raise SystemExit(f"error: the server did not start: see {self.member.folder}")
        self.pid = self.member.process.pid
        assert self.call("POST", "/models", {"name": "m"})[0] == 201
        self.uploaded = [self.upload()[2]["id"] for _ in range(2)]

    def call(self, method, path, body=None, kind="application/json", connection=None, root="/api/v1"):
        own = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            own.request(method, root + path, json.dumps(body) if isinstance(body, dict) else body, {"Authorization": f"Bearer {self.token}", "Content-Type": kind})
            answer = own.getresponse()
            content = answer.read()
            return answer.status, answer.headers, json.loads(content) if "json" in answer.headers.get("Content-Type", "") else content
        finally:
            if connection is None:
                own.close()

    def upload(self):
        self.variant += 1
        return self.call("POST", "/models/m/revisions", package_zip("mnist_cnn", self.variant), "application/zip")

    def submit(self, recipe="int8"):
        return self.call("POST", "/jobs", {"kind": "compress", "revision": self.uploaded[0], "recipe": recipe})

    def wait(self, job, seconds=30):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            status, _, answer = self.call("GET", f"/jobs/{job}?wait=5")
            if status == 200 and answer["state"] in ("succeeded", "failed", "cancelled"):
                return answer
        return answer

    def files(self):
        found = []
        for name, top in self.disks.items():
            for folder, _, names in os.walk(top):
                found += [os.path.join(name, os.path.relpath(os.path.join(folder, n), top)) for n in names if name != "database"]
        return sorted(found)

    def answers(self, connection=None, downloads=True):
        """Others are served."""
        paths = [("/healthz", ""), ("/models", "/api/v1"), ("/jobs?limit=5", "/api/v1"), (f"/revisions/{self.uploaded[0]}", "/api/v1")]
        for path, root in paths + ([(f"/revisions/{self.uploaded[0]}/package", "/api/v1")] if downloads else []):
            begin = time.monotonic()
            status, _, answer = self.call("GET", path, connection=connection, root=root)
            if status != 200 or time.monotonic() - begin > SECONDS:
                raise Broken(f"GET {path}: {status} in {time.monotonic() - begin:.1f} s: {str(answer)[:200]}")

    def well(self):
        """It recovers by itself."""
        deadline = time.monotonic() + 20
        while True:
            with contextlib.suppress(OSError, http.client.HTTPException):
                status, _, answer = self.upload()
                if status == 201:
                    break
            if time.monotonic() > deadline:
                raise Broken(f"an upload after recovery: {status} {str(answer)[:200]}")
            time.sleep(0.2)
        self.uploaded.append(answer["id"])
        status, _, job = self.submit("palettize-4")
        if status != 202:
            raise Broken(f"a job after recovery: {status} {str(job)[:200]}")
        job = self.wait(job["id"])
        if job["state"] != "succeeded":
            raise Broken(f"a job after recovery: {job['state']} {job['error']}")
        if self.member.dead() or self.member.process.pid != self.pid:
            raise Broken("the server did not stay up")
        for revision in self.call("GET", "/models/m/revisions?limit=200")[2]["items"]:
            status, _, _ = self.call("GET", f"/revisions/{revision['id']}/package")
            if status != 200:
                raise Broken(f"revision {revision['id']} does not download: {status}")
        left = [f for f in self.files() if f.startswith("scratch/") and not f.endswith("lock")]
        left += [f for f in self.files() if f.startswith("objects/") and len(os.path.basename(f)) != 64]
        if left:
            raise Broken(f"left behind: {left[:4]}")

    def end(self):
        status = self.member.stop(40)
        for disk in self.disks.values():
            subprocess.run(["umount", "-l", disk], check=False)
        return status


def refused(answer):
    """503 as the contract has it."""
    status, headers, problem = answer
    if status != 503 or not isinstance(problem, dict) or problem.get("code") != "unavailable" or "Retry-After" not in headers:
        raise Broken(f"expected 503 unavailable with Retry-After, got {status} {str(problem)[:300]}")


@contextlib.contextmanager
def full(folder):
    """A disk without a free byte."""
    path = os.path.join(folder, "filler")
    with open(path, "wb", 0) as f:
        with contextlib.suppress(OSError):
            while True:
                f.write(b"\0" * 65536)
        with contextlib.suppress(OSError):
            while True:
                f.write(b"\0" * 4096)
    try:
        yield
    finally:
        os.remove(path)


@contextlib.contextmanager
def read_only(folder):
    subprocess.run(["mount", "-o", "bind", folder, folder], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def scratch_full(service):
    with full(service.disks["scratch"]):
        for _ in range(3):
            refused(service.upload())
        status, _, job = service.submit()
        assert status == 202
        service.answers()
        time.sleep(0.5)
        service.answers()
    ended = service.wait(job["id"], 40)
    if ended["state"] != "succeeded":
        raise Broken(f"the job that found the scratch folder full is {ended['state']} {ended['error']}")


def objects_full(service):
    with full(service.disks["objects"]):
        refused(service.upload())
        status, _, job = service.submit("prune-50")
        assert status == 202
        service.answers()
        time.sleep(0.7)
    ended = service.wait(job["id"], 40)
    if ended["state"] != "succeeded":
        raise Broken(f"the job that found the object store full is {ended['state']} {ended['error']}")


def database_full(service):
    status, _, before = service.submit("int8-per-tensor")
    assert status == 202
    with full(service.disks["database"]):
        for n in range(400):  # pages that are free already may take some
            answer = service.call("POST", "/models", {"name": f"n{n}", "description": "d" * 4000})
            if answer[0] != 201:
                break
        refused(answer)
        refused(service.submit())
        service.answers()
    ended = service.wait(before["id"], 40)
    if ended["state"] != "succeeded":
        raise Broken(f"the job that was accepted before is {ended['state']} {ended['error']}")


def scratch_read_only(service):
    with read_only(glob.glob(os.path.join(service.disks["scratch"], "process-*"))[0]):
        refused(service.upload())
        service.answers()


def objects_read_only(service):
    with read_only(service.disks["objects"]):
        refused(service.upload())
        service.answers()


def descriptors(service):
    """None is left: who is connected is served, the rest waits or is cut, and all is well when some are free again."""
    kept = http.client.HTTPConnection("127.0.0.1", service.port, timeout=20)
    service.answers(kept)
    before = resource.prlimit(service.pid, resource.RLIMIT_NOFILE)
    used = len(os.listdir(f"/proc/{service.pid}/fd"))
    resource.prlimit(service.pid, resource.RLIMIT_NOFILE, (used + 4, before[1]))
    crowd = []
    try:
        for _ in range(60):
            crowd.append(socket.create_connection(("127.0.0.1", service.port), timeout=5))
        time.sleep(0.5)
        service.answers(kept, downloads=False)
        with contextlib.suppress(TimeoutError):
            status, _, answer = service.call("POST", "/models/m/revisions", package_zip("mnist_cnn", 900), "application/zip", kept)
            if status not in (200, 201, 503):
                raise Broken(f"an upload without descriptors: {status} {str(answer)[:200]}")
    finally:
        for connection in crowd:
            connection.close()
        resource.prlimit(service.pid, resource.RLIMIT_NOFILE, before)
        kept.close()


def memory(service):
    """Eight uploads and four jobs at once within 400 MiB of address space beyond what it has."""
    with open(f"/proc/{service.pid}/status") as f:
        size = next(int(line.split()[1]) for line in f if line.startswith("VmSize")) * 1024
    before = resource.prlimit(service.pid, resource.RLIMIT_AS)
    resource.prlimit(service.pid, resource.RLIMIT_AS, (size + (400 << 20), before[1]))
    try:
        found = []
        threads = [threading.Thread(target=lambda n=n: found.append(service.call("POST", "/models/m/revisions", package_zip("mlp_fp32", 950 + n), "application/zip")[0])) for n in range(8)]
        jobs = [service.submit(recipe) for recipe in ("palettize-6", "palettize-2", "int8-asymmetric", "palettize-8")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if set(found) - {200, 201, 503}:
            raise Broken(f"uploads with little memory: {sorted(found)}")
        for _, _, job in jobs:
            ended = service.wait(job["id"])
            if ended["state"] != "succeeded":
                raise Broken(f"a job with little memory: {ended['state']} {ended['error']}")
        service.answers()
    finally:
        resource.prlimit(service.pid, resource.RLIMIT_AS, before)


CASES = [scratch_full, objects_full, database_full, scratch_read_only, objects_read_only, descriptors, memory]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--only")
    arguments = parser.parse_args()
    if "COREANVIL_MACHINE" not in os.environ:
        os.environ["COREANVIL_MACHINE"] = "1"
        os.execvp("unshare", ["unshare", "-m" if os.geteuid() == 0 else "-rm", sys.executable, *sys.argv])
    # ends in order on SIGTERM; what a SIGKILL leaves is a folder, the mounts go with us
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = tempfile.mkdtemp(prefix="coreanvil-machine-")
    passed = failed = 0
    service = None
    wanted = arguments.only.split(",") if arguments.only else None
    try:
        service = Service(os.path.abspath(arguments.bin), folder)
        for case in CASES:
            if wanted and case.__name__ not in wanted:
                continue
            begin = time.monotonic()
            try:
                case(service)
                service.well()
                passed += 1
                print(f"ok {case.__name__} {time.monotonic() - begin:.1f} s", flush=True)
            except (Broken, OSError, http.client.HTTPException) as error:
                failed += 1
                print(f"FAILED {case.__name__}: {error!r}", flush=True)
        status = service.end()
        if status != 0 or service.member.complaints():
            failed += 1
            print(f"FAILED the server ended with {status}: {service.member.complaints()[:3]}")
    finally:
        if service is not None and not service.member.dead():
            service.member.kill()
        if failed:
            os.system(f"tail -n 30 {folder}/server/log-1")
        for disk in glob.glob(os.path.join(folder, "*")):
            subprocess.run(["umount", "-l", disk], stderr=subprocess.DEVNULL, check=False)
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
