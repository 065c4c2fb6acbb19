"""seed.py PACKAGE — fills a server with a model, a revision, an alias, a token and a finished job; prints their ids as JSON.

The server and the token come from COREANVIL_URL and COREANVIL_TOKEN. Standard library only.
"""
import io
import json
import os
import sys
import urllib.request
import zipfile

URL = os.environ["COREANVIL_URL"] + "/api/v1"


def call(method, path, body=None, kind="application/json"):
    data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
    headers = {"Authorization": "Bearer " + os.environ["COREANVIL_TOKEN"], "Content-Type": kind}
    with urllib.request.urlopen(urllib.request.Request(URL + path, data=data, method=method, headers=headers), timeout=90) as answer:
        return json.load(answer)


def zipped(path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for folder, _, names in sorted(os.walk(path)):
            for name in sorted(names):
                full = os.path.join(folder, name)
                archive.write(full, os.path.relpath(full, os.path.dirname(path)))
    return buffer.getvalue()


def main():
    model = call("POST", "/models", {"name": "seeded"})
    revision = call("POST", "/models/seeded/revisions?tag=commit:abc", zipped(os.path.abspath(sys.argv[1])), "application/zip")
    call("PUT", "/models/seeded/aliases/prod", {"revision": revision["id"]})
    job = call("POST", "/jobs", {"kind": "compress", "revision": revision["id"], "recipe": "int8"})
    job = call("GET", f"/jobs/{job['id']}?wait=60")
    while job["state"] in ("queued", "running"):
        job = call("GET", f"/jobs/{job['id']}?wait=60")
    made = job["result"]["revision_id"]
    token = call("POST", "/tokens", {"name": "seeded", "scope": "reader"})
    print(json.dumps({"model": model["id"], "revision": revision["id"], "made": made, "job": job["id"], "token": token["id"]}))


if __name__ == "__main__":
    main()
