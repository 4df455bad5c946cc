"""PaDiM in torch on the work that bench/adapters/padim.ts does, 2 threads.

`fit` and `predict` are anomalib's steps (a covariance and its inverse for every position in turn, one product with the inverse);
`fit batched` makes all covariances with batched products instead, as fast as torch goes. Needs python3-torch.
"""
import json
import os
import sys
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "2"
import numpy as np
import torch
from torch.nn.functional import conv2d, interpolate, pad

from serve import serve

torch.set_num_threads(2)
folder = Path(sys.argv[1])
task = json.loads((folder / "task.json").read_text())
channels = torch.tensor(task["channels"])
dimension, size = len(task["channels"]), task["size"]
pool = [
    [torch.from_numpy(np.fromfile(folder / f"{batch}-{layer}.f32", np.float32).reshape(shape)).permute(0, 3, 1, 2).contiguous()
     for layer, shape in enumerate(task["shapes"])]
    for batch in range(task["batches"])
]
model = {}


def embed(layers):
    grid = layers[0].shape[-2:]
    joined = torch.cat([layers[0]] + [interpolate(layer, size=grid, mode=task["mode"]) for layer in layers[1:]], 1)
    return torch.index_select(joined, 1, channels).flatten(2)


def embedded():
    return torch.cat([embed(pool[batch % len(pool)]) for batch in range(task["rounds"] * len(pool))])


def covariance_of(vectors):
    centred = vectors - vectors.mean(0)
    return centred.T @ centred / (len(vectors) - 1)


def fit():
    vectors = embedded()
    covariance = torch.zeros(dimension, dimension, vectors.shape[2])
    for position in range(vectors.shape[2]):
        covariance[:, :, position] = covariance_of(vectors[:, :, position]) + 0.01 * torch.eye(dimension)
    model.update(mean=vectors.mean(0), inverse=torch.linalg.inv(covariance.permute(2, 0, 1)))
    return len(vectors)


def fit_batched():
    vectors = embedded()
    mean = vectors.mean(0)
    centred = (vectors - mean).permute(2, 0, 1).contiguous()
    covariance = torch.bmm(centred.transpose(1, 2), centred) / (len(vectors) - 1) + 0.01 * torch.eye(dimension)
    model.update(mean=mean, inverse=torch.linalg.inv(covariance))
    return len(vectors)


def predict():
    layers = [layer[:1] for layer in pool[0]]
    delta = (embed(layers) - model["mean"]).permute(2, 0, 1)
    squared = (torch.matmul(delta, model["inverse"]) * delta).sum(2).permute(1, 0)
    grid = layers[0].shape[-2:]
    scores = squared.clamp(min=0).sqrt().reshape(-1, 1, *grid)
    maps = interpolate(scores, size=size, mode="bilinear", align_corners=False)
    steps = torch.arange(-16, 17, dtype=torch.float32)
    kernel = torch.exp(-steps ** 2 / 32)
    kernel /= kernel.sum()
    maps = conv2d(pad(maps, (16, 16, 16, 16), mode="reflect"), kernel.reshape(1, 1, 1, -1))
    maps = conv2d(maps, kernel.reshape(1, 1, -1, 1))
    return maps.amax().item()


with torch.inference_mode():
    serve({"fit": fit, "fit batched": fit_batched, "predict": predict})
