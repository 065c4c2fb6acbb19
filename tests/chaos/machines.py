"""What the fleet is made of: Postgres, an S3 server, proxies that misbehave, servers and workers. Standard library only.

Everything that is started ends with us, however we end: children by PR_SET_PDEATHSIG, Postgres (which detaches) by a guard
that waits for our end of a pipe to close.
"""
import ctypes
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
TOOLS = os.path.join(HERE, "..", "tools")
_LIBC = ctypes.CDLL(None, use_errno=True)


def _dies_with_parent():
    os.setsid()
    _LIBC.prctl(1, signal.SIGKILL)


def start(command, **options):
    """A child in a session of its own that is killed when we are. Only to be called from the main thread."""
    assert threading.current_thread() is threading.main_thread(), "a child dies with the thread that made it"
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=_dies_with_parent, **options)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Postgres:
    def __init__(self, folder, mode="fast"):
        self.folder, self.mode, self.script = folder, mode, os.path.join(TOOLS, "postgres-temp.sh")
        guard = "import subprocess, sys; sys.stdin.read(); subprocess.run([sys.argv[1], 'remove', sys.argv[2]])"
        self.guard = subprocess.Popen([sys.executable, "-c", guard, self.script, folder], stdin=subprocess.PIPE, start_new_session=True,
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.url = self.do("start").strip()
        self.port = int(re.search(r":(\d+)/", self.url)[1])
        found = subprocess.run("ls -d ${PG_BIN:-/usr/lib/postgresql/*/bin} | sort -V | tail -1", shell=True, capture_output=True, text=True)
        self.psql = os.path.join(found.stdout.strip(), "psql")

    def do(self, command):
        # to a file: the server keeps the descriptors it is started with
        with open(self.folder + ".out", "w+") as out:
            subprocess.run([self.script, command, self.folder, self.mode], stdout=out, check=True)
            out.seek(0)
            return out.read()

    def execute(self, sql):
        done = subprocess.run([self.psql, "-qAtX", "-v", "ON_ERROR_STOP=1", self.url], input=sql, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"psql: {done.stderr.strip()}")
        return done.stdout

    def rows(self, select):
        """The rows of a select, as dictionaries."""
        out = self.execute(f"copy (select row_to_json(q) from ({select}) q) to stdout with (format csv, quote e'\\x01', delimiter e'\\x02')")
        return [json.loads(line) for line in out.splitlines()]

    def remove(self):
        self.guard.stdin.close()
        self.guard.wait(60)
        if os.path.exists(self.folder + ".out"):
            os.remove(self.folder + ".out")


def s3_server(python, bucket, log):
    process = start([python, os.path.join(TOOLS, "s3-temp.py"), "--bucket", bucket], stdout=subprocess.PIPE, stderr=log, text=True)
    line = process.stdout.readline()
    if not line:
        raise SystemExit("error: s3-temp.py did not start: it needs moto[s3], flask, flask-cors (--python)")
    return process, json.loads(line)["url"]


class Proxy:
    def __init__(self, target, seed):
        self.process = start([sys.executable, os.path.join(TOOLS, "fault-proxy.py"), "0", str(target), "0", "--seed", str(seed)],
                             stdout=subprocess.PIPE, text=True)
        ports = json.loads(self.process.stdout.readline())
        self.port, self.control = ports["listen"], ports["control"]

    def set(self, **settings):
        """Sets what is given and answers the counters."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.control}/", data=json.dumps(settings).encode() if settings else None)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)


class Member:
    """One server or worker and its lives; each has a role of its own by which the database knows it."""

    def __init__(self, binary, name, folder, environment, arguments, database):
        self.binary, self.name, self.arguments, self.database = binary, name, arguments, database
        self.folder = os.path.join(folder, name)
        os.makedirs(self.folder)
        self.environment = dict(environment, COREANVIL_DATA__FOLDER=os.path.join(self.folder, "data"))
        self.life, self.process, self.paused, self.ready_at = 0, None, False, None
        self.refused = 0

    def start(self):
        self.life += 1
        self.paused, self.ready = False, threading.Event()
        self.log = open(os.path.join(self.folder, f"log-{self.life}"), "w")
        url = self.database.replace("ROLE", f"{self.name}_{self.life}")
        self.process = start([self.binary, *self.arguments], cwd=self.folder, env=dict(self.environment, COREANVIL_DATABASE__URL=url),
                             stdout=subprocess.PIPE, stderr=self.log, text=True)
        threading.Thread(target=self._read, args=(self.process, self.ready), daemon=True).start()

    @staticmethod
    def _read(process, ready):
        for line in process.stdout:
            if line.startswith(("listening on", "working:")):
                ready.set()

    def await_ready(self, seconds=60):
        deadline = time.monotonic() + seconds
        while not self.ready.wait(0.1):
            if self.process.poll() is not None or time.monotonic() > deadline:
                return False
        return True

    def last_words(self):
        with open(self.log.name) as log:
            return log.read()[-600:]

    def signal(self, number):
        if self.process.poll() is None:
            self.process.send_signal(number)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.process.wait()
        self.log.close()

    def stop(self, seconds=60):
        """Asks it to end; its exit status, or None when it had to be killed."""
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return None
        finally:
            self.log.close()

    def dead(self):
        return self.process.poll() is not None

    def complaints(self):
        """Lines of all its logs that no fault of others explains."""
        found = []
        for life in range(1, self.life + 1):
            with open(os.path.join(self.folder, f"log-{life}"), errors="replace") as log:
                found += [f"{self.name}.{life}: {line.strip()[:300]}" for line in log if "panicked" in line]
        return found
