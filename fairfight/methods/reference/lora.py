#!/usr/bin/env python3
"""Writes lora.safetensors: a tiny Llama of tests/parity under adapters of peft.

    pip install torch==2.13.0 transformers==5.23.0 peft==0.21.2 safetensors && python3 lora.py

    a/LAYER.MAP, b/LAYER.MAP   the adapters; none of them is 0
    tokens, logits, loss       of the adapted model; the loss is the mean cross-entropy of the next token
    grad_a/..., grad_b/...     of that loss
"""
from pathlib import Path

import peft
import torch
import transformers
from safetensors.torch import save_file

HERE = Path(__file__).parent
MODEL = HERE.parents[2] / "tests" / "parity" / "llama_grouped"
MAPS = {"q_proj": "q", "k_proj": "k", "v_proj": "v", "o_proj": "o", "gate_proj": "gate", "up_proj": "in", "down_proj": "out"}

model = transformers.AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32, attn_implementation="eager")
model = peft.get_peft_model(model, peft.LoraConfig(r=3, lora_alpha=5, lora_dropout=0.0, target_modules=list(MAPS)))
model.eval()

generator = torch.Generator().manual_seed(7)
adapters = {}
for name, weight in sorted(model.named_parameters()):
    if "lora_" in name:
        weight.data = torch.randn(weight.shape, generator=generator) * 0.4
        parts = name.split(".")
        layer = parts[parts.index("layers") + 1]
        kind = "a" if "lora_A" in name else "b"
        adapters[f"{kind}/{layer}.{next(MAPS[p] for p in parts if p in MAPS)}"] = weight

tokens = torch.randint(0, model.config.vocab_size, (2, 9), generator=generator)
out = model(input_ids=tokens, labels=tokens)
out.loss.backward()
goldens = {"tokens": tokens, "logits": out.logits, "loss": out.loss} | adapters
goldens |= {"grad_" + name: weight.grad for name, weight in adapters.items()}
save_file({name: value.detach().contiguous() for name, value in goldens.items()}, HERE / "lora.safetensors")
