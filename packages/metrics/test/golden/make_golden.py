"""Writes ranking.json: what scikit-learn, numpy and scipy give on inputs that are written beside the results.

Debian: apt install python3-sklearn; run with /usr/bin/python3.
"""
import json
from pathlib import Path

import numpy as np
import sklearn
from scipy.stats import norm
from sklearn import metrics

rng = np.random.default_rng(20260101)


def labels(count, share):
    values = (rng.random(count) < share).astype(int)
    values[0], values[1] = 0, 1
    return values


def case(name, scores, truth):
    fpr, tpr, _ = metrics.roc_curve(truth, scores, drop_intermediate=False)
    precision, recall, thresholds = metrics.precision_recall_curve(truth, scores)
    return {
        "name": name,
        "scores": scores.tolist(),
        "labels": truth.tolist(),
        "auroc": metrics.roc_auc_score(truth, scores),
        "averagePrecision": metrics.average_precision_score(truth, scores),
        "balancedAccuracyAtMedian": metrics.balanced_accuracy_score(truth, scores >= np.median(scores)),
        "f1AtMedian": metrics.f1_score(truth, scores >= np.median(scores)),
        "iouAtMedian": metrics.jaccard_score(truth, scores >= np.median(scores)),
        "median": float(np.median(scores)),
        "roc": {"fpr": fpr.tolist(), "tpr": tpr.tolist()},
        "precisionRecall": {
            "precision": precision.tolist(),
            "recall": recall.tolist(),
            "thresholds": thresholds.tolist(),
        },
    }


def delong(name, first, second, truth, confidence=0.9):
    """By the definition, over the matrix of all pairs; numpy's covariance and scipy's normal distribution."""
    placements = []
    for scores in (first, second):
        wins = scores[truth == 1][:, None] - scores[truth == 0][None, :]
        wins = (wins > 0) + 0.5 * (wins == 0)
        placements.append((wins.mean(), wins.mean(axis=1), wins.mean(axis=0)))
    (a, a10, a01), (b, b10, b01) = placements
    covariance = np.cov(a10, b10) / len(a10) + np.cov(a01, b01) / len(a01)
    variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    z = (a - b) / np.sqrt(variance)
    reach = norm.ppf((1 + confidence) / 2) * np.sqrt(covariance[0, 0])
    return {
        "name": name,
        "first": first.tolist(),
        "second": second.tolist(),
        "labels": truth.tolist(),
        "confidence": confidence,
        "aurocA": a,
        "aurocB": b,
        "varianceA": covariance[0, 0],
        "intervalA": [max(0, a - reach), min(1, a + reach)],
        "standardError": np.sqrt(variance),
        "z": z,
        "pValue": 2 * norm.sf(abs(z)),
    }


def signal(truth, strength):
    return rng.normal(size=len(truth)) + strength * truth


ordinary, rare, coarse, tiny = labels(300, 0.4), labels(800, 0.01), labels(200, 0.5), labels(3, 0.5)
paired = labels(120, 0.4)
close = signal(paired, 1.2)
golden = {
    "scikit-learn": sklearn.__version__,
    "ranking": [
        case("random", signal(ordinary, 1), ordinary),
        case("worse than chance", signal(ordinary, -1), ordinary),
        case("imbalanced", signal(rare, 2), rare),
        case("tied", np.round(signal(coarse, 1)), coarse),
        case("constant", np.full(50, 0.25), labels(50, 0.2)),
        case("tiny", np.array([0.1, 0.9, 0.9]), tiny),
        case("two samples", np.array([1.0, 0.0]), np.array([0, 1])),
    ],
    "delong": [
        delong("different", signal(paired, 2), signal(paired, 0.5), paired),
        delong("nearly the same", close, close + 0.1 * rng.normal(size=len(close)), paired),
        delong("tied", np.round(signal(paired, 1)), np.round(signal(paired, 1)), paired),
    ],
    "normal": [[z, 2 * norm.sf(z)] for z in (0, 0.1, 0.5, 1, 1.96, 2.8, 2.9, 4, 6, 10)],
}
Path(__file__).with_name("ranking.json").write_text(json.dumps(golden))
