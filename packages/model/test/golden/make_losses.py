"""Writes losses.json: every loss term and head of the training, its value and its gradients, as torch's autograd gives them in
double precision. Channels are last in the file, as in the packages; linear weights are [in,out].

Debian: apt install python3-torch; run with /usr/bin/python3.
"""
import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F

from torch_losses import (
    class_alignment,
    image_head,
    joint_features,
    nearest,
    patch_alignment,
    patch_head,
    preservation,
    separation,
    state_alignment,
)

torch.manual_seed(20261128)
torch.set_default_dtype(torch.float64)


def draw(*shape, low=-1.0, high=1.0):
    """Numbers that float32 holds."""
    return (low + (high - low) * torch.rand(*shape)).float().double()


def unit(*shape):
    return F.normalize(draw(*shape), dim=-1).float().double()


def plain(tensor):
    return {"shape": list(tensor.shape), "data": [float(f"{value:.9g}") for value in tensor.flatten().tolist()]}


def case(name, function, inputs, probe=False, **settings):
    """Runs a function of tensors; with `probe` its output is an array, and the gradients are those of its product with a random one."""
    given = {key: value.clone().requires_grad_() for key, value in inputs.items()}
    output = function(**given)
    weights = draw(*output.shape) if probe else torch.ones(())
    (output * weights).sum().backward()
    result = {
        "name": name,
        "settings": settings,
        "inputs": {key: plain(value) for key, value in inputs.items()},
        "value": plain(output.detach()),
        "gradients": {key: plain(value.grad) for key, value in given.items()},
    }
    if probe:
        result["probe"] = plain(weights)
    return result


def alignment_inputs(classes, log_scale):
    return {
        "normal": unit(4, 6),
        "abnormal": unit(4, 6),
        "normalPrototypes": unit(classes, 6),
        "abnormalPrototypes": unit(classes, 6),
        "logScale": torch.tensor(log_scale).float().double(),
    }


def head_inputs():
    return {
        "pooled": draw(3, 5),
        "fc1Weight": draw(5, 4),
        "fc1Bias": draw(4),
        "fc2Weight": draw(4, 4),
        "fc2Bias": draw(4),
        "normWeight": draw(4, low=0.5, high=1.5),
        "normBias": draw(4),
    }


cases = []
for name, loss in (("classAlignment", class_alignment), ("stateAlignment", state_alignment)):
    for count, classes, log_scale in ((3, [0, 2, 1, 1], 1.2), (1, [0, 0, 0, 0], math.log(1 / 0.07)), (3, [2, 2, 0, 1], 5.0)):
        cases.append(case(name, loss(classes), alignment_inputs(count, log_scale), classes=classes))

for focus, log_scale in ((2, 1.5), (0, 1.5), (2, 2.6)):
    cover = draw(2, 3, 4, low=-0.4, high=1.4).clamp(0, 1)  # with positions wholly inside and wholly outside
    inputs = {
        "patches": unit(2, 3, 4, 5),
        "normalPrototypes": unit(2, 5),
        "abnormalPrototypes": unit(2, 5),
        "logScale": torch.tensor(log_scale).float().double(),
    }
    cases.append(case("patchAlignment", patch_alignment(cover, focus), inputs, focus=focus, cover=plain(cover)))

references = [draw(2, 3, 4, 3), draw(2, 2, 2, 4)]
covers = [
    torch.tensor([[[0, 0.004, 0.009, 0.011], [0.02, 0.3, 0.49, 0.51], [1, 0, 0, 0]]] * 2),
    torch.tensor([[[0, 0.005], [0.2, 1]], [[0, 0], [0, 0.012]]]),
]
cases.append(
    case(
        "preservation",
        preservation(covers, references),
        {f"layer{i}": (reference + 0.3 * draw(*reference.shape)).float().double() for i, reference in enumerate(references)},
        references=[plain(reference) for reference in references],
        covers=[plain(cover) for cover in covers],
    )
)

# Four classes of 4, 1, 3 and 2 images on a grid of 20 positions; the covers are small, graded, whole and absent ones.
counts = [4, 1, 3, 2]
cover = torch.zeros(10, 4, 5)
cover[0, :2, :4] = torch.tensor([[1, 0.9, 0.8, 0.61], [0.59, 0.4, 0.31, 0.29]])
cover[1, 2, 1:4] = torch.tensor([0.2, 0.07, 0.05])  # never a third covered: its own largest decides
cover[2] = 1
cover[4] = 0.5
cover[5, 0, 0] = 0.03
cover[6, 1:3, 1:4] = torch.tensor([[1, 0.5, 0.45], [0.35, 0.25, 0.1]])
cover[8, :, 2] = 0.7
cover = cover.float().double()
for options in ({}, {"normal_share": 0.2, "defect_share": 0.5, "margin": 1.1, "slope": 3}):
    names = {"normal_share": "normalShare", "defect_share": "defectShare"}
    inputs = {"normal": draw(10, 4, 5, 3), "abnormal": 1.3 * draw(10, 4, 5, 3)}
    inputs["abnormal"] = inputs["abnormal"].float().double()
    settings = {"cover": plain(cover), "counts": counts, "options": {names.get(k, k): v for k, v in options.items()}}
    cases.append(case("separation", separation(cover, counts, **options), inputs, **settings))

cases.append(case("nearestDistances", nearest, {"queries": draw(7, 4), "bank": draw(5, 4)}, probe=True))
cases.append(case("jointFeatures", joint_features, {"fine": draw(2, 5, 4, 2), "coarse": draw(2, 3, 2, 3)}, probe=True))
keep = torch.tensor([[2, 0, 2, 2], [0, 0, 2, 2], [2, 2, 2, 0]]).double()
cases.append(case("imageHead", image_head(None), head_inputs(), probe=True))
cases.append(case("imageHead", image_head(keep), head_inputs(), probe=True, keep=plain(keep)))
cases.append(
    case("patchHead", patch_head, {"features": draw(2, 2, 3, 4), "weight": draw(4, 5), "bias": draw(5)}, probe=True)
)
Path(__file__).with_name("losses.json").write_text(json.dumps({"torch": torch.__version__, "cases": cases}) + "\n")
