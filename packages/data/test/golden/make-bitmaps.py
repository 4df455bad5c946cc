#!/usr/bin/env python3
"""BMP files of every kind that Pillow writes, of an odd width, with the pixels that Pillow reads from them.

Run with Debian's python3-pil and python3-numpy: /usr/bin/python3 make-bitmaps.py > bitmaps.json
"""
import base64
import io
import json

import numpy as np
from PIL import Image

pixels = np.random.default_rng(5).integers(0, 256, (3, 7, 3), dtype=np.uint8)
color = Image.fromarray(pixels)
kinds = {"1 bit": color.convert("1"), "8 bits, grey": color.convert("L"), "8 bits, palette": color.quantize(16),
         "24 bits": color, "32 bits": color.convert("RGBA")}
cases = []
for name, image in kinds.items():
    file = io.BytesIO()
    image.save(file, "BMP")
    cases.append((name, file.getvalue()))
upside_down = bytearray(cases[3][1])
upside_down[22:26] = (-3).to_bytes(4, "little", signed=True)
cases.append(("24 bits, rows from the top", bytes(upside_down)))
print(json.dumps([{"name": name, "file": base64.b64encode(data).decode(),
                   "pixels": np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).ravel().tolist()}
                  for name, data in cases]))
