#!/usr/bin/env python3
"""Makes the LoRAs of this folder, on models of ../parity, and what peft computes with them.

    pip install torch==2.13.0 transformers==5.24.0 peft==0.21.2 safetensors && python3 make_adapters.py

A folder holds adapter_config.json and adapter_model.safetensors, as `save_pretrained` writes them, and golden.safetensors: tokens,
and the logits of the base with the adapter beside it (not merged). `base_model_name_or_path` is the base's name in ../parity.
"""
import json
from pathlib import Path

import torch
import transformers
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file

HERE = Path(__file__).parent
PARITY = HERE.parent / "parity"
ADAPTERS = {
    # Scales by module, biases of every map, and whole tensors in the place of some.
    "patterns": ("llama_linear", dict(r=3, lora_alpha=5, use_rslora=True, target_modules=["q_proj", "o_proj", "down_proj"], bias="all",
                                      rank_pattern={"layers.1.self_attn.q_proj": 2}, alpha_pattern={"o_proj": 7, r"layers\.\d+\.mlp\.down_proj": 2},
                                      modules_to_save=["lm_head", "embed_tokens", "norm"])),
    "some_layers": ("llama_grouped", dict(r=4, lora_alpha=8, target_modules=["v_proj", "up_proj"], layers_to_transform=[1])),
    # A head that is the embedding until the adapter brings one, or adds to it.
    "untied": ("llama_tied", dict(r=2, lora_alpha=2, target_modules=["gate_proj"], modules_to_save=["lm_head", "embed_tokens"])),
    "on_the_head": ("llama_tied", dict(r=2, lora_alpha=3, target_modules=["lm_head", "k_proj"])),
    # Matrices that the file holds as [in, out]; fused ones; one whose parts take turns, head by head.
    "conv1d": ("gpt2", dict(r=3, lora_alpha=4, target_modules=["c_attn", "c_fc"], fan_in_fan_out=True, bias="lora_only")),
    "fused": ("phi3", dict(r=2, lora_alpha=4, target_modules=r".*\.(qkv_proj|gate_up_proj)")),
    "turns": ("gpt_neox", dict(r=2, lora_alpha=4, target_modules=["query_key_value", "dense_4h_to_h"])),
}


def main():
    torch.set_num_threads(1)
    for name, (base, settings) in ADAPTERS.items():
        folder = HERE / name
        model = transformers.AutoModelForCausalLM.from_pretrained(PARITY / base, dtype=torch.float32, attn_implementation="eager")
        model = get_peft_model(model, LoraConfig(**settings)).eval()
        generator = torch.Generator().manual_seed(7)
        for _, weight in sorted((n, w) for n, w in model.named_parameters() if w.requires_grad):
            weight.data = torch.randn(weight.shape, generator=generator) * 0.4
        model.save_pretrained(folder)
        (folder / "README.md").unlink(missing_ok=True)
        config = json.loads((folder / "adapter_config.json").read_text())
        config["base_model_name_or_path"] = base
        if isinstance(config["target_modules"], list):
            config["target_modules"].sort()  # peft writes a set, in any order
        (folder / "adapter_config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
        tokens = torch.randint(0, model.config.vocab_size, (2, 7), generator=torch.Generator().manual_seed(1))
        with torch.no_grad():
            save_file({"tokens": tokens, "logits": model(tokens).logits}, folder / "golden.safetensors")


if __name__ == "__main__":
    main()
