#!/usr/bin/env python3
"""raised.py --bin COREANVIL — a CoreML5 program is raised to CoreML6 as coremltools 9.0 raises it.

For each of the seven operations that iOS 16 defined anew, a program of that operation and one linear layer is made for
iOS 15 and compressed to int8 by both. The operation's parameters, old and new, must be the same values in both results,
the opset CoreML6 and the specification version 7, the report must say that iOS 15 is lost, and coremltools must open ours.
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
import numpy as np


def programs(ct):
    """{operation: MIL program for iOS 15}."""
    from coremltools.converters.mil import Builder as mb
    rng = np.random.default_rng(5)
    weight = rng.standard_normal((64, 64)).astype(np.float32)

    def make(shape, body):
        @mb.program(input_specs=[mb.TensorSpec(shape)], opset_version=ct.target.iOS15)
        def program(x):
            y = body(mb, x)
            parts = list(y) if isinstance(y, (list, tuple)) else [y]
            flat = mb.reshape(x=parts[0], shape=(-1, 64), name="flat")
            return tuple([mb.linear(x=flat, weight=weight, name="z")] + parts[1:])
        return program

    grid = (rng.random((1, 8, 8, 2)) * 2 - 1).astype(np.float32)
    boxes = np.array([[[[[0]], [[1]], [[1]], [[4]], [[4]]]]], np.float32).reshape(1, 1, 5, 1, 1)
    return {
        "gather": make((4, 64), lambda mb, x: mb.gather(x=x, indices=np.array([2, 0], np.int32), axis=0, name="y")),
        "gather_along_axis": make((4, 64), lambda mb, x: mb.gather_along_axis(x=x, indices=np.zeros((2, 64), np.int32), axis=0, name="y")),
        "gather_nd": make((4, 64), lambda mb, x: mb.gather_nd(x=x, indices=np.array([[1], [3]], np.int32), name="y")),
        "topk": make((4, 128), lambda mb, x: mb.topk(x=x, k=64, axis=1, ascending=False, name="y")),
        "resample": make((1, 3, 8, 8), lambda mb, x: mb.resample(x=x, coordinates=grid, sampling_mode="bilinear", padding_mode="constant", padding_value=0.0,
                                                                 coordinates_mode="normalized_minus_one_to_one", align_corners=True, name="y")),
        "upsample_bilinear": make((1, 1, 8, 8), lambda mb, x: mb.upsample_bilinear(x=x, scale_factor_height=2.0, scale_factor_width=2.0, align_corners=True, name="y")),
        "crop_resize": make((1, 1, 8, 8), lambda mb, x: mb.crop_resize(x=x, roi=boxes, target_height=8, target_width=8, normalized_coordinates=False, spatial_scale=1.0,
                                                                       box_coordinate_mode="CORNERS_HEIGHT_FIRST", sampling_mode="ALIGN_CORNERS", name="y")),
    }


def parameters(package, kind):
    """Values of the parameters of the operations of a type: {parameter: (dtype, shape, bytes) or "computed"}."""
    model, blobs = packages.load(package), packages.Blobs(packages.files(package)[1])
    consts, found = {}, []
    for _, op in packages.walk(model.mlProgram):
        if op.type == "const":
            value = op.attributes["val"] if "val" in op.attributes else op.inputs["val"].arguments[0].value
            consts[op.outputs[0].name] = value
        if op.type == kind:
            row = {}
            for key, argument in op.inputs.items():
                binding = argument.arguments[0]
                value = consts.get(binding.name) if binding.WhichOneof("binding") == "name" else binding.value
                tensor = packages.Tensor(value, blobs) if value is not None else None
                row[key] = (tensor.dtype, tensor.shape, tensor.bytes) if tensor else "computed"
            found.append(row)
    function = next(iter(model.mlProgram.functions.values()))
    return found, function.opset, model.specificationVersion


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True)
    a = parser.parse_args()
    ct = theirs.coremltools()
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for kind, program in programs(ct).items():
            source, expected, out = (os.path.join(folder, f"{kind}-{part}.mlpackage") for part in ("source", "theirs", "ours"))
            ct.convert(program, convert_to="mlprogram", minimum_deployment_target=ct.target.iOS15, compute_precision=ct.precision.FLOAT32, skip_model_load=True).save(source)
            before = parameters(source, kind)
            theirs.compress(source, "int8", expected)
            done = subprocess.run([a.bin, "compress", source, "--recipe", "int8", "-o", out, "--json"], capture_output=True, text=True)
            faults = []
            if len(before[0]) != 1 or before[1] != "CoreML5":
                faults.append(f"the program is not what it should be: {before}")
            if done.returncode != 0:
                faults.append(f"ended with {done.returncode}: {done.stderr.strip()}")
            else:
                want, have = parameters(expected, kind), parameters(out, kind)
                if have != want:
                    faults.append(f"theirs {want}, ours {have}")
                report = json.loads(done.stdout)
                if report["deployment_target"] != {"before": "iOS15", "after": "iOS16"} or not any("iOS 15" in w or "iOS15" in w for w in report["warnings"]):
                    faults.append(f"the report does not say that iOS 15 is lost: {report['deployment_target']} {report['warnings']}")
                why = compare.opened(out)
                if why:
                    faults.append(f"coremltools does not open it: {why}")
                new = sorted(set(want[0][0]) - set(before[0][0]))
                print(f"{kind}: new parameters {', '.join(new) or 'none'}")
            passed, failed = passed + (not faults), failed + bool(faults)
            for fault in faults:
                print(f"FAILED {kind}: {fault}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or passed != 7 else 0


if __name__ == "__main__":
    sys.exit(main())
