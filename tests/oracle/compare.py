#!/usr/bin/env python3
"""compare.py --bin COREANVIL --corpus DIR (--live | --recorded | --all) — our tensors against those of coremltools 9.0.

For every ML Program of the corpus and every recipe, const by const and bit by bit: the type of the operation that replaced
the const, its parameters, and dtype, shape, place and SHA-256 of each stored value. Consts are matched by function and by
the name that coremltools gives to the operation. Where coremltools clusters with scikit-learn (float32 weights, or fewer
than 10,000 elements) its result depends on the machine; there the squared error of our stored table must be at most
(1 + 1e-6) times its own. The sets of compressed consts must be equal. `decompress` is compared value by value.

--live      at most six models, against coremltools run now; coremltools also opens our packages
--recorded  all models, against recorded.json (12 hexadecimal digits per const); a model with other bytes is compared live
--all       all models, against coremltools run now or remembered in --memory DIR, and opened by coremltools
--record    writes recorded.json from --memory DIR

Prints a table of counts and `N passed, M failed`, where one is one const under one recipe.
"""
import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile

import theirs
import packages

HERE = os.path.dirname(os.path.abspath(__file__))
RECORDED = os.path.join(HERE, "recorded.json")
LIVE = ["mnist_cnn", "mlp_fp32", "silero_vad", "tied", "basic_pitch", "mnist_sparse_lut4_ios18"]
TOLERANCE = 1 + 1e-6
TINY = "a channel's scale rounds to 0 in float16 and coremltools turns the channel into 0; ours leaves the const (docs/recipes.md, row 3)"
# (model, recipe, const): why our result differs on purpose, one by one. With `compat: exact` each must be coremltools' again.
KNOWN = {(model, recipe, f"main/{const}_to_fp16_quantized"): TINY
         for recipe in ("int8", "int8-asymmetric")
         for model, consts in {"ocr_det": ["conv2d_96_w_0", "p2o_Mul_127_weight_0", "p2o_Mul_145_weight_0"],
                               "ocr_rec": ["conv2d_106_w_0", "conv2d_107_w_0", "conv2d_117_w_0", "p2o_Mul_135_weight_0"]}.items()
         for const in consts}


def token(row):
    """What one compressed const is, in 12 digits; or its squared error."""
    if "squared_error" in row:
        return f"~{row['squared_error']:.17g}"
    return hashlib.sha256(json.dumps([row["op"], row["params"]], sort_keys=True).encode()).hexdigest()[:12]


def tokens(rows, recipe, before):
    """{function/name: token} of what a recipe changed; `before` are the operations of the source."""
    if recipe == "decompress":
        outputs = {(op.function, op.output) for op in before if op.type.startswith("constexpr_")}
        return {f"{row['function']}/{row['output']}": row["params"]["val"]["sha256"][:12] for row in rows
                if row["op"] == "const" and (row["function"], row["output"]) in outputs}
    old = {(op.function, op.name) for op in before if op.type.startswith("constexpr_")}
    return {f"{row['function']}/{row['name']}": token(row) for row in rows
            if row["op"].startswith("constexpr_") and (row["function"], row["name"]) not in old}


def ours(binary, path, recipe, out):
    """(status, rows or None, last line of stderr) of our own compression."""
    command = [binary, "decompress", path, "-o", out, "--json"] if recipe == "decompress" else [binary, "compress", path, "--recipe", recipe, "-o", out, "--json"]
    done = subprocess.run(command, capture_output=True, text=True)
    rows = theirs.describe(out, path, recipe) if done.returncode == 0 else None
    report = json.loads(done.stdout) if done.returncode == 0 else {}
    return done.returncode, rows, report, (done.stderr.strip().splitlines() or [""])[0]


def exactly(binary, path, recipe, out):
    """Our result for a named recipe with `options: {compat: exact}`, like ours()."""
    steps = [{"config_type": kind, "global_config": arguments} for kind, arguments in theirs.RECIPES[recipe]]
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as f:
        json.dump({"name": recipe, "steps": steps, "options": {"compat": "exact"}}, f)
        f.flush()
        done = subprocess.run([binary, "compress", path, "--recipe", f.name, "-o", out, "--json"], capture_output=True, text=True)
    return done.returncode, theirs.describe(out, path, recipe) if done.returncode == 0 else None, {}, done.stderr.strip()


def opened(package):
    """Why coremltools does not open a package, or None."""
    ct = theirs.coremltools()
    try:
        model = ct.models.MLModel(package, skip_model_load=True)
        from coremltools.converters.mil.frontend.milproto import load
        spec = model.get_spec()
        load.load(spec, specification_version=spec.specificationVersion, file_weights_dir=model.weights_dir)
    except Exception as error:
        return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
    return None


class Counts:
    """The table."""

    def __init__(self):
        self.rows, self.failures, self.notes = {}, [], []

    def add(self, recipe, key, n=1):
        self.rows.setdefault(recipe, dict(models=0, consts=0, equal=0, error=0, listed=0, refused=0, failed=0))[key] += n

    def fail(self, recipe, text):
        self.add(recipe, "failed")
        self.failures.append(text)
        print("FAILED", text, flush=True)

    def print(self):
        heads = ["recipe", "models", "consts", "bit-equal", "not more error", "listed", "both refuse", "failed"]
        print("| " + " | ".join(heads) + " |")
        print("|---|" + "--:|" * (len(heads) - 1))
        total = [0] * 7
        for recipe, row in self.rows.items():
            values = [row[k] for k in ("models", "consts", "equal", "error", "listed", "refused", "failed")]
            total = [a + b for a, b in zip(total, values)]
            print(f"| {recipe} | " + " | ".join(map(str, values)) + " |")
        print("| all | " + " | ".join(map(str, total)) + " |")
        for note in self.notes:
            print("-", note)
        print(f"{total[2] + total[3] + total[4] + total[5]} passed, {total[6]} failed")
        return total


def compare(counts, model, recipe, expected, status, found, errors):
    """One model under one recipe: `expected` and `found` are {const: token}, or a sentence when coremltools refused."""
    where = f"{model} {recipe}"
    counts.add(recipe, "models")
    if isinstance(expected, str):
        if status == 4:
            counts.add(recipe, "refused")
        else:
            counts.fail(recipe, f"{where}: coremltools refuses ({expected}), ours ends with {status} {errors}")
        return
    if status != 0:
        counts.fail(recipe, f"{where}: ended with {status}: {errors}")
        return
    for const in sorted(set(expected) | set(found)):
        counts.add(recipe, "consts")
        a, b, reason = expected.get(const), found.get(const), KNOWN.get((model, recipe, const))
        if a is not None and a == b:
            counts.add(recipe, "equal")
        elif a is not None and b is not None and a[0] == "~" and b[0] == "~" and float(b[1:]) <= float(a[1:]) * TOLERANCE:
            counts.add(recipe, "error")
        elif reason:
            counts.add(recipe, "listed")
            counts.notes.append(f"{where} {const}: {reason}")
        else:
            counts.fail(recipe, f"{where} {const}: theirs {a or 'left'}, ours {b or 'left'}")


def corpus_models():
    with open(os.path.join(HERE, "..", "corpus", "corpus.json")) as f:
        return {name: row for name, row in json.load(f).items() if row["kind"] == "mlProgram"}


def record(memory, corpus):
    """recorded.json from everything that is remembered."""
    out = {}
    for name, row in corpus_models().items():
        path = os.path.join(corpus, name, row["file"])
        before = packages.operations(path)
        results = {recipe: theirs.remembered(path, row["sha256"], recipe, memory) for recipe in theirs.RECIPES}
        found = {r: tokens(v["rows"], r, before) if "rows" in v else v["refused"] for r, v in results.items()}
        consts = sorted({c for r, v in found.items() if r != "decompress" and isinstance(v, dict) for c in v})
        out[name] = {"sha256": row["sha256"], "consts": consts,
                     "recipes": {r: v if isinstance(v, str) or r == "decompress" else " ".join(v.get(c, "-") for c in consts) for r, v in found.items()}}
    with open(RECORDED, "w") as f:
        json.dump(out, f, indent=0, sort_keys=True)
        f.write("\n")


def expectation(recorded, recipe):
    """{const: token} or a refusal from recorded.json."""
    value = recorded["recipes"][recipe]
    if isinstance(value, dict):
        return value
    if len(value.split()) == len(recorded["consts"]) and not value.startswith(("ValueError", "TypeError", "IndexError")):
        return {c: t for c, t in zip(recorded["consts"], value.split()) if t != "-"}
    return value


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin")
    parser.add_argument("--corpus", required=True)
    mode = parser.add_mutually_exclusive_group(required=True)
    for name in ("live", "recorded", "all", "record"):
        mode.add_argument("--" + name, action="store_true")
    parser.add_argument("--memory", help="folder of remembered results of coremltools")
    parser.add_argument("--models", help="only these, separated by commas")
    parser.add_argument("--recipes", help="only these, separated by commas")
    a = parser.parse_args()
    if a.record:
        return record(a.memory, a.corpus)
    models = corpus_models()
    wanted = a.models.split(",") if a.models else LIVE if a.live else list(models)
    recipes = a.recipes.split(",") if a.recipes else list(theirs.RECIPES)
    recorded = {}
    if a.recorded:
        with open(RECORDED) as f:
            recorded = json.load(f)
    counts, opens = Counts(), 0
    with tempfile.TemporaryDirectory() as scratch:
        memory = a.memory or os.path.join(scratch, "theirs")
        for model in wanted:
            path = os.path.join(a.corpus, model, models[model]["file"])
            before = packages.operations(path)
            digest = tree_digest(path)
            for recipe in recipes:
                if recorded.get(model, {}).get("sha256") == digest:
                    expected = expectation(recorded[model], recipe)
                else:
                    result = theirs.remembered(path, digest, recipe, memory)
                    expected = tokens(result["rows"], recipe, before) if "rows" in result else result["refused"]
                out = os.path.join(scratch, "out.mlpackage")
                status, rows, report, errors = ours(a.bin, path, recipe, out)
                found = tokens(rows, recipe, before) if rows is not None else {}
                compare(counts, model, recipe, expected, status, found, errors)
                if any(key[:2] == (model, recipe) for key in KNOWN):
                    subprocess.run(["rm", "-rf", out], check=True)
                    status, rows, report, errors = exactly(a.bin, path, recipe, out)
                    found = tokens(rows, recipe, before) if rows is not None else {}
                    compare(counts, model + " with compat: exact,", recipe, expected, status, found, errors)
                if status == 0 and not a.recorded:
                    why = opened(out)
                    opens += why is None
                    if why:
                        counts.fail(recipe, f"{model} {recipe}: coremltools does not open it: {why}")
                if status == 0:
                    subprocess.run(["rm", "-rf", out], check=True)
    total = counts.print()
    if not a.recorded:
        print(f"{opens} packages opened by coremltools")
    return 1 if total[6] or not total[1] else 0


def tree_digest(path):
    """The canonical digest of a package, without its prefix."""
    if os.path.isfile(path):
        with open(path, "rb") as f:
            return hashlib.sha256(f.read()).hexdigest()
    lines = []
    for folder, _, names in os.walk(path):
        for name in names:
            full = os.path.join(folder, name)
            with open(full, "rb") as f:
                data = f.read()
            lines.append((os.path.relpath(full, path).encode(), b"%d" % len(data), hashlib.sha256(data).hexdigest().encode()))
    return hashlib.sha256(b"".join(b"%s\0%s\0%s\n" % line for line in sorted(lines))).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
