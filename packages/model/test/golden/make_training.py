"""Writes training.safetensors: whole trainings of a tiny ResNet in torch, step by step, with torch's own BatchNorm, optimizers, clipping,
learning rates and moving averages. Images, first weights of the network and prototypes are the formulas of tiny-training.ts; settings,
first weights of the heads and the order of images are in training-inputs.json.

Debian: apt install python3-torch python3-numpy; run with /usr/bin/python3.
"""
import json
import struct
from itertools import groupby
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.optim.swa_utils import AveragedModel

from torch_losses import class_alignment, image_head, joint_features, patch_alignment, patch_head
from torch_losses import preservation, separation, state_alignment

torch.set_default_dtype(torch.float64)
HERE = Path(__file__).parent
SIZE, DIMENSION, CLASSES = 32, 8, ["bolt", "nut"]


def residues(name, count):
    shift = sum((i + 1) * ord(letter) for i, letter in enumerate(name))
    i = np.arange(count, dtype=np.int64)
    return ((31 * i * i + 7919 * i + 104729 * shift) % 10007) / 10007


def single(array):
    return torch.from_numpy(np.asarray(array, dtype=np.float32).astype(np.float64))


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        branch = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))
        return (branch + (self.downsample(x) if hasattr(self, "downsample") else x)).relu()


class Network(nn.Module):
    """ResNet-18 to layer2 with torchvision's names, and the heads."""

    def __init__(self, heads):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        self.layer1 = nn.Sequential(Block(4, 4, 1), Block(4, 4, 1))
        self.layer2 = nn.Sequential(Block(4, 8, 2), Block(8, 8, 1))
        state = self.state_dict()
        for name, value in state.items():
            if name.endswith("num_batches_tracked"):
                continue
            low, high = (-0.3, 0.3) if value.ndim == 4 else (0.5, 1.5) if "running_var" in name or "weight" in name else (-0.2, 0.2)
            state[name] = single(low + (high - low) * residues(name, value.numel())).reshape(value.shape)
        self.load_state_dict(state)
        self.backbone_names = [name for name in state if not name.endswith("num_batches_tracked")]
        self.heads = nn.ParameterDict(
            {name.replace(".", "/"): nn.Parameter(single(head["data"]).reshape(head["shape"])) for name, head in heads.items()}
        )

    def head(self, name):
        return self.heads[name.replace(".", "/")]

    def forward(self, images):
        mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
        x = ((images - mean) / std).permute(0, 3, 1, 2)
        x = F.max_pool2d(self.bn1(self.conv1(x)).relu(), 3, 2, 1)
        fine = self.layer1(x)
        return [layer.permute(0, 2, 3, 1) for layer in (fine, self.layer2(fine))]


def picture(owner, index):
    y, x, c = np.meshgrid(np.arange(SIZE), np.arange(SIZE), np.arange(3), indexing="ij")
    wave = (x * (5 + index) + y * (11 + owner) + 29 * c + 37 * index + 101 * owner + x * y) % 64
    return torch.from_numpy((64 + wave + 16 * ((x >> 3) & 1)) / 256)


def defect(image, place):
    top, left = (5 * place) % 23, (11 * place) % 23
    abnormal, mask = image.clone(), torch.zeros(SIZE, SIZE)
    abnormal[top : top + 9, left : left + 9] = (255 - 20 * torch.arange(3.0)) / 256
    mask[top : top + 9, left : left + 9] = 1
    return abnormal, mask


def prototypes(state):
    values = np.stack([2 * residues(f"{name} {state}", DIMENSION) - 1 for name in CLASSES])
    return single(values / np.linalg.norm(values, axis=1, keepdims=True))


def terms_of(network, initial, settings, order, first_place):
    """The unweighted losses of one pass."""
    normals = [picture(owner, index) for owner, index in order]
    defects = [defect(image, first_place + i) for i, image in enumerate(normals)]
    images = torch.stack(normals + [abnormal for abnormal, _ in defects])
    classes, count = [owner for owner, _ in order], len(order)
    layers = network(images)
    with torch.no_grad():
        reference = initial(images)
    masks = torch.stack([mask for _, mask in defects])
    covers = []
    for layer in layers:
        share = F.adaptive_avg_pool2d(masks[:, None], layer.shape[1:3])[:, 0]
        covers.append(torch.cat([torch.zeros_like(share), share]))
    normal, abnormal = prototypes("normal"), prototypes("abnormal")
    scale, weights, terms = network.head("logScale"), settings["losses"], {}
    if weights["classAlignment"] or weights["stateAlignment"]:
        pooled = layers[1].mean((1, 2))
        shared = settings["heads"] == "shared"
        sides = []
        for part, state in ((pooled[:count], "normal"), (pooled[count:], "abnormal")):
            prefix = "image" if shared else f"image.{state}"
            names = ("fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias", "norm.weight", "norm.bias")
            sides.append(image_head(None)(part, *(network.head(f"{prefix}.{name}") for name in names)))
        if weights["classAlignment"]:
            terms["classAlignment"] = class_alignment(classes)(*sides, normal, abnormal, scale)
        if weights["stateAlignment"]:
            terms["stateAlignment"] = state_alignment(classes)(*sides, normal, abnormal, scale)
    if weights["patchAlignment"]:
        own = classes + classes
        each = []
        for layer, cover, name in zip(layers, covers, settings["patchLayers"]):
            patches = patch_head(layer, network.head(f"patch.{name}.weight"), network.head(f"patch.{name}.bias"))
            each.append(patch_alignment(cover, 2)(patches, normal[own], abnormal[own], scale))
        terms["patchAlignment"] = torch.stack(each).mean()
    if weights["separation"]:
        joint = joint_features(*layers)
        counts = [len(list(group)) for _, group in groupby(classes)]
        terms["separation"] = separation(covers[0][count:], counts)(joint[:count], joint[count:])
    if weights["preservation"]:
        terms["preservation"] = preservation(covers, reference)(fine=layers[0], coarse=layers[1])
    return terms


def share_of_rate(step, steps, warmup):
    """Linear to 1 over the warm-up, then half a cosine down to 0; make_optimizers.py has torch's schedulers for it."""
    rising = round(warmup * steps)
    if step < rising:
        return (step + 1) / rising
    return 0.5 * (1 + np.cos(np.pi * (step - rising) / (steps - rising)))


def train(inputs):
    settings, order = inputs["settings"], inputs["order"]
    network, initial = Network(inputs["heads"]), Network(inputs["heads"]).eval()
    network.train(settings["batchNorm"] == "train")
    groups = []
    for name, value in network.named_parameters():
        is_head = name.startswith("heads.")
        value.requires_grad_(is_head or name.startswith(tuple(settings["trainableStages"])) or "layer1" in settings["trainableStages"])
        matrix = value.ndim > 1
        if value.requires_grad:
            groups.append(
                {
                    "params": [value],
                    "lr": settings["headLearningRate" if is_head else "learningRate"],
                    "weight_decay": settings["weightDecay"] if matrix else 0,
                }
            )
    rates = [group["lr"] for group in groups]
    if settings["optimizer"] == "adamw":
        optimizer = torch.optim.AdamW(groups)
    else:
        optimizer = torch.optim.SGD(groups, lr=0, momentum=settings["momentum"])
    decay = settings["ema"] or 0  # without an average: the last weights
    averaged = AveragedModel(network, avg_fn=lambda mean, new, _: decay * mean + (1 - decay) * new, use_buffers=True)
    history, steps, pairs, passes = [], settings["steps"], settings["pairs"], settings["accumulate"]
    for step in range(steps):
        optimizer.zero_grad()
        record = {"terms": {}}
        total = 0
        for number in range(step * passes, (step + 1) * passes):
            place = number * pairs
            terms = terms_of(network, initial, settings, order[place : place + pairs], place)
            loss = sum(settings["losses"][name] * term for name, term in terms.items()) / passes
            loss.backward()
            total += loss.item()
            for name, term in terms.items():
                record["terms"][name] = record["terms"].get(name, 0) + term.item() / passes
        learning = [value for group in groups for value in group["params"]]
        norm = torch.nn.utils.clip_grad_norm_(learning, settings["clipNorm"])
        share = share_of_rate(step, steps, settings["warmup"])
        for group, rate in zip(optimizer.param_groups, rates):
            group["lr"] = rate * share
        optimizer.step()
        averaged.update_parameters(network)
        history.append({**record, "loss": total, "gradientNorm": norm.item(), "learningRate": share * settings["learningRate"]})
    result = averaged.module
    state = result.state_dict()
    weights = {f"backbone/{name}": state[name] for name in network.backbone_names}
    weights.update({f"heads/{name}": result.head(name) for name in inputs["heads"]})
    return history, weights


def write_safetensors(path, tensors, metadata):
    header, data = {"__metadata__": metadata}, b""
    for name, value in tensors.items():
        raw = value.detach().numpy().astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


tensors, histories = {}, {}
for name, inputs in json.loads((HERE / "training-inputs.json").read_text()).items():
    histories[name], weights = train(inputs)
    tensors.update({f"{name}/{key}": value for key, value in weights.items()})
write_safetensors(HERE / "training.safetensors", tensors, {"torch": torch.__version__, "histories": json.dumps(histories)})
