#!/usr/bin/env python3
"""run.py --bin PATH files|service [--only NAME[,NAME]] [--cases DIR] — throws every malformed file at coreanvil.

The files are those that make_bad.py makes (list: bad.json) and those of more.json: a good file and a lowered limit.

files    `inspect` and `compress --recipe int8` of each: the listed exit status, one line `error: …` that says what and
         where, less than 2 s and 200 MiB, nothing left in the output folder or the temporary folder, the input
         untouched. Cases that only running finds (`stage: run`) must not crash or hang.
service  each is sent to a live server, folders and links zipped as they are: 201 where the status is 0; else a problem
         document with a 4xx status, and afterwards no row, no object and no temporary file more than before.

Ends with `N passed, M failed`. Standard library only.
"""
import argparse
import glob
import hashlib
import io
import json
import os
import re
import resource
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
SECONDS, MEBIBYTES = 2.0, 200
CRASHES = (101, 134, 139, 137)


def cases(folder, only):
    """Every case with the absolute path of its file."""
    if not folder:
        folder = tempfile.mkdtemp(prefix="coreanvil-hostile-")
        # in a process of its own: what it takes would count as the peak of our children
        subprocess.run([sys.executable, "-B", os.path.join(HERE, "make_bad.py"), folder, "--check"], check=True)
    with open(os.path.join(HERE, "bad.json")) as f:
        made = json.load(f)["cases"]
    with open(os.path.join(HERE, "more.json")) as f:
        made += json.load(f)["cases"]
    wanted = set(only.split(",")) if only else None
    return folder, [dict(c, file=os.path.join(folder, c["path"])) for c in made if wanted is None or c["name"] in wanted]


def allowed(case):
    return {case["expect"], *case.get("also_ok", [])}


def settings(case):
    """The case's limits as environment variables."""
    return {"COREANVIL_" + key.upper().replace(".", "__"): str(value) for key, value in case.get("set", {}).items()}


def print_of(path):
    """A fingerprint of a file or folder: names, types, sizes, times."""
    found = []
    for top, folders, names in os.walk(path):
        for name in folders + names:
            info = os.lstat(os.path.join(top, name))
            found.append((os.path.join(top, name), info.st_mode, info.st_size, info.st_mtime_ns))
    if not os.path.isdir(path):
        info = os.lstat(path)
        found.append((path, info.st_mode, info.st_size, info.st_mtime_ns))
    return hashlib.sha256(repr(sorted(found)).encode()).hexdigest()


def run(command, environment):
    """Exit status, stderr, seconds and peak MiB of a process; None as status when it was killed for its time."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        begin = time.monotonic()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment)
        timer = threading.Timer(10, process.kill)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        seconds = time.monotonic() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        err.seek(0)
        return (None if seconds >= 10 else process.returncode), err.read().decode(errors="replace"), seconds, usage.ru_maxrss / 1024


def check_file(binary, case, scratch):
    """Faults of one case on the command line."""
    faults = []
    before = print_of(case["file"])
    for command in ("inspect", "compress"):
        out, temporary, cwd = (tempfile.mkdtemp(dir=scratch) for _ in range(3))
        environment = dict({k: v for k, v in os.environ.items() if not k.startswith("COREANVIL_")}, TMPDIR=temporary, **settings(case))
        target = os.path.join(out, "out.mlpackage")
        arguments = [binary, command, case["file"]] + (["--recipe", "int8", "-o", target] if command == "compress" else [])
        process_status, errors, seconds, peak = run(arguments, environment | {"PWD": cwd})
        say = lambda text: faults.append(f"{command}: {text}")
        if process_status is None:
            say("still running after 10 s")
            continue
        if process_status < 0 or process_status in CRASHES or "panicked at" in errors:
            say(f"crashed: status {process_status}: {errors[-300:]}")
            continue
        if case["stage"] == "open" and process_status not in allowed(case):
            say(f"status {process_status}, not {sorted(allowed(case))}: {errors.strip()[:200]}")
        if case["stage"] == "open" and (seconds > SECONDS or peak > MEBIBYTES):
            say(f"{seconds:.1f} s, {peak:.0f} MiB")
        lines = errors.splitlines()
        if process_status:
            told = [line for line in lines if line.startswith("error: ")]
            rest = [line for line in lines if not line.startswith(("error: ", "hint: "))]
            if len(told) != 1 or rest or any(ord(c) < 32 for line in lines for c in line) or len(told[0].split(": ")) < 3:
                say(f"not one line `error: WHAT: WHERE: WHY`: {errors[:300]!r}")
            if os.listdir(out):
                say(f"left {os.listdir(out)} beside the output")
        left = [os.path.relpath(os.path.join(d, f), temporary) for d, _, fs in os.walk(temporary) for f in fs] + os.listdir(temporary)
        if left:
            say(f"left {left[:3]} in the temporary folder")
        for folder in (out, temporary, cwd):
            shutil.rmtree(folder, ignore_errors=True)
    if print_of(case["file"]) != before:
        faults.append("the input was changed")
    return faults


def zipped(path):
    """What a client would send: a file as it is, a folder as a zip with its links as links."""
    if not os.path.isdir(path) or os.path.islink(path):
        with open(path, "rb") as f:
            return f.read()
    buffer, top = io.BytesIO(), os.path.dirname(path)
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as z:
        for folder, folders, names in os.walk(path):
            folders.sort()
            for name in sorted(names) + [n for n in folders if os.path.islink(os.path.join(folder, n)) or not os.listdir(os.path.join(folder, n))]:
                full = os.path.join(folder, name)
                entry = zipfile.ZipInfo(os.path.relpath(full, top), (1980, 1, 1, 0, 0, 0))
                mode = os.lstat(full).st_mode
                entry.external_attr = mode << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                if stat.S_ISLNK(mode):
                    z.writestr(entry, os.readlink(full))
                elif stat.S_ISDIR(mode):
                    entry.filename += "/"
                    z.writestr(entry, b"")
                elif stat.S_ISREG(mode):
                    with open(full, "rb") as f:
                        z.writestr(entry, f.read())
        if not os.listdir(path):
            z.writestr(zipfile.ZipInfo(os.path.basename(path) + "/"), b"")
    return buffer.getvalue()


class Service:
    """A server of our own with its own folder."""

    def __init__(self, binary, environment=None):
        self.folder = tempfile.mkdtemp(prefix="coreanvil-hostile-service-")
        self.data, temporary = os.path.join(self.folder, "data"), os.path.join(self.folder, "tmp")
        os.mkdir(temporary)
        clean = {k: v for k, v in os.environ.items() if not k.startswith("COREANVIL_")}
        clean.update(COREANVIL_DATA__FOLDER=self.data, COREANVIL_SERVER__LISTEN="127.0.0.1:0", TMPDIR=temporary, **(environment or {}))
        self.log = open(os.path.join(self.folder, "log"), "w+")
        self.process = subprocess.Popen([binary, "serve"], env=clean, stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.token = self.url = None
        deadline = time.monotonic() + 30
        while (self.token is None or self.url is None) and time.monotonic() < deadline:
            line = self.process.stdout.readline()
            if not line:
                break
            self.token = (re.findall(r"\bca_[A-Za-z0-9_]+", line) or [self.token])[0]
            self.url = (re.findall(r"http://127\.0\.0\.1:\d+", line) or [self.url])[0]
        if self.token is None or self.url is None:
            self.log.seek(0)
            raise SystemExit(f"error: serve: no token and address on standard output: {self.log.read()[-500:]}")
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def call(self, method, path, body=None, kind="application/json"):
        request = urllib.request.Request(self.url + path, data=body, method=method, headers={"Authorization": f"Bearer {self.token}", "Content-Type": kind})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.headers.get("Content-Type", ""), answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers.get("Content-Type", ""), error.read()

    def state(self):
        """Rows of revisions and their files, and every file of the store and the temporary folders."""
        database = glob.glob(os.path.join(self.data, "*.db")) + glob.glob(os.path.join(self.data, "*.sqlite*"))
        rows = {}
        with sqlite3.connect(f"file:{database[0]}?mode=ro", uri=True) as connection:
            for (table,) in connection.execute("select name from sqlite_master where type = 'table'").fetchall():
                if not re.match(r"(_sqlx|sqlite|idempot|audit|sessions|workers)", table):
                    rows[table] = connection.execute(f'select count(*) from "{table}"').fetchone()[0]
        found = []
        for folder, _, names in os.walk(self.folder):
            found += [os.path.relpath(os.path.join(folder, name), self.folder) for name in names]
        return rows, sorted(f for f in found if f != "log" and not os.path.basename(f).startswith(os.path.basename(database[0])))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = "killed"
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        return status


def check_service(service, case):
    """Faults of one case through the API."""
    name = "m-" + re.sub("[^a-z0-9-]", "-", case["name"].lower())[:60]
    status, _, body = service.call("POST", "/api/v1/models", json.dumps({"name": name}).encode())
    if status != 201:
        return [f"POST /models: {status} {body[:200]}"]
    before = service.state()
    begin = time.monotonic()
    kind = "application/zip" if case["path"].endswith((".zip", ".mlpackage")) else "application/octet-stream"
    status, kind, body = service.call("POST", f"/api/v1/models/{name}/revisions", zipped(case["file"]), kind)
    seconds = time.monotonic() - begin
    faults = []
    if status == 201:
        if 0 not in allowed(case) and case["stage"] == "open":
            faults.append("accepted with 201")
    elif not 400 <= status < 500:
        faults.append(f"status {status}: {body[:200]}")
    elif case["expect"] == 0 and not case.get("also_ok"):
        faults.append(f"refused with {status}: {body[:200]}")
    else:
        if not kind.startswith("application/problem+json"):
            faults.append(f"not a problem document: {kind}")
        else:
            problem = json.loads(body)
            if problem.get("code") not in ("bad_package", "unsupported", "unsupported_media_type", "too_large", "bad_request") or not problem.get("detail"):
                faults.append(f"problem: {problem}")
        if service.state() != before:
            (rows, files), (rows_now, files_now) = before, service.state()
            faults.append(f"left rows {({k: (rows.get(k), v) for k, v in rows_now.items() if rows.get(k) != v})}, files {sorted(set(files_now) - set(files))[:4]}")
    if seconds > 10:
        faults.append(f"{seconds:.1f} s")
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mode", choices=["files", "service"])
    parser.add_argument("--bin", required=True)
    parser.add_argument("--only")
    parser.add_argument("--cases", help="folder that make_bad.py made; made now when not given")
    arguments = parser.parse_args()
    folder, every = cases(arguments.cases, arguments.only)
    scratch = tempfile.mkdtemp(prefix="coreanvil-hostile-out-")
    passed = failed = 0
    service = None
    try:
        if arguments.mode == "service":
            service = Service(arguments.bin)
        for case in every:
            if service is not None:
                if case.get("set"):
                    own = Service(arguments.bin, settings(case))
                    try:
                        faults = check_service(own, case)
                    finally:
                        own.stop()
                else:
                    faults = check_service(service, case)
            else:
                faults = check_file(arguments.bin, case, scratch)
            passed, failed = passed + (not faults), failed + bool(faults)
            for fault in faults:
                print(f"FAILED {case['name']} ({case['why']}): {fault}", flush=True)
        if service is not None:
            status, _, _ = service.call("GET", "/healthz")
            ended = service.stop()
            service = None
            if status != 200 or ended != 0:
                failed += 1
                print(f"FAILED the service: /healthz {status}, ended with {ended}")
    finally:
        if service is not None:
            service.stop()
        shutil.rmtree(scratch, ignore_errors=True)
        if not arguments.cases:
            shutil.rmtree(folder, ignore_errors=True)
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"largest process: {largest:.0f} MiB")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
