#!/usr/bin/env python3
"""readme.py README.md — does what the README tells a newcomer to do, in an empty folder's place.

Runs the first fenced `sh` block marked `<!-- demo -->` (it starts the service and stays up), waits for its address and
token, then runs the blocks marked `<!-- curl -->`, `<!-- then -->` and `<!-- backup -->` in one shell that stops at the first
failure, with the binary that the demo built on the path, checks that the packages it downloads are there, and ends the service with SIGTERM, which must end it with status 0.
"""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time


def block(text, mark):
    """The fenced block after a mark."""
    found = re.search(rf"<!-- {mark} -->\s*```sh\n(.*?)```", text, re.S)
    if not found:
        sys.exit(f"error: README: no block marked {mark}")
    return found.group(1)


def main():
    readme = os.path.abspath(sys.argv[1])
    top = os.path.dirname(readme)
    with open(readme) as f:
        text = f.read()
    demo, curl = block(text, "demo"), "".join(block(text, mark) for mark in ("curl", "then", "backup"))
    folder = tempfile.mkdtemp()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("COREANVIL_")}
    environment["COREANVIL_DATA__FOLDER"] = os.path.join(folder, "data")
    print("$", demo.strip(), flush=True)
    service = subprocess.Popen(["bash", "-c", "exec " + demo.strip()], cwd=top, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    lines, ready, token = [], threading.Event(), []

    def read():
        for line in service.stdout:
            print(line, end="", flush=True)
            lines.append(line)
            found = re.search(r"\bca_[A-Za-z0-9_]+", line)
            if found and not token:
                token.append(found.group(0))
            if re.search(r"ctrl.?c", line, re.I):
                ready.set()
        ready.set()
    threading.Thread(target=read, daemon=True).start()
    status = 1
    try:
        if not ready.wait(900) or service.poll() is not None:
            sys.exit("error: demo: the service did not stay up")
        if not token:
            sys.exit("error: demo: no token was printed")
        environment["COREANVIL_TOKEN"] = token[0]
        work = os.path.join(folder, "work")
        os.mkdir(work)
        print("$ the lines of curl", flush=True)
        built = os.path.join(top, os.environ.get("CARGO_TARGET_DIR", "target"), "debug")
        environment["PATH"] = built + os.pathsep + environment["PATH"]
        script = curl.replace("export COREANVIL_TOKEN=", "# export COREANVIL_TOKEN=")
        status = subprocess.run(["bash", "-euo", "pipefail", "-x", "-c", f"cd {top}\n" + script], env=dict(environment, OUT=work), timeout=600).returncode
        if status == 0 and not any(name.endswith(".zip") for name in os.listdir(work)):
            sys.exit("error: curl: nothing was downloaded")
    finally:
        service.send_signal(signal.SIGTERM)
        try:
            ended = service.wait(60)
        except subprocess.TimeoutExpired:
            service.kill()
            ended = "killed"
        time.sleep(0.1)
        shutil.rmtree(folder, ignore_errors=True)
    if ended != 0:
        sys.exit(f"error: demo: SIGTERM ended the service with {ended}")
    print("1 passed, 0 failed" if status == 0 else "0 passed, 1 failed")
    sys.exit(status)


if __name__ == "__main__":
    main()
