#!/usr/bin/env python3
"""What an operator relies on, with real processes: start, supervision, shutdown, read-only root, two servers, doctor.

    tests/operations/run.py --bin target/debug/coreanvil

 notify     serve and worker tell the supervisor's socket READY=1, WATCHDOG=1 and STOPPING=1
 shutdown   SIGTERM with a running job, a half-sent upload and an open event stream: not ready, the stream ends, the process
            ends with 0 well before its time limit; the job is queued again, lost no attempt, and ends after the next start
 two        two servers on one data folder: a job accepted by one is done by the other, both see everything
 root       a file system on which nothing but data folder and scratch can be written: it starts and does a job (needs root)
 disk       a full and a read-only data folder: one clear line, exit status, no backtrace (needs root)
 units      systemd-analyze verify has nothing to say of the units, where there is one
Python's standard library only. A part that cannot run is a failure.
"""
import argparse
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
sys.path.insert(0, os.path.join(HERE, "..", "upgrade"))
from service import Service, clean, package_zip  # noqa: E402

faults, checks = [], 0


def check(holds, what):
    global checks
    checks += 1
    if not holds:
        faults.append(what)


def notify(binary, folder):
    for arguments, ready in ((["serve"], "listening"), (["worker"], "working")):
        path = os.path.join(folder, "notify")
        supervisor = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        supervisor.bind(path)
        supervisor.settimeout(20)
        service = Service(binary, folder, arguments, {"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "400000"}, ready=ready)
        words = [supervisor.recv(100).decode() for _ in range(3)]
        check(words == ["READY=1", "WATCHDOG=1", "WATCHDOG=1"], f"notify {arguments}: {words}")
        service.process.send_signal(signal.SIGTERM)
        while (word := supervisor.recv(100).decode()) == "WATCHDOG=1":
            pass
        check(word == "STOPPING=1", f"notify {arguments}: {word}")
        check(service.process.wait(40) == 0, f"notify {arguments}: it did not stop well")
        supervisor.close()
        os.unlink(path)


def shutdown(binary, folder):
    environment = {"COREANVIL_SERVER__SHUTDOWN_SECONDS": "6", "COREANVIL_WORKER__CONCURRENCY": "1", "COREANVIL_WORKER__THREADS": "1"}
    service = Service(binary, folder, ["serve"], environment)
    token = service.token
    revision = service.expect(201, "POST", "/models/digits/revisions", package_zip("mnist_cnn"), {"Content-Type": "application/zip"}, create="digits")
    jobs = [service.expect(202, "POST", "/jobs", {"kind": "compress", "revision": revision["id"], "recipe": recipe})["id"]
            for recipe in ("palettize-8", "palettize-6", "palettize-uniform-4", "int8")]
    last = jobs[-1]
    request = urllib.request.Request(f"http://{service.url}/api/v1/jobs/{last}/events", headers={"Authorization": f"Bearer {token}", "Accept": "text/event-stream"})
    stream = urllib.request.urlopen(request, timeout=30)
    ended = threading.Event()

    def read():
        try:
            stream.read()
        except OSError:
            pass
        ended.set()

    threading.Thread(target=read, daemon=True).start()
    host, port = service.url.split(":")
    upload = socket.create_connection((host, int(port)))
    upload.sendall(f"POST /api/v1/models/digits/revisions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/zip\r\nContent-Length: 1000000\r\n\r\n".encode() + b"PK\x03\x04")
    begin = time.monotonic()
    service.process.send_signal(signal.SIGTERM)
    check(ended.wait(5), "shutdown: the event stream did not end")
    status = service.process.wait(30)
    took = time.monotonic() - begin
    service.log.close()
    check(status == 0 and took < 9, f"shutdown: status {status} after {took:.1f} s of 6")
    upload.close()
    log = open(service.log_path).read()
    check("panicked" not in log and "backtrace" not in log, f"shutdown: {log[-500:]}")
    service = Service(binary, folder, ["serve"], environment, token=token)
    for job in jobs:
        done = service.ended(job)
        states = [row["state"] for row in service.expect(200, "GET", f"/jobs/{job}/attempts")["items"]]
        check(done["state"] == "succeeded" and "lost" not in states and "failed" not in states, f"shutdown: job {job}: {done['state']} {states}")
    items = service.expect(200, "GET", "/models/digits/revisions")["items"]
    check(all(item["size_bytes"] > 0 for item in items) and any(item["id"] == revision["id"] for item in items), "shutdown: revisions are gone")
    check(service.stop() == 0, "shutdown: the second stop")
    print(f"shutdown: {took:.1f} s with a job, an upload and a stream", flush=True)


def two(binary, folder):
    """Several processes on one SQLite file."""
    first = Service(binary, folder, ["serve", "--no-worker"], {})
    second = Service(binary, folder, ["serve"], {}, token=first.token)
    revision = first.expect(201, "POST", "/models/lines/revisions", package_zip("tied"), {"Content-Type": "application/zip"}, create="lines")
    jobs = []
    errors = []

    def submit(service, recipe):
        for _ in range(10):
            status, answer = service.call("POST", "/jobs", {"kind": "compress", "revision": revision["id"], "recipe": recipe})
            (jobs if status == 202 else errors).append((service, answer))

    threads = [threading.Thread(target=submit, args=(service, recipe)) for service in (first, second) for recipe in ("int8", "palettize-4")]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    check(not errors and len(jobs) == 40, f"two servers: {errors[:2]}")
    for service, job in jobs:
        other = second if service is first else first
        done = other.ended(job["id"])
        check(done["state"] == "succeeded" and done["attempts"] == 1, f"two servers: {done['state']} in {done['attempts']} attempts")
    check(second.stop() == 0 and first.stop() == 0, "two servers: stop")


def unshared(folder, script, *arguments):
    return subprocess.run(["unshare", "-m", "sh", "-euc", script, "-", *arguments], cwd="/", env=clean({}), capture_output=True, text=True, timeout=90)


def root(binary, folder):
    """Everything is read-only but the folder."""
    script = """
        mount --make-rprivate /
        mount --bind "$2" "$2"
        for place in $(awk '{print $2}' /proc/mounts); do
            case "$place" in "$2"|/proc*|/sys*|/dev/pts*) ;; *) mount -o remount,bind,ro "$place" 2>/dev/null || true ;; esac
        done
        if touch "$3/no" 2>/dev/null; then echo "the root can be written" >&2; exit 9; fi
        exec "$1" serve --demo --exit --data "$2/data" --listen 127.0.0.1:0
    """
    done = unshared(folder, script, binary, folder, os.path.dirname(folder))
    check(done.returncode == 0 and "palettize-4" in done.stdout, f"read-only root: {done.returncode} {done.stderr[-600:]}")


def disk(binary, folder):
    """What cannot be written says so in one line."""
    full = 'mount -t tmpfs -o size=64k tmpfs "$2"; dd if=/dev/zero of="$2/fill" bs=1k count=64 2>/dev/null || true; exec "$1" serve --data "$2" --listen 127.0.0.1:0'
    readonly = 'mount -t tmpfs -o size=8m tmpfs "$2"; mount -o remount,ro "$2"; exec "$1" serve --data "$2/data" --listen 127.0.0.1:0'
    for name, script in (("full", full), ("read-only", readonly)):
        done = unshared(folder, script, binary, folder)
        lines = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
        check(done.returncode in (2, 7) and len(lines) == 1 and "panicked" not in done.stderr, f"{name} disk: {done.returncode} {done.stderr[-600:]}")
        print(f"{name} disk: {lines}", flush=True)


def units(binary, folder):
    if shutil.which("systemd-analyze") is None:
        faults.append("units: no systemd-analyze")
        return
    for name in ("coreanvil.service", "coreanvil-worker@.service"):
        with open(os.path.join(ROOT, "packaging", "systemd", name)) as f:
            text = f.read().replace("/usr/local/bin/coreanvil", binary)
        path = os.path.join(folder, name.replace("@", "@1"))
        with open(path, "w") as f:
            f.write(text)
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", path], capture_output=True, text=True)
        said = [line for line in (done.stdout + done.stderr).splitlines() if "coreanvil" in line]
        check(done.returncode == 0 and not said, f"units: {name}: {done.returncode} {said}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--only")
    arguments = parser.parse_args()
    binary = os.path.abspath(arguments.bin)
    begin = time.monotonic()
    for part in (notify, shutdown, two, root, disk, units):
        if arguments.only and part.__name__ != arguments.only:
            continue
        folder = tempfile.mkdtemp(prefix="coreanvil-operations-")
        try:
            part(binary, folder)
        except (SystemExit, subprocess.SubprocessError, OSError) as error:
            faults.append(f"{part.__name__}: {error}")
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    for fault in faults:
        print(f"error: {fault}")
    print(f"{time.monotonic() - begin:.0f} s")
    print(f"{checks - min(checks, len(faults))} passed, {len(faults)} failed")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
