"""Reads the constants and constexpr operations of a package, bit by bit.

The protobuf classes are coremltools'; the reader of weight files is our own, so that a fault of one side does not hide
behind the other. It reads whole files: it is for tests, not for the product.
"""
import hashlib
import json
import os
import struct

import numpy as np

DTYPE = {0: "unused", 1: "bool", 2: "string", 10: "float16", 11: "float32", 12: "float64", 13: "bfloat16", 21: "int8", 22: "int16", 23: "int32",
         24: "int64", 25: "int4", 31: "uint8", 32: "uint16", 33: "uint32", 34: "uint64", 35: "uint4", 36: "uint2", 37: "uint1", 38: "uint6",
         39: "uint3", 40: "float8e4m3fn", 41: "float8e5m2"}
BITS = {"int4": 4, "uint4": 4, "uint2": 2, "uint1": 1, "uint6": 6, "uint3": 3}
SUFFIXES = ("_quantized", "_palettized", "_sparsified")


def files(package):
    """(path of the root model, weights folder or None)."""
    if os.path.isfile(package):
        return package, None
    with open(os.path.join(package, "Manifest.json")) as f:
        manifest = json.load(f)
    entries = manifest["itemInfoEntries"]
    root = entries[manifest["rootModelIdentifier"]]["path"]
    weights = [e["path"] for e in entries.values() if e["name"] == "weights"]
    return os.path.join(package, "Data", root), os.path.join(package, "Data", weights[0]) if weights else None


def load(package):
    """The decoded model of a package."""
    from coremltools.proto import Model_pb2
    model = Model_pb2.Model()
    with open(files(package)[0], "rb") as f:
        model.ParseFromString(f.read())
    return model


class Blobs:
    """The weight files of a package, by the last part of their name, as coremltools finds them."""

    def __init__(self, folder):
        self.folder, self.open = folder, {}

    def read(self, name, offset):
        name = name.split("/")[-1]
        if name not in self.open:
            self.open[name] = np.memmap(os.path.join(self.folder, name), dtype=np.uint8, mode="r")
        data = self.open[name]
        sentinel, _, size, start = struct.unpack("<IIQQ", data[offset:offset + 24].tobytes())
        if sentinel != 0xDEADBEEF:
            raise ValueError(f"bad sentinel {sentinel:#x} at {offset}")
        return data[start:start + size].tobytes()


def raw(value, blobs):
    """Stored little-endian bytes of a value, packed where the type is below a byte."""
    if value.WhichOneof("value") == "blobFileValue":
        return blobs.read(value.blobFileValue.fileName, value.blobFileValue.offset)
    tensor = value.immediateValue.tensor
    field = tensor.WhichOneof("value")
    if field is None:
        return b""
    if field == "bytes":
        return tensor.bytes.values
    if field == "strings":
        return "\0".join(tensor.strings.values).encode()
    values = list(getattr(tensor, field).values)
    return struct.pack(f"<{len(values)}{ {'floats': 'f', 'doubles': 'd', 'ints': 'i', 'longInts': 'q', 'bools': '?'}[field] }", *values)


class Tensor:
    """A stored value: dtype, shape, bytes, and whether it stands in a weight file."""

    def __init__(self, value, blobs):
        kind = value.type.WhichOneof("type")
        self.dtype = DTYPE.get(value.type.tensorType.dataType, "?") if kind == "tensorType" else kind
        self.shape = [d.constant.size for d in value.type.tensorType.dimensions]
        self.bytes = raw(value, blobs) if kind == "tensorType" else value.SerializeToString(deterministic=True)
        self.blob = value.WhichOneof("value") == "blobFileValue"

    def facts(self):
        return {"dtype": self.dtype, "shape": self.shape, "blob": self.blob, "sha256": hashlib.sha256(self.bytes).hexdigest()}

    def array(self, shape=None):
        """Values; codes below a byte one per element."""
        shape = self.shape if shape is None else shape
        if self.dtype in BITS:
            count = int(np.prod(shape, dtype=np.int64))
            return unpack(self.bytes, BITS[self.dtype], count).reshape(shape)
        return np.frombuffer(self.bytes, dtype=np.dtype(self.dtype)).reshape(shape)


def unpack(data, bits, count):
    """Codes of `bits` bits from a stream, least significant bit first."""
    stream = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")[:count * bits].reshape(count, bits)
    return (stream.astype(np.uint16) << np.arange(bits, dtype=np.uint16)).sum(axis=1).astype(np.uint8)


class Operation:
    """A const or a constexpr: its name, type, output and parameters (`str` where a parameter is another's output)."""

    def __init__(self, function, op, blobs):
        self.function, self.type = function, op.type
        self.output = op.outputs[0].name
        self.name, self.params = self.output, {}
        for key in op.attributes:
            if key == "name":
                self.name = op.attributes[key].immediateValue.tensor.strings.values[0]
            else:
                self.params[key] = Tensor(op.attributes[key], blobs)
        for key in op.inputs:
            binding = op.inputs[key].arguments[0]
            self.params[key] = binding.name if binding.WhichOneof("binding") == "name" else Tensor(binding.value, blobs)

    def facts(self):
        params = {k: {"ref": True} if isinstance(v, str) else v.facts() for k, v in sorted(self.params.items())}
        return {"function": self.function, "name": self.name, "op": self.type, "output": self.output, "params": params}

    def const(self):
        """The name of the const that this operation replaced, or None."""
        for suffix in SUFFIXES:
            if self.name.endswith(suffix):
                return self.name[:-len(suffix)]
        return None


def programs(model):
    """The ML Programs of a model: itself, or those of a pipeline."""
    kind = model.WhichOneof("Type")
    if kind == "mlProgram":
        return [model.mlProgram]
    inner = {"pipeline": lambda: model.pipeline.models, "pipelineClassifier": lambda: model.pipelineClassifier.pipeline.models,
             "pipelineRegressor": lambda: model.pipelineRegressor.pipeline.models}.get(kind)
    return [program for part in (inner() if inner else []) for program in programs(part)]


def walk(program):
    """(function, operation) in program order, nested blocks where their operation stands."""
    def block(name, b):
        for op in b.operations:
            yield name, op
            for inner in op.blocks:
                yield from block(name, inner)
    for name in sorted(program.functions):
        function = program.functions[name]
        yield from block(name, function.block_specializations[function.opset])


def operations(package):
    """Every const and constexpr of a package."""
    model, blobs = load(package), Blobs(files(package)[1])
    return [Operation(function, op, blobs) for program in programs(model) for function, op in walk(program)
            if op.type == "const" or op.type.startswith("constexpr_")]


def palette_error(operation, weights):
    """Sum of squared differences between a palettized operation and the weights it stands for, in double."""
    lut = operation.params["lut"].array()
    indices = operation.params["indices"]
    if "shape" in operation.params:
        shape = operation.params["shape"].array()
        bits = int(np.log2(lut.size))
        codes = unpack(indices.bytes, bits, int(np.prod(shape, dtype=np.int64)))
    else:
        codes = indices.array()
    values = lut.reshape(-1)[codes.reshape(-1)].astype(np.float64)
    difference = values - weights.reshape(-1).astype(np.float64)
    return float(np.dot(difference, difference))
