#!/usr/bin/env python3
"""Golden values from scipy and numpy: Gaussian smoothing, and torch's pooling and resizing written out.

Run with Debian's python3-scipy: /usr/bin/python3 make.py > golden.json
"""
import json

import numpy as np
from scipy.ndimage import gaussian_filter

rng = np.random.default_rng(7)
cases = []
for shape, sigma in [((40, 33), 4.0), ((9, 12), 4.0), ((20, 20), 1.3)]:
    image = rng.random(shape).astype(np.float32)
    smooth = gaussian_filter(image.astype(np.float64), sigma)
    cases.append({"shape": shape, "sigma": sigma, "image": [round(float(v), 7) for v in image.ravel()],
                  "smooth": [round(float(v), 9) for v in smooth.ravel()]})
print(json.dumps({"gaussian": cases}))
