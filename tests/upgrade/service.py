"""A service started for a test: its address and token, calls to it, its end. Standard library only."""
import http.client
import io
import json
import os
import re
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
MODELS = os.path.join(HERE, "..", "models")
FINAL = ("succeeded", "failed", "cancelled")


def package_zip(name):
    """A package of tests/models as a zip."""
    top = os.path.join(MODELS, name + ".mlpackage")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for folder, folders, names in os.walk(top):
            folders.sort()
            for file in sorted(names):
                full = os.path.join(folder, file)
                archive.write(full, f"{name}.mlpackage/" + os.path.relpath(full, top))
    return buffer.getvalue()


def clean(environment):
    """This process's environment without our variables, and with these."""
    return {**{k: v for k, v in os.environ.items() if not k.startswith("COREANVIL_")}, **environment}


class Service:
    """A process of the service: `serve` (waits for its address) or `worker`."""

    def __init__(self, binary, folder, arguments, environment, ready="listening", token=None):
        self.log_path = os.path.join(folder, "log")
        self.log = open(self.log_path, "a")
        environment = {"COREANVIL_SERVER__LISTEN": "127.0.0.1:0", "COREANVIL_WORKER__POLL_MS": "50", **environment}
        self.process = subprocess.Popen([binary, *arguments], cwd=folder, env=clean(environment), stdout=subprocess.PIPE,
                                        stderr=self.log, text=True)
        self.token, self.url = token, None
        while True:
            line = self.process.stdout.readline()
            if not line:
                self.log.close()
                raise SystemExit(f"error: {' '.join(arguments)}: did not start: {open(self.log_path).read()[-2000:]}")
            self.token = (re.findall(r"\bca_[A-Za-z0-9_]+", line) or [self.token])[0]
            self.url = (re.findall(r"http://(127\.0\.0\.1:\d+)", line) or [self.url])[0]
            if ready in line:
                break
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def call(self, method, path, body=None, headers=None, timeout=90):
        """Status and what was answered: JSON, or bytes."""
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", **(headers or {})}
        request = urllib.request.Request(f"http://{self.url}/api/v1{path}", method=method, data=body, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                content = answer.read()
                return answer.status, json.loads(content) if "json" in answer.headers.get("Content-Type", "") else content
        except urllib.error.HTTPError as error:
            return error.code, error.read()[:500]

    def expect(self, status, method, path, body=None, headers=None, create=None):
        """What was answered, with that status or else the end. `create` makes a model of that name first."""
        if create:
            self.expect(201, "POST", "/models", {"name": create})
        found, answer = self.call(method, path, body, headers)
        if found not in (status if isinstance(status, tuple) else (status,)):
            raise SystemExit(f"error: {method} {path}: {found} instead of {status}: {answer}")
        return answer

    def ended(self, job, seconds=120):
        """The job when it has ended."""
        deadline = time.monotonic() + seconds
        while True:
            answer = self.expect(200, "GET", f"/jobs/{job}?wait=20")
            if answer["state"] in FINAL or time.monotonic() > deadline:
                return answer

    def kill(self):
        """SIGKILL."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.log.close()

    def stop(self, seconds=60):
        """SIGTERM; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(seconds)
        self.log.close()
        return status
