#!/usr/bin/env python3
"""upload.py --bin COREANVIL [--gib 2] — uploading a large package of incompressible weights to a server on this machine.

Makes a package of that size (one weight file of random bytes, described as float16 in a program of one gather), zips it
without compression, sends it, and prints the time beside that of `sha256sum` and a copy with `conv=fsync` of the same
file, and by how much the server's resident memory grew (highest minus the value before, from /proc/PID/status).
"""
import argparse
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tests", "hostile"))
import run as hostile  # noqa: E402
from badlib import M, entry, ld, tag, vint  # noqa: E402

BASE = os.path.join(HERE, "..", "tests", "hostile", "base.mlpackage")
DATA = "Data/com.apple.CoreML"


def shape(dimensions):
    """TensorType of float16 values."""
    return tag(1, 0) + vint(10) + tag(2, 0) + vint(len(dimensions)) + b"".join(ld(3, ld(1, tag(1, 0) + vint(n))) for n in dimensions)


def text(value):
    """A Value that holds one string."""
    return ld(2, ld(1, tag(1, 0) + vint(2))) + ld(3, ld(1, ld(4, ld(1, value))))


def model(rows, columns):
    """The base model with one more const, which nothing reads: a large table in a second weight record."""
    with open(os.path.join(BASE, DATA, "model.mlmodel"), "rb") as f:
        message = M(f.read())
    block = message.sub(502).sub(2).sub(2).sub(3).sub(2)
    table = ld(2, ld(1, shape([rows, columns]))) + ld(5, ld(1, b"@model_path/weights/weight.bin") + tag(2, 0) + vint(record_at()))
    op = ld(1, b"const") + ld(3, ld(1, b"table") + ld(2, ld(1, shape([rows, columns]))))
    op += ld(5, ld(1, b"name") + ld(2, text(b"table"))) + ld(5, ld(1, b"val") + ld(2, table))
    first = next(i for i, e in enumerate(block.f) if e[0] == 3)
    block.f.insert(first, [3, 2, op])
    return message.bytes()


def record_at():
    size = os.path.getsize(os.path.join(BASE, DATA, "weights/weight.bin"))
    return (size + 63) // 64 * 64


def make(folder, gib):
    """The package as a zip."""
    columns, rows = 4096, int(gib * 2**30) // 8192
    count = rows * columns * 2
    with open(os.path.join(BASE, DATA, "weights/weight.bin"), "rb") as f:
        weights = bytearray(f.read())
    weights[0:4] = struct.pack("<I", struct.unpack("<I", weights[0:4])[0] + 1)
    weights += bytes(record_at() - len(weights))
    weights += struct.pack("<IIQQQ", 0xDEADBEEF, 1, count, record_at() + 64, 0) + bytes(32)
    path = os.path.join(folder, "large.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=True) as z:
        z.write(os.path.join(BASE, "Manifest.json"), "large.mlpackage/Manifest.json")
        z.writestr(f"large.mlpackage/{DATA}/model.mlmodel", model(rows, columns))
        with z.open(zipfile.ZipInfo(f"large.mlpackage/{DATA}/weights/weight.bin"), "w", force_zip64=True) as f:
            f.write(weights)
            left = count
            while left:
                # finite halves: the exponent is never all ones
                part = bytearray(os.urandom(min(left, 1 << 22)))
                part[1::2] = bytes(part[1::2]).translate(bytes(b & 0xBF for b in range(256)))
                f.write(part)
                left -= len(part)
    return path


def memory(pid, key):
    with open(f"/proc/{pid}/status") as f:
        return int(re.search(rf"^{key}:\s+(\d+)", f.read(), re.M).group(1)) / 1024


def timed(*command):
    begin = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - begin


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--gib", type=float, default=2)
    parser.add_argument("--folder", help="where to work (default: the temporary folder)")
    a = parser.parse_args()
    folder = tempfile.mkdtemp(dir=a.folder)
    service = None
    try:
        path = make(folder, a.gib)
        os.sync()
        service = hostile.Service(a.bin)
        service.call("POST", "/api/v1/models", b'{"name": "large"}')
        before, highest, done = memory(service.process.pid, "VmRSS"), 0.0, threading.Event()

        def watch():
            nonlocal highest
            while not done.wait(0.05):
                highest = max(highest, memory(service.process.pid, "RssAnon"))
        anonymous = memory(service.process.pid, "RssAnon")
        watcher = threading.Thread(target=watch)
        watcher.start()
        spent = timed("curl", "-fsS", "-H", f"Authorization: Bearer {service.token}", "-H", "Content-Type: application/zip", "-T", path, "-X", "POST",
                      f"{service.url}/api/v1/models/large/revisions", "-o", os.path.join(folder, "answer.json"))
        done.set()
        watcher.join()
        peak = memory(service.process.pid, "VmHWM")
        os.sync()
        sums = timed("sha256sum", path)
        copy = timed("dd", f"if={path}", f"of={os.path.join(folder, 'copy')}", "bs=1M", "conv=fsync")
        print(f"package: {os.path.getsize(path) / 2**30:.2f} GiB")
        print(f"upload: {spent:.1f} s; sha256sum {sums:.1f} s + cp with fsync {copy:.1f} s = {sums + copy:.1f} s")
        print(f"server: resident {before:.0f} MiB before, {peak:.0f} MiB at most (+{peak - before:.0f}); of it not mapped files: {anonymous:.0f}, at most {highest:.0f} (+{highest - anonymous:.0f})")
        good = spent <= sums + copy and peak - before < 48
        print("within the targets" if good else "missed a target")
        return 0 if good else 1
    finally:
        if service is not None:
            service.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
