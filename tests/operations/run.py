#!/usr/bin/env python3
"""What an operator relies on, with real processes: start, supervision, shutdown, read-only root, two servers, doctor.

    tests/operations/run.py --bin target/debug/coreanvil

 notify     serve and worker tell the supervisor's socket READY=1, WATCHDOG=1 and STOPPING=1
 shutdown   SIGTERM with a running job, a half-sent upload and an open event stream: not ready, the stream ends, the process
            ends with 0 well before its time limit; the job is queued again, lost no attempt, and ends after the next start
 two        two servers on one data folder: a job accepted by one is done by the other, both see everything
 root       a file system on which nothing but data folder and scratch can be written: it starts and does a job (needs root)
 image      what docker/Dockerfile puts together, without a container runtime: nothing but the binary, the libraries of distroless `cc`
            and CA certificates, read-only root without /tmp, user 10001, no capabilities: the demo runs, doctor is content (needs root)
 doctor     in order while it runs; each fault that can be made is found, named, and says what to do: a lease that nobody takes back, a job that
            waits too long, an expired upload, tables behind and ahead, a full and a read-only folder, Postgres that is down, asleep or whose clock
            is wrong, a pooler that swallows NOTIFY, a bucket that is not there, a key that may not write (Postgres and S3 as tests/run starts them)
 disk       a full and a read-only data folder: one clear line, exit status, no backtrace (needs root)
 units      systemd-analyze verify has nothing to say of the units, where there is one
Python's standard library only. A part that cannot run is a failure.
"""
import argparse
import http.server
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
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


def image(binary, folder):
    """As docker/Dockerfile has it, without a container runtime."""
    with open(os.path.join(ROOT, "docker", "Dockerfile")) as f:
        last = f.read().replace("\\\n", " ").split("\nFROM ")[-1]
    base, instructions = last.split()[0], dict(line.split(None, 1) for line in last.splitlines()[1:] if re.match("[A-Z]+ ", line))
    check(base.startswith("gcr.io/distroless/cc-debian"), f"image: {base} has other libraries than this test knows")
    linked = subprocess.run(["ldd", binary], capture_output=True, text=True, check=True).stdout
    files = {path for path in re.findall(r"(/\S+) \(", linked)}
    names = {os.path.basename(path).split(".so")[0] for path in files}
    check(names <= {"libgcc_s", "libm", "libc", "ld-linux-x86-64", "ld-linux-aarch64"}, f"image: the binary needs {names}")
    top = os.path.join(folder, "image")
    for path in (*files, binary, "/etc/ssl/certs/ca-certificates.crt"):
        target = "/usr/local/bin/coreanvil" if path == binary else path
        os.makedirs(os.path.dirname(top + target), exist_ok=True)
        if os.path.exists(path):
            shutil.copy(path, top + target)
    data = re.search(r" /data/ (/\S+)", last).group(1) + "coreanvil"
    user = instructions["USER"].strip()
    for path in ("/proc", "/dev", data):
        os.makedirs(top + path, exist_ok=True)
    environment = dict(pair.split("=", 1) for pair in instructions["ENV"].split())
    check(environment["COREANVIL_DATA__FOLDER"] == data == instructions["VOLUME"].strip() == instructions["WORKDIR"].strip(), f"image: {data}")
    owner = user.split(":")[0]
    script = f"""
        mount --make-rprivate /
        mount --bind "$1" "$1"
        mount -t proc proc "$1/proc"
        mount --bind /dev "$1/dev"
        mount -t tmpfs -o size=2g,uid={owner},gid={owner},mode=0700 tmpfs "$1{data}"
        mount -o remount,bind,ro "$1"
        for arguments in "serve --demo --exit --listen 127.0.0.1:0" "doctor --json" "serve --demo --exit --listen 127.0.0.1:0"; do
            chroot --userspec={user} "$1" /usr/local/bin/coreanvil $arguments || exit
            echo "=== $arguments"
        done
    """
    done = subprocess.run(["unshare", "-m", "sh", "-euc", script, "-", top], cwd="/", env={"PATH": os.environ["PATH"], **environment}, capture_output=True, text=True, timeout=120)
    check(done.returncode == 0, f"image: {done.returncode} {done.stderr[-800:]}")
    parts = re.split("=== .*\n", done.stdout)
    check(len(parts) == 4 and "palettize-4" in parts[0] and "palettize-4" in parts[2], f"image: the demo: {done.stdout[-400:]}")
    found = {row["check"]: row["state"] for row in json.loads(parts[1])["checks"]} if len(parts) == 4 else {}
    check(found.get("database") == found.get("tables") == found.get("objects") == "ok" and "fail" not in found.values(), f"image: doctor: {found}")
    print(f"image: {sorted(names)}, {user}, {found}", flush=True)


def ask_doctor(binary, folder, environment, timeout=90):
    """Exit status, and state, text and advice by check."""
    done = subprocess.run([binary, "doctor", "--json"], cwd=folder, env=clean(environment), capture_output=True, text=True, timeout=timeout)
    if not done.stdout:
        raise SystemExit(f"error: doctor: {done.returncode}: {done.stderr}")
    rows = json.loads(done.stdout)["checks"]
    check(all((row["next"] is None) == (row["state"] == "ok") for row in rows), f"doctor: advice: {rows}")
    check(done.returncode == int(any(row["state"] == "fail" for row in rows)), f"doctor: status {done.returncode}: {rows}")
    return {row["check"]: (row["state"], row["detail"], row["next"] or "") for row in rows}


def expect(name, found, state, words, advice=""):
    row = found.get(name, ("missing", "", ""))
    check(row[0] == state and words in row[1] and advice in row[2], f"doctor: {name} should be {state} ({words}; {advice}): {row}")


def doctor(binary, folder):
    doctor_sqlite(binary, folder)
    postgres, endpoint = os.environ.get("COREANVIL_TEST_POSTGRES_URL"), os.environ.get("COREANVIL_TEST_S3_ENDPOINT")
    if not postgres or not endpoint:
        faults.append("doctor: COREANVIL_TEST_POSTGRES_URL and COREANVIL_TEST_S3_ENDPOINT are not set (tests/run sets them)")
        return
    doctor_postgres(binary, folder, postgres)
    doctor_objects(binary, folder, endpoint)


def doctor_sqlite(binary, folder):
    service = Service(binary, folder, ["serve", "--no-worker"], {})
    revision = service.expect(201, "POST", "/models/net/revisions", package_zip("tied"), {"Content-Type": "application/zip"}, create="net")
    jobs = [service.expect(202, "POST", "/jobs", {"kind": "compress", "revision": revision["id"], "recipe": "int8"})["id"] for _ in range(2)]
    begin = {"Upload-Length": "100", "Tus-Resumable": "1.0.0", "Upload-Metadata": "model bmV0,filename eC56aXA="}
    service.expect(201, "POST", "/uploads", b"", begin)
    expect("workers", ask_doctor(binary, folder, {}), "warn", "no worker", "start")
    check(service.stop() == 0, "doctor: stop")
    path = next(os.path.join(top, name) for top, _, names in os.walk(os.path.join(folder, "coreanvil-data")) for name in names if name.endswith((".db", ".sqlite")))

    def sql(*texts):
        with sqlite3.connect(path) as database:
            for text in texts:
                database.execute(text)
        database.close()

    expect("jobs", ask_doctor(binary, folder, {}), "ok", "2 queued, 0 running")
    hour, day = 3_600_000, 86_400_000
    sql(f"update jobs set queued_at = queued_at - {13 * hour}, run_after = run_after - {13 * hour}")
    expect("jobs", ask_doctor(binary, folder, {}), "warn", "waits for 13 h", "expired")
    sql(f"update jobs set queued_at = queued_at - {day}, run_after = run_after - {day}")
    expect("jobs", ask_doctor(binary, folder, {}), "fail", "2 jobs waited for more than 24 h", "start one")
    sql("update jobs set kind = 'evaluate'", f"insert into workers select x'00', ',compress,', created_at, {int(time.time() * 1000)} from jobs limit 1")
    expect("kinds", ask_doctor(binary, folder, {}), "fail", "2 of kind `evaluate`", "start a worker")
    sql(f"update uploads set expires_at = expires_at - {3 * day}")
    expect("uploads", ask_doctor(binary, folder, {}), "warn", "1 expired", "sweep")
    one = bytes.fromhex(jobs[0].replace("-", "")).hex()
    sql(f"update jobs set state = 'running', attempts = 1, started_at = created_at where id = x'{one}'",
        f"insert into attempts (id, job_id, fence, worker_id, state, progress, lease_expires_at, heartbeat_at, started_at) "
        f"select x'11111111111111111111111111111111', id, 1, x'22222222222222222222222222222222', 'leased', 0.0, 1, 1, 1 from jobs where id = x'{one}'")
    expect("jobs", ask_doctor(binary, folder, {}), "fail", "1 lease ran out", "take leases back")
    sql("delete from _sqlx_migrations where version = (select max(version) from _sqlx_migrations)")
    expect("tables", ask_doctor(binary, folder, {}), "fail", "this version needs", "coreanvil migrate")
    sql("insert into _sqlx_migrations select 9999, description, installed_on, success, checksum, execution_time from _sqlx_migrations limit 1")
    expect("tables", ask_doctor(binary, folder, {}), "fail", "a newer version", "newer version")
    script = 'mount -t tmpfs -o size=8m tmpfs "$2"; mkdir "$2/data"; mount -o remount,ro "$2"; exec "$1" doctor --json --data "$2/data"'
    done = unshared(folder, script, binary, folder)
    found = {row["check"]: (row["state"], row["detail"], row["next"] or "") for row in json.loads(done.stdout)["checks"]}
    check(done.returncode == 1, f"doctor: read-only: {done.returncode}")
    for name in ("database", "objects", "data folder", "fsync"):
        expect(name, found, "fail", "ead-only", "writable" if name in ("data folder", "fsync") else "")
    script = 'ulimit -n 300; mount -t tmpfs -o size=8m tmpfs "$2"; exec "$1" doctor --json --data "$2/data"'
    done = unshared(folder, script, binary, folder)
    found = {row["check"]: (row["state"], row["detail"], row["next"] or "") for row in json.loads(done.stdout)["checks"]}
    expect("scratch", found, "fail", "too little", "make room")
    expect("open files", found, "fail", "300 may be open", "ulimit")


def doctor_postgres(binary, folder, postgres):
    front, name = postgres.rsplit("/", 1)[0], f"doctor_{os.getpid()}"

    def psql(where, *commands):
        parts = [part for command in commands for part in ("-c", command)]
        subprocess.run(["psql", "-qX", "-v", "ON_ERROR_STOP=1", where, *parts], check=True, capture_output=True)

    own = f"{front}/{name}"
    psql(postgres, f"create database {name}")
    try:
        expect("tables", ask_doctor(binary, folder, {"COREANVIL_DATABASE__URL": own}), "warn", "none yet", "coreanvil migrate")
        service = Service(binary, folder, ["serve"], {"COREANVIL_DATABASE__URL": own, "COREANVIL_DATA__FOLDER": os.path.join(folder, "beside")})
        deadline = time.monotonic() + 30
        while (found := ask_doctor(binary, folder, {"COREANVIL_DATABASE__URL": own}))["workers"][0] != "ok" and time.monotonic() < deadline:
            pass
        for row in ("database", "tables", "notify", "connections", "clock", "workers", "jobs", "uploads"):
            expect(row, found, "ok", "")
        psql(own, "create schema wrong", "create function wrong.clock_timestamp() returns timestamptz language sql as $$select pg_catalog.clock_timestamp() + interval '95 seconds'$$")
        skewed = own + "?options=-csearch_path%3Dwrong,public,pg_catalog"
        expect("clock", ask_doctor(binary, folder, {"COREANVIL_DATABASE__URL": skewed}), "fail", "behind the database", "synchronise")
        psql(own, "create or replace function wrong.clock_timestamp() returns timestamptz language sql as $$select pg_catalog.clock_timestamp() - interval '5 seconds'$$")
        expect("clock", ask_doctor(binary, folder, {"COREANVIL_DATABASE__URL": skewed}), "warn", "ahead of the database", "synchronise")
        psql(own, "create function wrong.pg_notify(text, text) returns void language sql as $$select$$")
        expect("notify", ask_doctor(binary, folder, {"COREANVIL_DATABASE__URL": skewed}), "warn", "does not hear", "pooler")
        expect("notify", ask_doctor(binary, folder, {"COREANVIL_DATABASE__URL": skewed, "COREANVIL_QUEUE__NOTIFY": "on"}), "fail", "does not hear", "pooler")
        check(service.stop() == 0, "doctor: stop on postgres")
        absent = {"COREANVIL_DATABASE__URL": f"{front}/no_such_database"}
        expect("database", ask_doctor(binary, folder, absent), "fail", "does not exist", "createdb")
    finally:
        psql(postgres, f"drop database {name} with (force)")
    asleep = socket.create_server(("127.0.0.1", 0))
    port = asleep.getsockname()[1]
    url = {"COREANVIL_DATABASE__URL": f"postgres://somebody:hidden@127.0.0.1:{port}/x"}
    begin = time.monotonic()
    expect("database", ask_doctor(binary, folder, url), "fail", "no answer within", "is it running")
    check(time.monotonic() - begin < 20, "doctor: a database that sleeps holds it up")
    asleep.close()
    expect("database", ask_doctor(binary, folder, url), "fail", "refused", "is it running")


def doctor_objects(binary, folder, endpoint):
    environment = {"AWS_ENDPOINT": endpoint, "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
                   "COREANVIL_DATA__FOLDER": os.path.join(folder, "elsewhere")}
    bucket = f"doctor-{os.getpid()}"
    urllib.request.urlopen(urllib.request.Request(f"{endpoint}/{bucket}", method="PUT"), timeout=30).read()
    found = ask_doctor(binary, folder, {**environment, "COREANVIL_OBJECTS__URL": f"s3://{bucket}/here"})
    expect("objects", found, "ok", f"s3://{bucket}/here: put, read, listed and removed")
    left = urllib.request.urlopen(f"{endpoint}/{bucket}?list-type=2", timeout=30).read()
    check(b"<Key>" not in left, f"doctor: it left {left}")
    expect("objects", ask_doctor(binary, folder, {**environment, "COREANVIL_OBJECTS__URL": "s3://no-such-bucket-here"}), "fail", "NoSuchBucket", "make the bucket")

    class Denies(http.server.BaseHTTPRequestHandler):
        def answer(self):
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
            self.send_response(404 if self.command == "HEAD" else 403)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = answer

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Denies)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    denied = {**environment, "AWS_ENDPOINT": f"http://127.0.0.1:{server.server_port}", "COREANVIL_OBJECTS__URL": "s3://locked"}
    expect("objects", ask_doctor(binary, folder, denied), "fail", "AccessDenied", "the key may not put")
    server.shutdown()


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
    for part in (notify, shutdown, two, root, image, doctor, disk, units):
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
