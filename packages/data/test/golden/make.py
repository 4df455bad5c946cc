#!/usr/bin/env python3
"""Golden values from Pillow: antialiased resizing in floating point.

Run with Debian's python3-pil and python3-numpy: /usr/bin/python3 make.py > golden.json
"""
import json

import numpy as np
from PIL import Image

rng = np.random.default_rng(3)
cases = []
for source, target in [((7, 5), (3, 4)), ((6, 9), (11, 5)), ((16, 16), (5, 5)), ((4, 4), (4, 7))]:
    image = rng.random(source).astype(np.float32)
    for name, kind in [("bilinear", Image.BILINEAR), ("lanczos", Image.LANCZOS)]:
        resized = np.asarray(Image.fromarray(image, mode="F").resize(target[::-1], kind))
        cases.append({"from": source, "to": target, "filter": name, "image": [float(v) for v in image.ravel()],
                      "resized": [round(float(v), 7) for v in resized.ravel()]})
print(json.dumps(cases))
