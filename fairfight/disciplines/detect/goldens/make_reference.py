"""Writes detectors.safetensors and detectors.json: a small anomaly task, and what the well-known implementation of every
baseline makes of it. Needs numpy, scipy, scikit-learn, pyod and safetensors; takes about two minutes.

Rows are activations in small: clusters, correlated coordinates, heavy tails. Anomalies are mild, so that the areas under the
ROC curve (AUROC) tell methods apart. Logits and tokens are the same for what a model puts out. A method that is random is run
with many seeds; the lowest of its AUROCs is what ours must reach."""
import json
import pathlib
import sys
import warnings

import numpy as np
import pyod.models.copod
import pyod.models.ecod
import sklearn
from pyod.models.hbos import HBOS
from safetensors.numpy import save_file
from scipy.special import log_softmax, logsumexp
from sklearn.cluster import KMeans
from sklearn.covariance import LedoitWolf
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import LocalOutlierFactor, NearestNeighbors
from sklearn.preprocessing import StandardScaler
from sklearn.svm import OneClassSVM

SKLEARN, PYOD = f"scikit-learn {sklearn.__version__}", f"PyOD {pyod.__version__}"
FVU, SEEDS = 0.2, 30
rng = np.random.default_rng(20260131)


def make_rows(fit=1000, test=300, d=12, clusters=5):
    centres = rng.normal(size=(clusters, d)) * 2.0 + 1.0
    mixing = rng.normal(size=(d, d)) * np.linspace(1.2, 0.25, d)[:, None]

    def clean(n):
        noise = rng.standard_t(5, size=(n, d))
        noise[:, : d // 2] = np.exp(0.5 * noise[:, : d // 2]).clip(max=12) - 1  # some coordinates are skewed
        return centres[rng.integers(clusters, size=n)] + noise @ mixing

    def anomalous(n):
        x = clean(n)
        kind = np.arange(n) % 3
        x[kind == 0] += rng.normal(size=((kind == 0).sum(), d)) * 2.0  # off the correlations
        x[kind == 1] = 0.5 * (x[kind == 1] + clean((kind == 1).sum())) + 2.5 * rng.normal(size=d)  # between the clusters
        x[kind == 2] *= 1.9  # too long
        return x

    return tuple(a.astype(np.float32) for a in (clean(fit), clean(test), anomalous(test)))


def make_outputs(documents=120, length=10, vocab=16):
    def some(sharpness, fit, offset):
        logits = rng.normal(size=(documents, length, vocab)) * sharpness + rng.normal(size=(documents, length, 1)) + offset
        noise = rng.gumbel(size=logits.shape)
        tokens = np.zeros((documents, length), np.int64)
        tokens[:, 1:] = (fit * logits + noise).argmax(-1)[:, :-1]
        return logits.astype(np.float32), tokens

    return some(1.6, 1.0, 0.3), some(1.35, 0.7, 0.0)


fit32, clean32, anomalous32 = make_rows()
fit, test = fit32.astype(float), np.concatenate([clean32, anomalous32]).astype(float)
labels = np.repeat([0, 1], [len(clean32), len(anomalous32)])
tensors = {"fit": fit32, "clean": clean32, "anomalous": anomalous32}
entries = {}


def auroc(scores):
    return float(roc_auc_score(labels, scores))


def fixed(name, source, scores, settings=None, golden=True):
    """A method without chance: one AUROC, and the scores themselves."""
    entries[name] = {"settings": {**(settings or {}), "aggregation": "mean"}, "auroc": auroc(scores), "source": source}
    if golden:
        tensors[f"scores.{name}"] = np.ascontiguousarray(scores, dtype=np.float64)


def seeded(name, source, score_of, settings, seeds=SEEDS):
    reached = [auroc(score_of(seed)) for seed in range(seeds)]
    entries[name] = {"settings": {**settings, "aggregation": "mean"}, "auroc": float(np.mean(reached)),
                     "spread": [min(reached), max(reached)], "source": f"{source}, {seeds} seeds"}


def squared_residual(k):
    pca = PCA(k).fit(fit)
    return np.square(test - pca.inverse_transform(pca.transform(test))).sum(1)


def mahalanobis(cov, mean, x):
    return np.einsum("ni,ij,nj->n", x - mean, np.linalg.inv(cov), x - mean)


def relative_mahalanobis(seed, k=4):
    means = KMeans(k, n_init=1, random_state=seed).fit(fit)
    within = LedoitWolf().fit(fit - means.cluster_centers_[means.labels_]).covariance_
    each = [mahalanobis(within, m, test) for m in means.cluster_centers_]
    background = LedoitWolf().fit(fit)
    return np.min(each, axis=0) - mahalanobis(background.covariance_, background.location_, test)


def dense_autoencoder(seed, bottleneck=4, steps=351, batch=256, rate=2e-3):
    """Plain Adam on d - h - b - h - d with ReLU behind the wide layers, gradients by hand."""
    draw = np.random.default_rng(seed)
    d = fit.shape[1]
    h = 1024 * d // (d + bottleneck)
    sizes = [d, h, bottleneck, h, d]
    w = [draw.normal(size=(a, b)) * np.sqrt((2 if i % 2 else 1) / a) for i, (a, b) in enumerate(zip(sizes, sizes[1:]))]
    p = [q for a in w for q in (a, np.zeros(a.shape[1]))]
    m, v = [np.zeros_like(q) for q in p], [np.zeros_like(q) for q in p]
    mean, scale = fit.mean(0), np.sqrt(fit.var(0, ddof=1).mean())
    x_all = (fit - mean) / scale

    def forward(x):
        a1 = np.maximum(x @ p[0] + p[1], 0)
        z = a1 @ p[2] + p[3]
        a2 = np.maximum(z @ p[4] + p[5], 0)
        return a1, z, a2, a2 @ p[6] + p[7]

    for step in range(1, steps + 1):
        x = x_all[draw.choice(len(x_all), batch, replace=False)]
        a1, z, a2, y = forward(x)
        g = 2 * (y - x) / batch
        g2 = (g @ p[6].T) * (a2 > 0)
        gz = g2 @ p[4].T
        g1 = (gz @ p[2].T) * (a1 > 0)
        grads = [x.T @ g1, g1.sum(0), a1.T @ gz, gz.sum(0), z.T @ g2, g2.sum(0), a2.T @ g, g.sum(0)]
        now = rate * 0.5 * (1 + np.cos(np.pi * step / steps))
        for i, grad in enumerate(grads):
            m[i] = 0.9 * m[i] + 0.1 * grad
            v[i] = 0.999 * v[i] + 0.001 * grad**2
            p[i] -= now * (m[i] / (1 - 0.9**step)) / (np.sqrt(v[i] / (1 - 0.999**step)) + 1e-8)
    x = (test - mean) / scale
    return np.square(forward(x)[-1] - x).sum(1)


def one_by_one(module, model):
    """PyOD ranks the rows of a call among one another too; alone, a row is ranked among the fitted ones and itself. Its skews
    are told to be those of the fitted rows: where one is near 0, the scored row alone would decide its sign."""
    skew = module.skew
    module.skew = lambda x, axis: skew(fit, axis=axis)
    model.fit(fit)
    scores = np.array([model.decision_function(row[None])[0] for row in test])
    module.skew = skew
    return scores


def rows():
    fixed("activation_norm", "numpy", np.linalg.norm(test, axis=1))
    fixed("mean_distance", "numpy", np.linalg.norm(test - fit.mean(0), axis=1))
    fixed("pca_residual", f"{SKLEARN} PCA", squared_residual(6), {"share": 0.5})
    explained = np.cumsum(PCA().fit(fit).explained_variance_ratio_)
    fixed("pca_equal_fvu", f"{SKLEARN} PCA, components by numpy", squared_residual(1 + int(np.abs(1 - explained[:-1] - FVU).argmin())))
    fixed("ppca", f"{SKLEARN} PCA.score_samples", -PCA(4, svd_solver="full").fit(fit).score_samples(test), {"components": 4})
    seeded("dense_autoencoder", "numpy float64, the same network and budget", dense_autoencoder, {"bottleneck": 4})
    fixed("mahalanobis", f"{SKLEARN} LedoitWolf.mahalanobis", LedoitWolf().fit(fit).mahalanobis(test))
    seeded("relative_mahalanobis", f"numpy float64 on {SKLEARN} KMeans and LedoitWolf", relative_mahalanobis, {"clusters": 4})

    def mixture(seed):
        return -GaussianMixture(4, covariance_type="diag", random_state=seed).fit(fit).score_samples(test)

    seeded("gmm", f"{SKLEARN} GaussianMixture", mixture, {"components": 4})
    start = fit[:4]
    given = GaussianMixture(4, covariance_type="diag", tol=0, max_iter=25, reg_covar=1e-6, weights_init=np.full(4, 0.25), means_init=start,
                            precisions_init=np.full((4, 12), 0.1)).fit(fit)
    tensors["mixture.start"], tensors["mixture.scores"] = start.copy(), given.score_samples(test)

    unit = [a / np.linalg.norm(a, axis=1, keepdims=True) for a in (fit, test)]
    fixed("knn", f"{SKLEARN} NearestNeighbors on unit rows", NearestNeighbors(n_neighbors=5).fit(unit[0]).kneighbors(unit[1])[0][:, -1], {"k": 5, "bank": 8192})
    fixed("pooled_mahalanobis", f"{SKLEARN} LedoitWolf.mahalanobis", LedoitWolf().fit(fit).mahalanobis(test), {"blocks": "all"})
    fixed("pooled_knn", f"{SKLEARN} NearestNeighbors on unit rows", NearestNeighbors(n_neighbors=10).fit(unit[0]).kneighbors(unit[1])[0][:, -1], {"k": 10, "blocks": "all"})
    for name in "pooled_mahalanobis", "pooled_knn":
        entries[name]["settings"].pop("aggregation")
    fixed("lof", f"{SKLEARN} LocalOutlierFactor(novelty=True)", -LocalOutlierFactor(20, novelty=True).fit(fit).score_samples(test), {"k": 20})
    seeded("isolation_forest", f"{SKLEARN} IsolationForest",
           lambda seed: -IsolationForest(n_estimators=100, max_samples=256, random_state=seed).fit(fit32).score_samples(test.astype(np.float32)), {"subsample": 256})
    fixed("one_class_svm", f"{SKLEARN} OneClassSVM", -OneClassSVM(nu=0.05, gamma="scale", tol=1e-9).fit(fit).decision_function(test), {"nu": 0.05, "gamma": 1})
    fixed("ecod", f"{PYOD} ECOD, a row a call, skew of the fitted rows", one_by_one(pyod.models.ecod, pyod.models.ecod.ECOD()))
    fixed("copod", f"{PYOD} COPOD, a row a call, skew of the fitted rows", one_by_one(pyod.models.copod, pyod.models.copod.COPOD()))
    scaler = StandardScaler().fit(fit)
    fixed("hbos", f"{PYOD} HBOS on standardised rows", HBOS(n_bins=10).fit(scaler.transform(fit)).decision_function(scaler.transform(test)), {"bins": 10})


def outputs():
    global labels
    (clean, clean_tokens), (anomalous, anomalous_tokens) = make_outputs()
    logits, tokens = np.concatenate([clean, anomalous]), np.concatenate([clean_tokens, anomalous_tokens])
    tensors["logits"], tensors["tokens"] = logits, tokens.astype(np.int32)
    labels = np.repeat([0, 1], [len(clean), len(anomalous)])
    logits = logits.astype(float)
    log_p = log_softmax(logits, axis=-1)
    token = np.take_along_axis(log_p[:, :-1], tokens[:, 1:, None], axis=2)[..., 0]  # of the tokens behind the first
    source = "numpy and scipy float64"
    fixed("perplexity", source, -token.mean(1))
    fixed("max_softmax", source, -log_p.max(-1)[:, 1:].mean(1))
    fixed("entropy", source, -(np.exp(log_p) * log_p).sum(-1)[:, 1:].mean(1))
    fixed("energy", source, -logsumexp(logits, axis=-1)[:, 1:].mean(1))
    slope = np.abs(np.exp(log_p) - 1 / log_p.shape[-1]).sum(-1)  # the calibration's states are the logits, its unembedding the identity
    fixed("grad_norm", source, -(np.abs(logits).sum(-1) * slope)[:, 1:].mean(1))
    lowest = np.sort(token, axis=1)[:, : int(token.shape[1] * 0.4)]
    fixed("min_k", source, -lowest.mean(1), {"k": 40})
    entries["min_k"]["settings"].pop("aggregation")


def fused(weight=0.7):
    """Perplexity of the documents of `outputs` with the distances of as many rows: standard scores, by the clean documents and by the fitted rows."""
    clean, fit, test = len(tensors["tokens"]) // 2, tensors["fit"].astype(float), np.concatenate([tensors["clean"], tensors["anomalous"]]).astype(float)
    some = np.r_[0:clean, len(test) // 2:len(test) // 2 + clean]
    unit = [a / np.linalg.norm(a, axis=1, keepdims=True) for a in (fit, test)]
    neighbours = NearestNeighbors(n_neighbors=5).fit(unit[0])
    shrunk = LedoitWolf().fit(fit)
    surprise = tensors["scores.perplexity"]

    def standard(scores, usual):
        return (scores - usual.mean()) / usual.std()

    for name, settings, of_fit, of_test in (("knn", {"k": 5, "bank": 8192}, *(neighbours.kneighbors(u)[0][:, -1] for u in unit)),
                                            ("pooled_mahalanobis", {"blocks": "all"}, shrunk.mahalanobis(fit), shrunk.mahalanobis(test))):
        fixed(f"perplexity_{name}", f"numpy on {SKLEARN}", standard(surprise, surprise[:clean]) + weight * standard(of_test[some], of_fit), {**settings, "weight": weight})
    entries["perplexity_pooled_mahalanobis"]["settings"].pop("aggregation")


def usual(scores):
    return np.sort(scores, axis=None)[(scores.size - 1) // 2]


def sides():
    """The other side of a document's number (the mean over its tokens), and its distance from the median of clean documents: of the methods
    that numpy alone makes. Draws nothing, and reads only the tensors above."""
    fit, test = tensors["fit"].astype(float), np.concatenate([tensors["clean"], tensors["anomalous"]]).astype(float)
    mean = fit.mean(0)
    scores = {"activation_norm": (np.linalg.norm(fit, axis=1), np.linalg.norm(test, axis=1)[:, None]),
              "mean_distance": (np.linalg.norm(fit - mean, axis=1), np.linalg.norm(test - mean, axis=1)[:, None])}
    logits, tokens = tensors["logits"].astype(float), tensors["tokens"].astype(np.int64)
    log_p = log_softmax(logits, axis=-1)
    surprise = -np.take_along_axis(log_p[:, :-1], tokens[:, 1:, None], axis=2)[..., 0]
    clean = len(tokens) // 2
    for name, each in (("perplexity", surprise), ("max_softmax", -log_p.max(-1)[:, 1:]), ("entropy", -(np.exp(log_p) * log_p).sum(-1)[:, 1:]),
                       ("energy", -logsumexp(logits, axis=-1)[:, 1:]), ("min_k", np.sort(surprise, axis=1)[:, -int(surprise.shape[1] * 0.4):].mean(1)[:, None])):
        scores[name] = (each[:clean], each)
    for name, (clean_scores, each) in scores.items():
        tensors[f"scores.{name}.low"] = -each.mean(1)
        tensors[f"scores.{name}.both"] = np.abs(each.mean(1) - usual(clean_scores.reshape(len(clean_scores), -1).mean(1)))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    rows()
    outputs()
    fused()
    sides()
    folder = pathlib.Path(__file__).parent
    tensors = {name: np.ascontiguousarray(t) for name, t in tensors.items()}
    save_file(tensors, folder / "detectors.safetensors")
    with open(folder / "detectors.json", "w") as file:
        json.dump({"fvu": FVU, "detectors": entries}, file, indent=1)
        file.write("\n")
    for name, e in entries.items():
        print(f"{name:22} {e['auroc']:.6f} {e.get('spread', '')}", file=sys.stderr)
