"""Tiny vision transformers of random weights in the layout of the hub's ONNX exports, and their tokens by torch.

Run in this folder by a Python with torch (Debian's torch 1.13 was used): /usr/bin/python3 make_vision.py
Each family keeps what decides how a model is run: its class and register tokens, its positional embeddings (interpolated, fixed or
rotary), the names of its inputs and outputs, its files and their configuration. Widths and depths are tiny.
"""

import json
import math
from pathlib import Path

import torch
from torch import nn

torch.manual_seed(20261128)
HERE = Path(__file__).parent / 'vision'
WIDTH, HEADS, BLOCKS = 8, 2, 2


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)

    def forward(self, x, angles=None, prefix=0):
        n, t, c = x.shape
        q, k, v = self.qkv(x).reshape(n, t, 3, HEADS, c // HEADS).permute(2, 0, 3, 1, 4).unbind(0)
        if angles is not None:
            q, k = (self.turn(part, angles, prefix) for part in (q, k))
        weights = (q @ k.transpose(-1, -2) / math.sqrt(c // HEADS)).softmax(-1)
        return self.out((weights @ v).transpose(1, 2).reshape(n, t, c))

    @staticmethod
    def turn(part, angles, prefix):
        first, second = part[:, :, prefix:].chunk(2, -1)
        turned = torch.cat([first * angles.cos() - second * angles.sin(), second * angles.cos() + first * angles.sin()], -1)
        return torch.cat([part[:, :, :prefix], turned], 2)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.before, self.between = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.attention = Attention()
        self.mlp = nn.Sequential(nn.Linear(WIDTH, 2 * WIDTH), nn.GELU(), nn.Linear(2 * WIDTH, WIDTH))

    def forward(self, x, *positions):
        x = x + self.attention(self.before(x), *positions)
        return x + self.mlp(self.between(x))


class Vision(nn.Module):
    def __init__(self, patch, side, classes, registers, positions, hidden):
        super().__init__()
        self.patch, self.side, self.positions, self.hidden = patch, side // patch, positions, hidden
        self.classes, self.registers = classes, registers
        self.embed = nn.Conv2d(3, WIDTH, patch, patch)
        self.first = nn.Parameter(torch.randn(1, classes, WIDTH)) if classes else None
        self.others = nn.Parameter(torch.randn(1, registers, WIDTH)) if registers else None
        if positions != 'rotary':
            self.table = nn.Parameter(torch.randn(1, classes + self.side**2, WIDTH))
        self.blocks = nn.ModuleList(Block() for _ in range(BLOCKS))
        self.last = nn.LayerNorm(WIDTH)

    def forward(self, pixel_values):
        maps = self.embed(pixel_values)
        n, _, h, w = maps.shape
        x = maps.flatten(2).transpose(1, 2)
        if self.positions == 'interpolated':
            grid = self.table[:, self.classes :].reshape(1, self.side, self.side, WIDTH).permute(0, 3, 1, 2)
            grid = nn.functional.interpolate(grid, size=(h, w), mode='bicubic', align_corners=False)
            x = x + grid.flatten(2).transpose(1, 2)
        if self.positions == 'fixed':
            x = x + self.table[:, self.classes :]
        around = ()
        if self.positions == 'rotary':
            ys = (torch.arange(h, dtype=torch.float32) + 0.5) / h * 2 - 1
            xs = (torch.arange(w, dtype=torch.float32) + 0.5) / w * 2 - 1
            around = (torch.stack([ys[:, None] + 0 * xs, xs + 0 * ys[:, None]], -1).reshape(-1, 2) * math.pi, 1 + self.registers)
        extra = []
        if self.classes:
            first = self.first if self.positions == 'rotary' else self.first + self.table[:, : self.classes]
            extra.append(first.expand(n, -1, -1))
        if self.registers:
            extra.append(self.others.expand(n, -1, -1))
        x = torch.cat([*extra, x], 1)
        states = []
        for block in self.blocks:
            x = block(x, *around)
            states.append(x)
        x = self.last(x)
        return (x, x[:, 0] if self.classes else x.mean(1), *(states[:-1] if self.hidden else []))


IMAGENET = {'image_mean': [0.485, 0.456, 0.406], 'image_std': [0.229, 0.224, 0.225], 'rescale_factor': 0.00392156862745098}
CLIP = {'image_mean': [0.48145466, 0.4578275, 0.40821073], 'image_std': [0.26862954, 0.26130258, 0.27577711]}
HALF = {'image_mean': [0.5, 0.5, 0.5], 'image_std': [0.5, 0.5, 0.5], 'rescale_factor': 0.00392156862745098}
SIZES = {'hidden_size': WIDTH, 'num_attention_heads': HEADS, 'num_hidden_layers': BLOCKS}

FAMILIES = {
    'dinov2': (dict(patch=14, side=56, classes=1, registers=0, positions='interpolated', hidden=True),
               {'model_type': 'dinov2', 'patch_size': 14, 'image_size': 56, **SIZES}, IMAGENET, 'model.onnx', [28, 42]),
    'dinov2-with-registers': (dict(patch=14, side=28, classes=1, registers=4, positions='interpolated', hidden=False),
               {'model_type': 'dinov2_with_registers', 'patch_size': 14, 'image_size': 28, **SIZES}, IMAGENET, 'model.onnx', [42, 28]),
    'dinov3': (dict(patch=16, side=32, classes=1, registers=4, positions='rotary', hidden=False),
               {'model_type': 'dinov3_vit', 'patch_size': 16, 'image_size': 224, 'num_register_tokens': 4, **SIZES}, IMAGENET, 'model.onnx', [32, 48]),
    'clip': (dict(patch=16, side=32, classes=1, registers=0, positions='fixed', hidden=False),
               {'model_type': 'clip', 'text_config': {}, 'vision_config': {'patch_size': 16, 'image_size': 32, **SIZES}}, CLIP, 'vision_model.onnx', [32, 32]),
    'siglip': (dict(patch=16, side=32, classes=0, registers=0, positions='fixed', hidden=False),
               {'model_type': 'siglip', 'text_config': {}, 'vision_config': {'image_size': 32, **SIZES}}, HALF, 'vision_model.onnx', [32, 32]),
}

golden = {}
for name, (shape, config, preprocessor, file, size) in FAMILIES.items():
    model = Vision(**shape).eval()
    folder = HERE / name
    (folder / 'onnx').mkdir(parents=True, exist_ok=True)
    (folder / 'config.json').write_text(json.dumps(config, indent=2) + '\n')
    (folder / 'preprocessor_config.json').write_text(json.dumps({'do_normalize': True, **preprocessor}, indent=2) + '\n')
    names = ['last_hidden_state', 'pooler_output', *(['hidden_states.1'] if shape['hidden'] else [])]
    axes = {'pixel_values': {0: 'batch_size', 2: 'height', 3: 'width'}, **{output: {0: 'batch_size'} for output in names}}
    height, width = size
    example = torch.zeros(1, 3, height, width)
    torch.onnx.export(model, example, str(folder / 'onnx' / file), input_names=['pixel_values'], output_names=names,
                      dynamic_axes=axes, opset_version=16)
    # Channels last, as the images of this project: the value at place i is 0.5 + 0.5 sin(0.37 i).
    image = (0.5 + 0.5 * torch.sin(0.37 * torch.arange(2 * height * width * 3, dtype=torch.float64))).reshape(2, height, width, 3)
    mean, std = (torch.tensor(preprocessor[key], dtype=torch.float64) for key in ('image_mean', 'image_std'))
    with torch.no_grad():
        outputs = model(((image - mean) / std).permute(0, 3, 1, 2).float())
    grid = [2, height // shape['patch'], width // shape['patch'], WIDTH]
    prefix = shape['classes'] + shape['registers']
    layers = {output: tokens[:, prefix:].reshape(grid).flatten().tolist() for output, tokens in zip(names, outputs) if tokens.dim() == 3}
    golden[name] = {'size': size, 'grid': grid, 'layers': {key: [round(v, 6) for v in values] for key, values in layers.items()}}
(HERE / 'golden.json').write_text(json.dumps(golden) + '\n')
