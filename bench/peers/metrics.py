"""scikit-learn, numpy and scipy on the data that bench/metrics.ts wrote to the folder given."""
import sys
from pathlib import Path

import numpy as np
from scipy import ndimage
from sklearn.metrics import roc_auc_score

from serve import serve

folder = Path(sys.argv[1])
count, side = int(sys.argv[2]), int(sys.argv[3])
maps = np.fromfile(folder / "maps.f32", np.float32).reshape(count, side, side)
masks = np.fromfile(folder / "masks.u8", np.uint8).reshape(count, side, side)
many = np.fromfile(folder / "many-masks.u8", np.uint8).reshape(-1, 1024, 1024)
EIGHT = np.ones((3, 3), int)


def auroc():
    return float(roc_auc_score(masks.ravel(), maps.ravel()))


def aupro(limit=0.3):
    """Exact, vectorised: one sort of all pixels, each weighted by its region or as a false positive."""
    labelled = np.zeros(masks.shape, np.int64)
    regions = 0
    for image, mask in enumerate(masks):
        if mask.any():
            components, found = ndimage.label(mask, EIGHT)
            labelled[image] = np.where(components > 0, components + regions, 0)
            regions += found
    weights = np.bincount(labelled.ravel()).astype(np.float64)
    weights = 1 / weights / regions
    weights[0] = 0
    order = np.argsort(-maps, axis=None, kind="stable")
    scores = maps.ravel()[order]
    labels = labelled.ravel()[order]
    overlap = np.cumsum(weights[labels])
    fpr = np.cumsum(labels == 0)
    fpr = fpr / fpr[-1]
    last = np.append(scores[1:] != scores[:-1], True)
    fpr, overlap = np.append(0, fpr[last]), np.append(0, overlap[last])
    at_limit = np.interp(limit, fpr, overlap)
    inside = fpr <= limit
    return float(np.trapz(np.append(overlap[inside], at_limit), np.append(fpr[inside], limit)) / limit)


def components():
    return int(sum(ndimage.label(mask, EIGHT)[1] for mask in many))


serve({"auroc": auroc, "aupro": aupro, "components": components})
