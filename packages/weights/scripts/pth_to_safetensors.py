"""Converts a .pth file of torchvision or timm into a safetensors file, with the same names and values.

    python3 pth_to_safetensors.py resnet18-f37072fd.pth resnet18.safetensors

Needs torch and safetensors; opens no code that the file may contain (weights_only).
"""

import sys

import torch
from safetensors.torch import save_file

source, target = sys.argv[1:]
state = torch.load(source, map_location="cpu", weights_only=True)
state = state.get("state_dict", state.get("model", state))  # as training scripts wrap it
tensors = {name.removeprefix("module."): value.contiguous() for name, value in state.items() if torch.is_tensor(value)}
save_file(tensors, target, metadata={"format": "pt"})
