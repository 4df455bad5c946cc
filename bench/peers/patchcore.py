"""PatchCore's steps in torch, as anomalib and amazon-science/patchcore-inspection take them; weights are random, as there is
only time to measure. Arguments: folder of features.f32 and scores.f32, dimension, rows of the bank."""
import os
import sys
from functools import partial
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
import torchvision
from scipy.ndimage import gaussian_filter

from serve import serve

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
torch.set_grad_enabled(False)
folder, dimension, bank_size = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
features = torch.from_numpy(np.fromfile(folder / "features.f32", np.float32).reshape(-1, dimension))
bank, queries = features[:bank_size], features[-784:]
scores = torch.from_numpy(np.fromfile(folder / "scores.f32", np.float32).reshape(1, 1, 28, 28))


def to_map(patch_scores):
    resized = F.interpolate(patch_scores, size=(224, 224), mode="bilinear", align_corners=False)
    return gaussian_filter(resized[0, 0].numpy(), 4)


def search(of, among):
    return torch.cdist(of, among, compute_mode="use_mm_for_euclid_dist").topk(1, largest=False)


def coreset(share):
    """Random projection, then one matrix product a chosen point, as amazon's ApproximateGreedyCoresetSampler."""
    projected = features @ (torch.randn(dimension, 128) / 128**0.5)
    norms = (projected**2).sum(1, keepdim=True)
    nearest = torch.full((len(projected), 1), float("inf"))
    chosen = 0
    for _ in range(round(len(projected) * share)):
        centre = projected[chosen : chosen + 1]
        squared = norms - 2 * projected @ centre.T + norms[chosen]
        nearest = torch.minimum(nearest, squared.clamp(0).sqrt())
        chosen = int(nearest.argmax())
    return chosen


class Model:
    def __init__(self, name):
        self.net = getattr(torchvision.models, name)().eval()
        self.image = torch.rand(1, 3, 224, 224)
        self.mean = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
        self.std = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
        self.bank = self.embed()[torch.randint(784, (2000,))] + 0.01

    def embed(self):
        n = self.net
        x = (self.image - self.mean) / self.std
        x = n.layer1(n.maxpool(n.relu(n.bn1(n.conv1(x)))))
        fine = n.layer2(x)
        maps = [F.avg_pool2d(m, 3, 1, 1) for m in (fine, n.layer3(fine))]
        maps[1] = F.interpolate(maps[1], size=maps[0].shape[-2:], mode="bilinear")
        return torch.cat(maps, 1).permute(0, 2, 3, 1).reshape(784, -1)

    def predict(self):
        distances = search(self.embed(), self.bank).values
        to_map(distances.view(1, 1, 28, 28))
        return float(distances.max())


models = {}


def predict(name):
    if name not in models:
        models[name] = Model(name)
    return models[name].predict()


serve({
    "map": lambda: float(to_map(scores).max()),
    "search": lambda: float(search(queries, bank).values.max()),
    "coreset 0.01": partial(coreset, 0.01),
    "coreset 0.1": partial(coreset, 0.1),
    "predict resnet18": partial(predict, "resnet18"),
    "predict wide_resnet50_2": partial(predict, "wide_resnet50_2"),
})
