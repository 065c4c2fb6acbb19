"""What coremltools makes of a model, remembered: one small JSON file per model and recipe.

The facts of every const and constexpr operation (type, shape and SHA-256 of each stored value), and for clusterings by
scikit-learn the squared error, or the sentence with which coremltools refused.
"""
import json
import logging
import os
import tempfile
import warnings

# numpy sorts float16 wrongly with this instruction set: before numpy is imported
os.environ.setdefault("NPY_DISABLE_CPU_FEATURES", "AVX512_ICL")
os.environ.setdefault("TQDM_DISABLE", "1")
warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

import packages  # noqa: E402

Q, P, M = "OpLinearQuantizerConfig", "OpPalettizerConfig", "OpMagnitudePrunerConfig"
RECIPES = {
    "int8": [(Q, dict(mode="linear_symmetric", dtype="int8", granularity="per_channel"))],
    "int8-asymmetric": [(Q, dict(mode="linear", dtype="int8", granularity="per_channel"))],
    "int8-per-tensor": [(Q, dict(mode="linear_symmetric", dtype="int8", granularity="per_tensor"))],
    "palettize-uniform-4": [(P, dict(mode="uniform", nbits=4))],
    "palettize-unique": [(P, dict(mode="unique"))],
    "prune-50": [(M, dict(target_sparsity=0.5))],
    "decompress": [],
}
RECIPES.update({f"palettize-{n}": [(P, dict(mode="kmeans", nbits=n))] for n in (1, 2, 3, 4, 6, 8)})
APPLY = {Q: "linear_quantize_weights", P: "palettize_weights", M: "prune_weights"}
SMALL_GROUP = 10_000


def coremltools():
    """The library, quiet."""
    logging.disable(logging.CRITICAL)
    import coremltools as ct
    return ct


def compress(path, recipe, out=None):
    """The path of coremltools' package for a model and a recipe (a name or a list of steps), and the model that owns it."""
    ct = coremltools()
    from coremltools.optimize import coreml as cto
    model = ct.models.MLModel(path, skip_model_load=True)
    steps = RECIPES[recipe] if isinstance(recipe, str) else recipe
    if not steps:
        model = cto.decompress_weights(model)
    for index, (kind, arguments) in enumerate(steps):
        config = cto.OptimizationConfig(global_config=getattr(cto, kind)(**arguments))
        model = getattr(cto, APPLY[kind])(model, config, joint_compression=index > 0)
    if out:
        model.save(out)
    return model.package_path, model


def by_scikit(recipe, weights):
    """Whether coremltools clusters these weights with scikit-learn, whose result is not reproducible."""
    kmeans = recipe.startswith("palettize-") and recipe.split("-")[1].isdigit()
    return kmeans and (weights.dtype == "float32" or weights.size < SMALL_GROUP)


def describe(package, source, recipe):
    """Facts of a package's operations; `source` is the package it was made from."""
    weights = {(op.function, op.name): op for op in packages.operations(source) if op.type == "const"}
    rows = []
    for op in packages.operations(package):
        row = op.facts()
        origin = weights.get((op.function, op.const()))
        if origin is not None and "lut" in op.params and origin.params["val"].dtype in ("float16", "float32"):
            values = origin.params["val"].array()
            if by_scikit(recipe, values):
                row["squared_error"] = packages.palette_error(op, values)
        if op.type != "const" or op.params["val"].blob:
            rows.append(row)
    return rows


def single_functions(path, folder):
    """(function, package) for each function of a multi-function package, which coremltools does not compress whole."""
    ct = coremltools()
    model = packages.load(path)
    for description in model.description.functions:
        part = type(model)()
        part.CopyFrom(model)
        for name in list(part.mlProgram.functions):
            if name != description.name:
                del part.mlProgram.functions[name]
        if description.name != "main":
            part.mlProgram.functions["main"].CopyFrom(part.mlProgram.functions[description.name])
            del part.mlProgram.functions[description.name]
        part.description.ClearField("functions")
        part.description.ClearField("defaultFunctionName")
        part.description.input.extend(description.input)
        part.description.output.extend(description.output)
        part.description.state.extend(description.state)
        out = os.path.join(folder, description.name + ".mlpackage")
        ct.models.MLModel(part, weights_dir=packages.files(path)[1], skip_model_load=True).save(out)
        yield description.name, out


def made(path, recipe):
    """Rows of coremltools' result; of a multi-function package those of its functions one by one."""
    if not packages.load(path).description.functions:
        package, owner = compress(path, recipe)
        rows = describe(package, path, recipe)
        del owner
        return rows
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for function, single in single_functions(path, folder):
            rows += [dict(row, function=function) for row in made(single, recipe)]
    return rows


def remembered(path, digest, recipe, folder):
    """Facts from `folder`, or made now: {"rows": …} or {"refused": sentence}."""
    file = os.path.join(folder, f"{digest[:16]}-{recipe}.json")
    if os.path.exists(file):
        with open(file) as f:
            return json.load(f)
    try:
        found = {"rows": made(path, recipe)}
    except Exception as error:  # a refusal is a result too
        found = {"refused": f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"}
    os.makedirs(folder, exist_ok=True)
    with open(file + ".new", "w") as f:
        json.dump(found, f)
    os.replace(file + ".new", file)
    return found


if __name__ == "__main__":  # theirs.py CORPUS FOLDER: remember everything
    import sys
    import time
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "corpus", "corpus.json")) as f:
        corpus = json.load(f)
    order = sorted((m for m in corpus if corpus[m]["kind"] in ("mlProgram",)), key=lambda m: corpus[m]["bytes"])
    for model in order:
        for recipe in RECIPES:
            begin = time.process_time()
            found = remembered(os.path.join(sys.argv[1], model, corpus[model]["file"]), corpus[model]["sha256"], recipe, sys.argv[2])
            print(model, recipe, found.get("refused") or len(found["rows"]), f"{time.process_time() - begin:.1f}s", flush=True)
