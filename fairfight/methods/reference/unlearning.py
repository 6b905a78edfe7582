"""Prints the numbers that unlearning_test.cpp expects: the papers' formulas once more, in float64, token by token. Needs numpy."""
import numpy as np

docs, pos, vocab, d = 3, 5, 7, 4


def wave(shape, a, b, c=0.0):
    return np.array([np.sin(a * i + b) + c * np.cos(i) for i in range(int(np.prod(shape)))]).reshape(shape)


logits, reference = wave((docs, pos, vocab), 1.7, 0.3) * 2, wave((docs, pos, vocab), 1.1, 0.9) * 2
tokens = (np.arange(docs * pos).reshape(docs, pos) * 5 + 2) % vocab
mask = np.array([[0, 0, 1, 1, 0], [0, 1, 1, 1, 1], [0, 0, 0, 0, 1]], bool)
other = np.array([[0, 1, 1, 0, 0], [0, 0, 0, 1, 1], [0, 1, 1, 1, 0]], bool)
h, h_ref, u = wave((docs, pos, d), 0.7, 0.2, 0.5), wave((docs, pos, d), 0.9, 1.2, 0.3), np.array([0.1, 0.7, 0.5, 0.5])


def log_p(z, doc, p):
    row = z[doc, p - 1]
    return row[tokens[doc, p]] - np.log(np.exp(row).sum())


def sequence(z, m):
    return np.array([sum(log_p(z, i, p) for p in range(pos) if m[i, p]) for i in range(docs)])


def cross_entropy(z, m):
    return -sequence(z, m).sum() / m.sum()


def log_sigmoid(x):
    return np.log(1 / (1 + np.exp(-x)))


def mean_over(m, f):
    return np.mean([f(i, p) for i in range(docs) for p in range(pos) if m[i, p]])


def divergence(i, p):
    q, r = (np.exp(z[i, p - 1]) / np.exp(z[i, p - 1]).sum() for z in (logits, reference))
    return (r * np.log(r / q)).sum()


policy, frozen = sequence(logits, mask), sequence(reference, mask)
print("sequence", *[f"{x:.12f}" for x in policy])
for name, value in {
    "cross_entropy": cross_entropy(logits, mask),
    "grad_diff": -0.5 * cross_entropy(logits, mask) + 2 * cross_entropy(logits, other),
    "divergence": mean_over(other, divergence),
    "npo": -2 / 0.3 * np.mean(log_sigmoid(-0.3 * (policy - frozen))),
    "simnpo": -2 / 2.5 * np.mean(log_sigmoid(2.5 * (-policy / mask.sum(1) - 0.4))),
    "dpo": -np.mean(log_sigmoid(0.3 * (sequence(logits, other) - sequence(reference, other) - policy + frozen))),
    "rmu": mean_over(mask, lambda i, p: ((h[i, p] - 6.5 * u) ** 2).sum()),
    "adaptive_rmu": mean_over(mask, lambda i, p: ((h[i, p] - 3 * np.linalg.norm(h_ref[i, p]) * u) ** 2).sum()),
    "squared_distance": mean_over(other, lambda i, p: ((h[i, p] - h_ref[i, p]) ** 2).sum()),
    "rerouting": mean_over(mask, lambda i, p: max(0, h[i, p] @ h_ref[i, p] / np.linalg.norm(h[i, p]) / np.linalg.norm(h_ref[i, p]))),
    "distance": mean_over(other, lambda i, p: np.linalg.norm(h[i, p] - h_ref[i, p])),
}.items():
    print(name, f"{value:.12f}")
