"""Writes convolution.json: gradients of 3x3 convolutions as wide as a network's, which tiny networks do not reach, as torch's autograd gives them
in double precision. Inputs follow from a formula; of each gradient the file has its norm and every 97th number, channels last.

Debian: apt install python3-torch; run with /usr/bin/python3.
"""
import json
from pathlib import Path

import torch
import torch.nn.functional as F

STRIDE = 97
CASES = [  # images, height, width, channels in and out
    [4, 8, 8, 64, 64],
    [2, 14, 14, 128, 64],
    [3, 9, 11, 32, 48],
]


def numbers(shape, salt):
    """In [-0.5, 0.5), rounded to float32."""
    count = 1
    for size in shape:
        count *= size
    mixed = [((index * 2654435761) % 2**32 ^ (salt * 40503)) for index in range(count)]
    mixed = [(value ^ (value >> 15)) * 2246822519 % 2**32 for value in mixed]
    return (torch.tensor(mixed, dtype=torch.float64) / 2**32 - 0.5).float().double().reshape(shape)


def told(tensor):
    flat = tensor.contiguous().flatten()
    return {"norm": float(f"{flat.norm().item():.9g}"), "some": [float(f"{value:.9g}") for value in flat[::STRIDE].tolist()]}


cases = []
for images, height, width, inputs, outputs in CASES:
    x = numbers([images, height, width, inputs], 1).requires_grad_()
    w = numbers([3, 3, inputs, outputs], 2).requires_grad_()
    dy = numbers([images, height, width, outputs], 3)
    y = F.conv2d(x.permute(0, 3, 1, 2), w.permute(3, 2, 0, 1), padding=1).permute(0, 2, 3, 1)
    dx, dw = torch.autograd.grad(y, [x, w], dy)
    cases.append({"shape": [images, height, width, inputs, outputs], "byInput": told(dx), "byFilter": told(dw)})

Path(__file__).with_name("convolution.json").write_text(json.dumps({"stride": STRIDE, "cases": cases}) + "\n")
