#!/usr/bin/env python3
"""lossless.py --bin COREANVIL --corpus DIR — what a recipe does not touch does not change.

1. Each ML Program of the corpus with a recipe of no steps comes out with the same bytes in every file.
2. After compressing one named const, every other operation of the program has the same serialised bytes (where it reads a
   weight file, the offset of its record may have moved), every record it reads the same header and data, and every field
   of the model outside the functions the same bytes, in the same order, but for the specification version.
3. The same command with 1 and 8 threads writes the same bytes.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

import theirs
import packages
import compare


def fields(data):
    """(field number, wire type, payload) of each record of a message, in order."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value
    while at < len(data):
        tag = varint()
        number, wire, begin = tag >> 3, tag & 7, at
        if wire == 0:
            varint()
            yield number, wire, data[begin:at]
        else:
            size = varint() if wire == 2 else 8 if wire == 1 else 4
            at += size
            yield number, wire, data[at - size:at]


def only(data, number):
    return [payload for found, _, payload in fields(data) if found == number]


def operations(block):
    """Serialised operations of a block and of the blocks inside them; an operation with blocks is cut around them."""
    for payload in only(block, 3):
        inner = only(payload, 4)
        if inner:
            yield b"".join(p for n, _, p in fields(payload) if n != 4)
        else:
            yield payload
        for nested in inner:
            yield from operations(nested)


def frame(data):
    """(model fields without version and program, {(function, operation's outputs): serialised operation})."""
    outside = [(n, w, p) for n, w, p in fields(data) if n not in (1, 502)]
    found = {}
    for program in only(data, 502):
        outside += [("program", n, p) for n, _, p in fields(program) if n != 2]
        for entry in only(program, 2):
            name, function = only(entry, 1)[0], only(entry, 2)[0]
            outside += [("function", name, n, p) for n, _, p in fields(function) if n not in (2, 3)]
            for specialization in only(function, 3):
                for index, op in enumerate(operations(only(specialization, 2)[0])):
                    outputs = tuple(only(value, 1)[0] for value in only(op, 3)) or (b"%d" % index,)
                    found[name, outputs] = op
    return outside, found


def moved(serialised, blobs):
    """An operation with each blob offset replaced by the header and data of the record it names."""
    from coremltools.proto import MIL_pb2
    op = MIL_pb2.Operation()
    op.ParseFromString(serialised)
    records = []

    def value(v):
        if v.WhichOneof("value") == "blobFileValue":
            name, offset = v.blobFileValue.fileName, v.blobFileValue.offset
            data = blobs.read(name, offset)
            header = bytearray(blobs.open[name.split("/")[-1]][offset:offset + 64].tobytes())
            header[16:24] = bytes(8)  # where the data begins
            records.append((name, bytes(header), data))
            v.blobFileValue.offset = 0
    for key in sorted(op.attributes):
        value(op.attributes[key])
    for key in sorted(op.inputs):
        for binding in op.inputs[key].arguments:
            if binding.WhichOneof("binding") == "value":
                value(binding.value)
    return op.SerializeToString(deterministic=True), records


def changed(source, out, const):
    """What differs besides the const, as sentences; and how many operations stayed the same bytes."""
    with open(packages.files(source)[0], "rb") as f:
        outside_a, ops_a = frame(f.read())
    with open(packages.files(out)[0], "rb") as f:
        outside_b, ops_b = frame(f.read())
    faults = [] if outside_a == outside_b else ["fields outside the functions differ"]
    blobs_a, blobs_b = packages.Blobs(packages.files(source)[1]), packages.Blobs(packages.files(out)[1])
    same = shifted = 0
    if [k for k in ops_a if k in ops_b] != [k for k in ops_b if k in ops_a]:
        faults.append("operations in another order")
    for key, op in ops_a.items():
        name = packages_name(op)
        if name == const:
            continue
        other = ops_b.get(key)
        if other is None:
            faults.append(f"{key} is gone")
        elif other == op and moved(op, blobs_a)[1] == moved(other, blobs_b)[1]:
            same += 1
        elif len(other) - len(op) in range(-9, 10) and moved(op, blobs_a) == moved(other, blobs_b):
            shifted += 1
        else:
            faults.append(f"{key} differs")
    return faults, same, shifted


def packages_name(serialised):
    from coremltools.proto import MIL_pb2
    op = MIL_pb2.Operation()
    op.ParseFromString(serialised)
    return op.attributes["name"].immediateValue.tensor.strings.values[0] if "name" in op.attributes else op.outputs[0].name if op.outputs else ""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--corpus", required=True)
    parser.add_argument("--models")
    a = parser.parse_args()
    passed = failed = all_same = all_shifted = 0

    def check(what, faults):
        nonlocal passed, failed
        passed, failed = passed + (not faults), failed + bool(faults)
        for fault in faults[:4]:
            print(f"FAILED {what}: {fault}", flush=True)

    def run(*command):
        return subprocess.run([a.bin, *command], capture_output=True, text=True)
    models = compare.corpus_models()
    with tempfile.TemporaryDirectory() as folder:
        empty, one = os.path.join(folder, "empty.yaml"), os.path.join(folder, "one.yaml")
        with open(empty, "w") as f:
            f.write("name: nothing\nsteps: []\n")
        for model in a.models.split(",") if a.models else models:
            path, out = os.path.join(a.corpus, model, models[model]["file"]), os.path.join(folder, model)
            done = run("compress", path, "--recipe", empty, "-o", out + "-empty.mlpackage")
            faults = [done.stderr.strip()] if done.returncode else []
            if not faults and compare.tree_digest(path) != compare.tree_digest(out + "-empty.mlpackage"):
                faults = ["a recipe of no steps changed bytes"]
            check(f"{model} steps: []", faults)
            done = run("compress", path, "--recipe", "int8", "-o", out + "-1.mlpackage", "--json")
            again = subprocess.run([a.bin, "compress", path, "--recipe", "int8", "-o", out + "-8.mlpackage"], capture_output=True, text=True,
                                   env=dict(os.environ, COREANVIL_WORKER__THREADS="8", RAYON_NUM_THREADS="8"))
            if done.returncode or again.returncode:
                check(f"{model} int8", [done.stderr.strip() or again.stderr.strip()])
                continue
            check(f"{model} threads", [] if compare.tree_digest(out + "-1.mlpackage") == compare.tree_digest(out + "-8.mlpackage") else ["other bytes with 8 threads"])
            names = [row["name"] for row in json.loads(done.stdout)["rows"] if row["new"] != row["old"] and not row["left_because"]]
            for const in sorted({names[0], names[len(names) // 2], names[-1]}) if names else []:
                with open(one, "w") as f:
                    json.dump({"config_type": "OpLinearQuantizerConfig", "global_config": None, "op_name_configs": {const: {"mode": "linear_symmetric"}}}, f)
                target = f"{out}-one-{names.index(const)}.mlpackage"
                done = run("compress", path, "--recipe", one, "-o", target)
                if done.returncode:
                    check(f"{model} {const}", [done.stderr.strip()])
                    continue
                faults, same, shifted = changed(path, target, const)
                all_same, all_shifted = all_same + same, all_shifted + shifted
                check(f"{model} {const}", faults)
            subprocess.run(["bash", "-c", f"rm -rf {folder}/*.mlpackage"], check=True)
    print(f"{all_same} untouched operations with the same bytes, {all_shifted} with another offset of the same record")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
