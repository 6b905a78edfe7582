"""Writes leace.safetensors: fixed rows and labels, and what the PyPI package concept-erasure makes of them in float64.
Needs torch, concept-erasure, safetensors."""
import pathlib

import torch
from concept_erasure import LeaceFitter
from safetensors.torch import save_file

torch.manual_seed(0)
n, d, k = 60, 7, 3
labels = torch.arange(n) % k
x = torch.randn(n, d, dtype=torch.float64) @ torch.randn(d, d, dtype=torch.float64) + torch.randn(k, d, dtype=torch.float64)[labels]
tensors = {"x": x, "labels": labels}
for name, z in {"one_hot": torch.nn.functional.one_hot(labels, k).double(), "binary": (labels == 0).double()}.items():
    for shrinkage in (False, True):
        eraser = LeaceFitter.fit(x, z, shrinkage=shrinkage).eraser
        tensors[f"{name}.{'shrunk' if shrinkage else 'sample'}"] = eraser(x)
save_file({k: v.contiguous() for k, v in tensors.items()}, pathlib.Path(__file__).parent / "leace.safetensors")
