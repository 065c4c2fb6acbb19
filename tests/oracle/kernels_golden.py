#!/usr/bin/env python3
"""kernels_golden.py OUTPUT.json — results of coremltools' own compression functions on made arrays.

The arrays are made from a seed by integer arithmetic that `crates/compress/src/kernel/tests.rs` repeats, so that only
digests of the results are kept (SHA-256, 16 digits, of the stored little-endian bytes). Where coremltools clusters with
scikit-learn its squared error is kept instead. Needs coremltools 9.0 and numpy 2.4; other versions of numpy give other
percentiles, and on CPUs with AVX512_ICL numpy sorts halves wrongly unless NPY_DISABLE_CPU_FEATURES=AVX512_ICL is set.
"""
import hashlib
import json
import os
import sys
import warnings

os.environ.setdefault("NPY_DISABLE_CPU_FEATURES", "AVX512_ICL")
os.environ.setdefault("OMP_NUM_THREADS", "1")
warnings.filterwarnings("ignore")

import numpy as np  # noqa: E402

np.seterr(all="ignore")
GAMMA, M1, M2 = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


def stream(seed, count):
    """splitmix64"""
    z = (np.arange(1, count + 1, dtype=np.uint64) * np.uint64(GAMMA)) + np.uint64(seed)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(M1)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(M2)
    return z ^ (z >> np.uint64(31))


def array(spec):
    """The array of a spec: kind, dtype, seed, shape, scale, poison. Everything is exact or rounded once."""
    shape, kind, dtype = spec["shape"], spec["data"], {"f16": np.float16, "f32": np.float32}[spec["dtype"]]
    n = int(np.prod(shape))
    raw = stream(spec["seed"], n)
    parts = sum(((raw >> np.uint64(16 * i)) & np.uint64(0xFFFF)).astype(np.int64) for i in range(4))
    bell = (parts - 131070).astype(np.float32) * np.float32(2.0**-17)
    index = np.arange(n)
    if kind == "bits":
        if dtype == np.float16:
            w = (raw & np.uint64(0xFFFF)).astype(np.uint16).view(np.float16)
        else:
            w = (raw & np.uint64(0xFFFFFFFF)).astype(np.uint32).view(np.float32)
        w = np.where(np.isfinite(w), w, dtype(0))
    else:
        w = bell
        if kind == "mirror":
            w = np.concatenate([bell[: n // 2], -bell[: n - n // 2]])
        elif kind == "few":
            w = np.rint(bell * np.float32(32)) * np.float32(1 / 32)
        elif kind == "lattice":
            w = ((index % 301) - 150).astype(np.float32) * np.float32(1 / 256)
        elif kind == "constant":
            w = np.full(n, 0.25, np.float32)
        elif kind == "positive":
            w = np.abs(bell) + np.float32(0.25)
        elif kind == "zeros":
            w = np.where(index % 2 == 0, np.float32(0), bell)
            w = np.where(index % 4 == 0, np.float32(-0.0), w)
        else:
            assert kind == "bell", kind
        w = np.clip(w * np.float32(spec["scale"]), np.float32(-65504), np.float32(65504)).astype(dtype)
    w = w.reshape(shape).copy()
    poison = spec["poison"]
    if poison == "nan":
        w.ravel()[n // 2] = np.nan
    elif poison == "infinite":
        w.ravel()[n // 2] = np.inf
    elif poison == "zero_rows":
        w[::3] = 0
    elif poison == "zero_columns":
        w[..., ::2] = -0.0
    else:
        assert poison == "", poison
    return w


def digest(a):
    return hashlib.sha256(np.ascontiguousarray(a).tobytes()).hexdigest()[:16]


def spec(data, dtype, seed, shape, scale=1.0, poison=""):
    return {"data": data, "dtype": dtype, "seed": seed, "shape": list(shape), "scale": scale, "poison": poison}


def linear(oracle):
    seed = 0
    for dtype in ("f16", "f32"):
        for shape in ([48, 40], [5, 700], [2, 33, 9], [7, 5, 3, 3]):
            for data, scale, poison in (
                ("bell", 0.125, ""), ("bell", 0.125, "zero_rows"), ("bell", 0.125, "zero_columns"), ("positive", 1, ""),
                ("positive", -1, ""), ("bell", 1200, ""), ("bell", 65504, ""), ("bell", 2e-6, ""), ("bell", 3e-7, ""),
                ("bits", 1, ""), ("constant", 0, ""), ("bell", 1, "nan"), ("bell", 1, "infinite"),
            ):
                seed += 1
                s = spec(data, dtype, seed, shape, scale, poison)
                w = array(s)
                for axis in (None, 0, len(shape) - 1):
                    for mode, signed in (("symmetric", 1), ("symmetric", 0), ("asymmetric", 1), ("asymmetric", 0)):
                        blocks = [0] * w.ndim
                        if axis is not None:
                            blocks[axis] = 1
                        if np.isinf(w).any():
                            result = {"left": "Infinite"}
                        else:
                            name = "LINEAR_SYMMETRIC" if mode == "symmetric" else "LINEAR"
                            q = oracle.linear(w, 8, name, bool(signed), blocks)
                            nan = np.isnan(q.scale)
                            result = {"codes": digest(q.data), "scales": digest(np.where(nan, 0, q.scale).astype(w.dtype)),
                                      "nan": int(nan.sum()), "zero_points": None if q.offset is None else digest(q.offset)}
                        yield {**s, "kernel": "linear", "axis": axis, "mode": mode, "signed": signed, **result}


def palettes(oracle):
    seed = 1000
    for data, scale, length in (
        ("bell", 0.125, 10000), ("bell", 0.125, 30011), ("mirror", 0.125, 20000), ("lattice", 1, 12040), ("few", 1, 10000),
        ("constant", 1, 10000), ("zeros", 0.25, 16000), ("bits", 1, 14000), ("bell", 2e-6, 12000), ("bell", 30000, 12000),
    ):
        seed += 1
        s = spec(data, "f16", seed, [length], scale)
        for bits in (1, 2, 3, 4, 6, 8):
            p = oracle.palette(array(s), "KMEANS", bits, [0])
            yield {**s, "kernel": "kmeans", "bits": bits, "lut": digest(p.lut), "indices": digest(p.indices.astype(np.uint8))}
    for dtype in ("f16", "f32"):
        for data, scale, length in (
            ("bell", 0.125, 9999), ("mirror", 1, 3000), ("lattice", 1, 2100), ("zeros", 1, 2500), ("few", 1, 2049), ("bell", 1, 11),
        ):
            seed += 1
            s = spec(data, dtype, seed, [length], scale)
            w = array(s)
            for bits in (1, 2, 4, 6, 8):
                if w.size >= 10000 and dtype == "f16":
                    continue
                p = oracle.palette(w, "KMEANS", bits, [0])
                back = p.lut.ravel()[p.indices.astype(int)].astype(np.float64)
                noise = float(((w.astype(np.float64) - back) ** 2).sum())
                yield {**s, "kernel": "kmeans", "bits": bits, "noise_at_most": noise}
        for data, scale, poison in (
            ("bell", 0.125, ""), ("constant", 1, ""), ("zeros", 1, ""), ("bell", 2e-6, ""), ("bell", 20000, ""), ("positive", 1, ""),
        ):
            for length in (10, 3000):
                seed += 1
                s = spec(data, dtype, seed, [length], scale, poison)
                for bits in (1, 2, 3, 4, 6, 8):
                    p = oracle.palette(array(s), "UNIFORM", bits, [0])
                    yield {**s, "kernel": "uniform", "bits": bits, "lut": digest(p.lut), "indices": digest(p.indices.astype(np.uint8))}
        for data, scale, length in (
            ("few", 1, 3000), ("few", 8, 3000), ("few", 0.03125, 500), ("constant", 1, 64), ("constant", -0.0, 64),
            ("lattice", 1, 40), ("lattice", 1, 255), ("lattice", 1, 256), ("lattice", 1, 257), ("zeros", 0, 600), ("bell", 1, 7),
        ):
            seed += 1
            s = spec(data, dtype, seed, [length], scale)
            p = oracle.palette(array(s), "UNIQUE", None, [0])
            result = {"left": "TooManyValues"} if p is None else {
                "bits": int(np.log2(p.lut.shape[-2])), "lut": digest(p.lut), "indices": digest(p.indices.astype(np.uint8))}
            yield {**s, "kernel": "unique", **result}


def pruned(oracle):
    seed = 2000
    for dtype in ("f16", "f32"):
        for data, scale, length, poison in (
            ("bell", 0.125, 4099, ""), ("bell", 0.125, 10, ""), ("few", 1, 5000, ""), ("constant", 1, 100, ""), ("zeros", 1, 3001, ""),
            ("bits", 1, 2049, ""), ("bell", 1, 999, "nan"), ("bell", 1, 999, "infinite"), ("mirror", 1e-6, 2000, ""),
        ):
            seed += 1
            s = spec(data, dtype, seed, [length], scale, poison)
            for target in (0.0, 0.1, 0.29, 0.5, 0.62, 0.9, 0.999, 1.0):
                p = oracle.prune(array(s), target)
                kept = p.nonzero_data
                nan = np.isnan(kept)
                yield {**s, "kernel": "prune", "target": target, "mask": digest(p.mask), "kept": len(kept),
                       "nonzero": digest(np.where(nan, 0, kept).astype(kept.dtype))}


def main():
    from coremltools.optimize.coreml import _quantization_passes as passes
    import coremltools

    class Oracle:
        linear = staticmethod(passes.linear_quantize_weights.blockwise_compress)
        palette = staticmethod(passes.palettize_weights.blockwise_compress)
        prune = staticmethod(passes.prune_weights.compress_by_magnitude)

    cases = [*linear(Oracle), *palettes(Oracle), *pruned(Oracle)]
    head = {"coremltools": coremltools.__version__, "numpy": np.__version__,
            "NPY_DISABLE_CPU_FEATURES": os.environ["NPY_DISABLE_CPU_FEATURES"]}
    # The spec once per array, its cases as short rows below it.
    keys = ("data", "dtype", "seed", "shape", "scale", "poison")
    grouped = {}
    for case in cases:
        group = grouped.setdefault(case["seed"], {**{k: case[k] for k in keys}, "cases": []})
        group["cases"].append({k: v for k, v in case.items() if k not in keys})
    with open(sys.argv[1], "w") as f:
        f.write(json.dumps(head)[:-1] + ', "arrays": [\n')
        f.write(",\n".join(json.dumps(g, separators=(",", ":")) for g in grouped.values()) + "\n]}\n")
    print(f"{len(cases)} cases of {len(grouped)} arrays")


if __name__ == "__main__":
    main()
