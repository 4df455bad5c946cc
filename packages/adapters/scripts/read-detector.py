#!/usr/bin/env python3
"""Opens a detector file with Python's safetensors, as an independent reader.

    pip install safetensors numpy
    python3 read-detector.py FILE

Prints, as JSON, the header, the tensors with their shapes, types and sums, and whether the digest is that of the content.
"""
import hashlib
import json
import sys

from safetensors import safe_open

TYPES = {"float32": "float32", "float64": "float64", "int32": "int32", "uint8": "uint8"}

with safe_open(sys.argv[1], framework="numpy") as file:
    metadata = file.metadata()
    tensors = {name: file.get_tensor(name) for name in file.keys()}

lines = [metadata["tab.detector"]]
for name in sorted(tensors):
    tensor = tensors[name]
    shape = "x".join(str(side) for side in tensor.shape)
    lines.append(f'{json.dumps(name)} {TYPES[str(tensor.dtype)]} {shape} {hashlib.sha256(tensor.tobytes()).hexdigest()}')
digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()

print(json.dumps({
    "header": json.loads(metadata["tab.detector"]),
    "tensors": {name: {"dtype": str(tensor.dtype), "shape": list(tensor.shape), "sum": float(tensor.sum(dtype="float64"))}
                for name, tensor in sorted(tensors.items())},
    "intact": digest == metadata["tab.digest"],
}))
