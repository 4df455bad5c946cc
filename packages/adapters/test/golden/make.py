#!/usr/bin/env python3
"""Golden values from scipy and numpy: Gaussian smoothing alone, and behind a bilinear resize (scipy's map_coordinates at
torch's align_corners=False positions, clamped at the borders).

Run with Debian's python3-scipy: /usr/bin/python3 make.py > golden.json
"""
import json

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates

rng = np.random.default_rng(7)


def listed(values, digits):
    return [round(float(v), digits) for v in np.ravel(values)]


def draw(shape):
    """float32 values that JSON holds exactly enough: rounded to 7 digits before anything is computed from them."""
    return np.round(rng.random(shape).astype(np.float32), 7)


cases = []
for shape, sigma in [((40, 33), 4.0), ((9, 12), 4.0), ((20, 20), 1.3)]:
    image = draw(shape)
    smooth = gaussian_filter(image.astype(np.float64), sigma)
    cases.append({"shape": shape, "sigma": sigma, "image": listed(image, 7), "smooth": listed(smooth, 9)})

maps = []
for grid, size, sigma in [((7, 5), (56, 40), 4.0), ((4, 6), (33, 29), 2.5), ((1, 3), (12, 20), 4.0)]:
    scores = draw(grid)
    positions = [np.clip((np.arange(to) + 0.5) * at / to - 0.5, 0, at - 1) for at, to in zip(grid, size)]
    resized = map_coordinates(scores.astype(np.float64), np.meshgrid(*positions, indexing="ij"), order=1, mode="nearest")
    smooth = gaussian_filter(resized, sigma)
    maps.append({"grid": grid, "size": size, "sigma": sigma, "scores": listed(scores, 7), "map": listed(smooth, 7)})
print(json.dumps({"gaussian": cases, "maps": maps}))
