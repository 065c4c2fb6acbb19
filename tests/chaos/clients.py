"""Those who use the fleet: they submit with keys and resend what got no answer, cancel, upload, cut uploads, read."""
import base64
import collections
import hashlib
import http.client
import json
import random
import threading
import time
import urllib.error
import urllib.request
import uuid

from run import package_zip

MODELS = ["mnist_cnn", "mlp_fp32", "gru_bilstm", "misc_ops", "tied"]
RECIPES = ["int8", "int8-asymmetric", "palettize-4", "palettize-6", "palettize-2", "prune-50", "int8-per-tensor"]
FINAL = ("succeeded", "failed", "cancelled")
IN_FLIGHT = 40


class Clients:
    def __init__(self, servers, token, seed, fault, arguments):
        self.servers, self.token, self.random, self.fault, self.arguments = servers, token, random.Random(seed), fault, arguments
        self.accepted, self.ended, self.uploaded, self.open = {}, {}, {}, set()
        self.count, self.lock, self.stop = collections.Counter(), threading.Lock(), threading.Event()
        self.submitted, self.variant, self.threads = 0, 100, []
        self.followed, self.unfollowed = {}, []

    def call(self, method, path, body=None, headers=None, server=None, timeout=40):
        """Status, headers and JSON (or bytes); (None, …) when nobody answered."""
        server = server or self.random.choice(self.servers)
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(f"http://{server}/api/v1{path}", method=method, data=data,
                                         headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", **(headers or {})})
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                content = answer.read()
                told = answer.headers
                return answer.status, told, json.loads(content) if "json" in told.get("Content-Type", "") else content
        except urllib.error.HTTPError as error:
            content = error.read()
            self.judge(method, path, error, content)
            return error.code, error.headers, content
        except (OSError, http.client.HTTPException, ValueError):
            self.count["no_answer"] += 1
            return None, {}, b""

    def judge(self, method, path, error, content):
        """What may be refused while the machines fail: 503 with a problem document that says when to come back."""
        self.count[f"status_{error.code}"] += 1
        if error.code == 503:
            if "Retry-After" not in error.headers or "problem+json" not in error.headers.get("Content-Type", ""):
                self.fault(f"answer: {method} {path}: 503 without Retry-After or problem document: {content[:200]}")
        elif error.code >= 500:
            self.fault(f"answer: {method} {path}: {error.code} {content[:300]}")

    def insist(self, method, path, body=None, headers=None):
        """Until somebody answers for good."""
        while True:
            status, told, answer = self.call(method, path, body, headers)
            again = status is None or status in (429, 503) or (status == 409 and b"idempotency_in_flight" in bytes(answer))
            if not again:
                return status, told, answer
            self.count["resent"] += 1
            if self.stop.wait(0.4):
                return status, told, answer

    def get(self, path):
        return self.insist("GET", path)

    def upload(self, model, variant):
        content = package_zip(model, variant)
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        status, _, revision = self.insist("POST", f"/models/{model}/revisions", content, {"Content-Type": "application/zip", "Content-Digest": f"sha-256=:{digest}:"})
        if status in (200, 201):
            with self.lock:
                self.uploaded[revision["id"]] = revision["digest"]
        elif status is not None and status != 503:
            self.fault(f"answer: upload: {status} {revision[:300]}")

    def prepare(self):
        for model in MODELS:
            self.insist("POST", "/models", {"name": model})
            for variant in range(1, 7):
                self.upload(model, variant)

    def begin(self):
        for work in [self.submitter] * 6 + [self.uploader, self.cutter, self.reader, self.watcher, self.watcher, self.follower, self.follower]:
            thread = threading.Thread(target=self.run, args=(work,), daemon=True)
            thread.start()
            self.threads.append(thread)
        self.begun = time.monotonic()

    def run(self, work):
        try:
            work()
        except Exception as error:  # a client that dies silently would prove nothing
            self.fault(f"client: {work.__name__}: {error!r}")

    def share(self):
        return len(self.ended) / max(self.arguments.jobs, 1)

    def quiet(self):
        return self.submitted >= self.arguments.jobs and len(self.ended) >= len(self.accepted) >= self.arguments.jobs

    def end(self):
        self.stop.set()
        for thread in self.threads:
            thread.join(60)
        self.stop.clear()
        self.threads = []

    def submitter(self):
        while not self.stop.wait(0.05):
            with self.lock:
                due = self.submitted < self.arguments.jobs and len(self.open) < IN_FLIGHT and self.submitted < (time.monotonic() - self.begun) * self.arguments.rate + 5
                if not due:
                    continue
                self.submitted += 1
                revision, recipe, dice = self.random.choice(sorted(self.uploaded)), self.random.choice(RECIPES), self.random.random()
            key = str(uuid.uuid4())
            body = {"kind": "compress", "revision": revision, "recipe": recipe}
            if dice < 0.1:
                body["then"] = [{"kind": "compress", "recipe": "palettize-4" if recipe.startswith("prune") else "int8"}]
            headers = {"Idempotency-Key": key}
            twin = []
            if 0.1 <= dice < 0.2:  # the same through both servers at once
                twin = [threading.Thread(target=lambda: self.count.update(twins=self.call("POST", "/jobs", body, headers, self.servers[0])[0] == 202), daemon=True)]
                twin[0].start()
            status, _, job = self.insist("POST", "/jobs", body, headers)
            for thread in twin:
                thread.join()
            if status != 202:
                self.fault(f"answer: POST /jobs: {status} {bytes(job)[:300] if not isinstance(job, dict) else job}")
                continue
            with self.lock:
                self.accepted[job["id"]] = key
                self.open.add(job["id"])
                if dice > 0.5:
                    self.unfollowed.append(job["id"])
            if dice > 0.96:
                again, _, same = self.insist("POST", "/jobs", body, headers)
                if again == 202 and same["id"] != job["id"]:
                    self.fault(f"accepted: key {key} made {job['id']} and {same['id']}")
            elif dice > 0.9:
                self.stop.wait(self.random.uniform(0, 3))
                status, _, _ = self.insist("POST", f"/jobs/{job['id']}/cancel")
                self.count["cancels"] += status in (200, 202)

    def watcher(self):
        """Long polls through whichever server."""
        while not self.stop.wait(0.02):
            with self.lock:
                job = self.random.choice(sorted(self.open)) if self.open else None
            if job is None:
                continue
            status, _, answer = self.call("GET", f"/jobs/{job}?wait=2")
            if status == 200 and answer["state"] in FINAL:
                with self.lock:
                    self.ended[job] = answer["state"]
                    self.open.discard(job)
            elif status == 404:
                self.fault(f"accepted: job {job} is gone")

    def follower(self):
        """Event streams, taken up where they broke, through whichever server."""
        while not self.stop.wait(0.05):
            with self.lock:
                job = self.unfollowed.pop() if self.unfollowed else None
            if job is not None:
                self.follow(job)

    def follow(self, job):
        events = self.followed.setdefault(job, [])
        while not (events and events[-1][1] in FINAL) and not self.stop.is_set():
            if events:
                self.count["streams_resumed"] += 1
            try:
                self.stream(job, events)
            except (OSError, http.client.HTTPException):
                self.stop.wait(0.3)
        self.count["streams"] += 1

    def stream(self, job, events):
        """Reads events until the stream ends or breaks; a cut line is no event."""
        last = {"Last-Event-ID": f"{job}:{events[-1][0]}"} if events else {}
        request = urllib.request.Request(f"http://{self.random.choice(self.servers)}/api/v1/jobs/{job}/events",
                                         headers={"Authorization": f"Bearer {self.token}", "Accept": "text/event-stream", **last})
        try:
            answer = urllib.request.urlopen(request, timeout=20)
        except urllib.error.HTTPError as error:
            self.judge("GET", f"/jobs/{job}/events", error, error.read())
            self.stop.wait(0.3)
            return
        with answer:
            record = {}
            while line := answer.readline().decode():
                if self.stop.is_set() or not line.endswith("\n"):
                    return
                name, _, value = line.rstrip("\n").partition(": ")
                if name:
                    record[name] = value
                elif "id" in record:
                    of, _, number = record["id"].rpartition(":")
                    if of != job or int(number) != len(events) + 1:
                        self.fault(f"stream: job {job}: {record['id']} after {len(events)} events")
                        return
                    events.append((int(number), record["event"]))
                    record = {}
                    if events[-1][1] in FINAL:
                        return
                else:
                    record = {}

    def uploader(self):
        while not self.stop.wait(1.0):
            with self.lock:
                self.variant += 1
            self.upload(self.random.choice(MODELS), self.variant)

    def cutter(self):
        """Uploads that end in the middle."""
        while not self.stop.wait(1.5):
            content = package_zip(self.random.choice(MODELS), 10_000 + self.count["cut_uploads"])
            try:
                connection = http.client.HTTPConnection(self.random.choice(self.servers), timeout=20)
                connection.putrequest("POST", f"/api/v1/models/{MODELS[0]}/revisions")
                for name, value in (("Authorization", f"Bearer {self.token}"), ("Content-Type", "application/zip"), ("Content-Length", str(len(content)))):
                    connection.putheader(name, value)
                connection.endheaders()
                connection.send(content[:self.random.randrange(1, len(content))])
                connection.close()
                self.count["cut_uploads"] += 1
            except OSError:
                pass

    def reader(self):
        while not self.stop.wait(0.2):
            with self.lock:
                revision = self.random.choice(sorted(self.uploaded))
            path = self.random.choice(["/jobs?limit=20", "/jobs?state=running", "/models", f"/revisions/{revision}", f"/revisions/{revision}/package"])
            status, told, content = self.call("GET", path)
            self.count["reads"] += status == 200
            if status == 200 and path.endswith("package"):
                digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
                if digest not in told.get("Content-Digest", ""):
                    self.fault(f"download: {path} is not what its Content-Digest says")
