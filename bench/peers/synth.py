"""OpenCV and numpy on the work that bench/synth.ts does: one thread, images [H,W,3] of 8 bits."""
import sys
from pathlib import Path

import cv2
import numpy as np

from serve import serve

cv2.setNumThreads(1)
folder, size = Path(sys.argv[1]), int(sys.argv[2])
image = np.fromfile(folder / "image.u8", np.uint8).reshape(size, size, 3)
other = np.fromfile(folder / "other.u8", np.uint8).reshape(size, size, 3)
texture = np.fromfile(folder / "texture.u8", np.uint8).reshape(size, size, 3)
rng = np.random.default_rng(0)
ROUNDS = 50


def repeated(once):
    """Mean milliseconds of an image, as a number that the caller can put beside its own."""
    def run():
        for _ in range(ROUNDS):
            once()
        return ROUNDS
    return run


def draw_side():
    return max(2, int(round(2 * np.clip(0.05 + rng.gamma(2, 0.07), 0.05, 0.2) * size)))


def foreground(picture):
    """Object mask by distance to the background's brightness, as NSA makes one for every image that it uses."""
    grey = picture.mean(axis=-1)
    return (np.abs(grey - grey[0, 0]) > 15).astype(np.uint8)


def nsa(median):
    """NSA's patches: 1 to 4 seamless clones, each where source and target lie on the object; label by change."""
    blended = image
    objects, other_objects = foreground(image), foreground(other)
    for _ in range(rng.integers(1, 5)):
        height, width = draw_side(), draw_side()
        for _ in range(50):
            top, left = rng.integers(0, size - height), rng.integers(0, size - width)
            if other_objects[top:top + height, left:left + width].mean() >= 0.25:
                break
        patch = other[top:top + height, left:left + width]
        factor = np.clip(rng.normal(1, 0.5), 0.7, 1.3)
        rows, columns = min(size - 4, round(height * factor)), min(size - 4, round(width * factor))
        patch = cv2.resize(patch, (columns, rows))
        for _ in range(50):
            y, x = rng.integers(1, size - rows - 1), rng.integers(1, size - columns - 1)
            if objects[y:y + rows, x:x + columns].mean() >= 0.25:
                break
        flag = cv2.NORMAL_CLONE if rng.random() < 0.5 else cv2.MIXED_CLONE
        center = (int(x + columns // 2), int(y + rows // 2))
        blended = cv2.seamlessClone(patch, blended, np.full((rows, columns), 255, np.uint8), center, flag)
    change = np.abs(blended.astype(np.float32) - image.astype(np.float32)).mean(axis=-1)
    label = (change > 1).astype(np.uint8)
    if median:  # the published label: the change itself, filtered and squashed
        from scipy import ndimage
        label = ndimage.median_filter(change, size=5) > 1
    return blended, label


def clone():
    rows = columns = 64
    patch = other[40:40 + rows, 60:60 + columns]
    cv2.seamlessClone(patch, image, np.full((rows, columns), 255, np.uint8), (112, 112), cv2.MIXED_CLONE)


def perlin():
    """DRAEM's generator (rand_perlin_2d_np, rotation, threshold) and mix, its three of ten augmentations left out."""
    shape = (256, 256)
    res = (2 ** rng.integers(0, 6), 2 ** rng.integers(0, 6))
    delta = (res[0] / shape[0], res[1] / shape[1])
    d = (shape[0] // res[0], shape[1] // res[1])
    grid = np.mgrid[0:res[0]:delta[0], 0:res[1]:delta[1]].transpose(1, 2, 0) % 1
    angles = 2 * np.pi * rng.random((res[0] + 1, res[1] + 1))
    gradients = np.stack((np.cos(angles), np.sin(angles)), axis=-1)

    def tile(rows, columns):
        part = gradients[rows[0]:rows[1], columns[0]:columns[1]]
        return np.repeat(np.repeat(part, d[0], axis=0), d[1], axis=1)

    def dot(part, shift):
        moved = np.stack((grid[..., 0] + shift[0], grid[..., 1] + shift[1]), axis=-1)
        return (moved * part).sum(axis=-1)

    n00 = dot(tile((0, -1), (0, -1)), (0, 0))
    n10 = dot(tile((1, None), (0, -1)), (-1, 0))
    n01 = dot(tile((0, -1), (1, None)), (0, -1))
    n11 = dot(tile((1, None), (1, None)), (-1, -1))
    t = 6 * grid ** 5 - 15 * grid ** 4 + 10 * grid ** 3
    top = n00 + t[..., 0] * (n10 - n00)
    bottom = n01 + t[..., 0] * (n11 - n01)
    noise = (np.sqrt(2) * (top + t[..., 1] * (bottom - top)))[:size, :size]
    turn = cv2.getRotationMatrix2D((size / 2, size / 2), rng.uniform(-90, 90), 1)
    noise = cv2.warpAffine(noise.astype(np.float32), turn, (size, size))
    mask = (noise > 0.5).astype(np.float32)[..., None]
    beta = rng.random() * 0.8
    picture, source = image.astype(np.float32) / 255, texture.astype(np.float32) / 255
    return picture * (1 - mask) + (1 - beta) * source * mask + beta * picture * mask


serve({
    "nsa binary": repeated(lambda: nsa(False)),
    "nsa median": repeated(lambda: nsa(True)),
    "clone": repeated(clone),
    "perlin": repeated(perlin),
})
