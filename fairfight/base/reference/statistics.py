"""Prints the numbers that statistics_test.cpp, judge_test.cpp and calibrate_test.cpp expect. Needs numpy, scipy and scikit-learn."""
import itertools

import numpy as np
from scipy import stats
from sklearn.metrics import roc_auc_score, roc_curve

i, j = np.arange(40), np.arange(30)
clean = {"a": (7 * i * i + 3 * i) % 23, "b": (11 * i + 5) % 19}  # with many ties
anomalous = {"a": 4 + (5 * j * j + j) % 29, "b": (13 * j + j * j) % 26}


def kernel(x):
    """psi[anomaly, clean item]: the matrix that DeLong's components are means of."""
    difference = anomalous[x][:, None] - clean[x][None, :]
    return (difference > 0) + 0.5 * (difference == 0)


def variance(psi):
    return psi.mean(axis=1).var(ddof=1) / psi.shape[0] + psi.mean(axis=0).var(ddof=1) / psi.shape[1]


for x in "ab":
    labels, scores = np.repeat([0, 1], [40, 30]), np.concatenate([clean[x], anomalous[x]])
    fpr, tpr, _ = roc_curve(labels, scores, drop_intermediate=False)
    print("delong", x, repr(roc_auc_score(labels, scores)), repr(variance(kernel(x))))
    print("tpr_at_fpr", x, [float(tpr[fpr <= at].max()) for at in (0, 0.01, 0.05, 0.1, 0.2, 0.5, 1)])
    print("fpr_at_tpr", x, [float(fpr[tpr >= at].min()) for at in (0, 0.5, 0.8, 0.95, 1)])
print("delong a - b", repr((kernel("a") - kernel("b")).mean()), repr(variance(kernel("a") - kernel("b"))))
p = [(1 + np.sum(clean["a"] >= s)) / 41 for s in anomalous["a"]]
print("conformal", repr(sum(p)), [float(np.mean(np.array(p) <= alpha)) for alpha in (0.01, 0.05, 0.1, 0.25)])

values = [0.3, 0.9, 0.5, 0.55]
print("expected_maximum", [float(np.mean([max(draw) for draw in itertools.combinations(values, n)])) for n in (1, 2, 3, 4)])

print("t quantiles", repr(stats.t.ppf(0.95, 2)), repr(stats.t.ppf(0.95, 6)), repr(stats.norm.ppf(0.95)))


# The power of the judge where everything varies between organisms: a one-sided t test of 3 differences whose standard
# deviation is 1.3 times the effect.
print("power", repr(stats.nct.sf(stats.t.ppf(0.95, 2), 2, np.sqrt(3) / 1.3)))
