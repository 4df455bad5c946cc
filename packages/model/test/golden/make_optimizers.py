"""Writes optimizers.json: five steps of torch's AdamW and SGD on given gradients, and learning rates of torch's schedulers.

Filters and matrices decay; biases, normalisations and the temperature do not; heads have a learning rate of their own; the schedule
scales both. Debian: apt install python3-torch; run with /usr/bin/python3.
"""
import json
from pathlib import Path

import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR

torch.manual_seed(7)
torch.set_default_dtype(torch.float64)
STEPS = 5
SHAPES = {
    "backbone/layer2.0.conv1.weight": (2, 2, 1, 3),
    "backbone/layer2.0.bn1.bias": (3,),
    "heads/image.fc1.weight": (3, 2),
    "heads/image.norm.weight": (2,),
    "heads/logScale": (),
}


def plain(tensor):
    return {"shape": list(tensor.shape), "data": [float(f"{value:.9g}") for value in tensor.detach().flatten().tolist()]}


def draw(shape, reach):
    return (reach * (2 * torch.rand(shape) - 1)).float().double()


def decays(name):
    return name.endswith(("conv1.weight", "fc1.weight"))


def rates(peak, steps, rising):
    """Learning rate of each step: linear to the peak in `rising` steps, then half a cosine."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak)
    cosine = steps - rising
    parts = [CosineAnnealingLR(optimizer, T_max=cosine)]
    if rising > 0:
        parts.insert(0, LinearLR(optimizer, start_factor=1 / rising, total_iters=max(1, rising - 1)))
    schedule = SequentialLR(optimizer, parts, milestones=[rising]) if rising > 0 else parts[0]
    result = []
    for _ in range(steps):
        result.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return result


def run(kind, rate, head_rate, decay, momentum, rising):
    start = {name: draw(shape, 1) for name, shape in SHAPES.items()}
    gradients = [{name: draw(shape, 0.5 + 2 * step) for name, shape in SHAPES.items()} for step in range(STEPS)]
    parameters = {name: value.clone().requires_grad_() for name, value in start.items()}
    groups = [
        {"params": [value], "lr": head_rate if name.startswith("heads/") else rate, "weight_decay": decay if decays(name) else 0}
        for name, value in parameters.items()
    ]
    optimizer = torch.optim.AdamW(groups, lr=rate) if kind == "adamw" else torch.optim.SGD(groups, lr=rate, momentum=momentum)
    bases = [group["lr"] for group in groups]
    states = []
    for share, given in zip(rates(1.0, STEPS, rising), gradients):
        for group, base in zip(optimizer.param_groups, bases):
            group["lr"] = base * share
        for name, value in parameters.items():
            value.grad = given[name].clone()
        optimizer.step()
        states.append({name: plain(value) for name, value in parameters.items()})
    return {
        "optimizer": kind,
        "learningRate": rate,
        "headLearningRate": head_rate,
        "weightDecay": decay,
        "momentum": momentum,
        "warmup": rising / STEPS,
        "start": {name: plain(value) for name, value in start.items()},
        "gradients": [{name: plain(value) for name, value in given.items()} for given in gradients],
        "states": states,
    }


golden = {
    "torch": torch.__version__,
    "runs": [
        run("adamw", 0.02, 0.1, 0.3, 0.9, 2),
        run("adamw", 0.05, 0.01, 0, 0.9, 0),
        run("sgd", 0.02, 0.1, 0.3, 0.9, 2),
        run("sgd", 0.05, 0.01, 0, 0.5, 0),
    ],
    "schedules": [
        {"steps": steps, "warmup": rising / steps, "rates": rates(1.0, steps, rising)}
        for steps, rising in ((10, 0), (20, 2), (20, 4), (30, 3), (7, 7 // 2))
    ],
}
Path(__file__).with_name("optimizers.json").write_text(json.dumps(golden) + "\n")
