#!/usr/bin/env python3
"""Makes the tiny models of this folder and what Hugging Face and TransformerLens compute with them.

    pip install torch==2.13.0 transformers==5.23.0 transformer-lens==3.9.0 safetensors && python3 make_goldens.py

Or `make_goldens.py FOLDER...`: only writes the goldens of other models; with FAIRFIGHT_REAL_MODEL=FOLDER torch_tests checks
such a one too. Deterministic: the same versions write the same weights, and the same numbers up to float32 rounding.
TransformerLens 4 has no HookedTransformer any more, so a release of 3 is the reference. A folder holds config.json and
model.safetensors, as `save_pretrained` writes them, and golden.safetensors:

    tokens, logits, loss   from transformers; the loss is the mean cross-entropy of the next token
    gradient/WEIGHT        of that loss, by its Hugging Face name; a tied embedding has one gradient, the sum
    hook/NAME              the value at a TransformerLens hook of the same weights, nothing folded or centred
    edited/NAME            the logits after `edit` at that hook
    metadata: hooks        the names of all TransformerLens hooks, sorted, separated by spaces
"""
import sys
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from transformer_lens import HookedTransformer, HookedTransformerConfig
from transformer_lens.pretrained.weight_conversions import convert_gpt2_weights, convert_llama_weights

HERE = Path(__file__).parent
NO_SITES = ("hook_tokens", "unembed.hook_in", "unembed.hook_out")  # parity_test.cpp says why
BATCH, POSITIONS = 2, 5

LLAMA = dict(num_hidden_layers=2, bos_token_id=1, eos_token_id=2)
MODELS = {
    # Grouped heads, untied, odd sizes, another rope_theta and epsilon than the defaults.
    "llama_grouped": transformers.LlamaConfig(
        vocab_size=43, hidden_size=24, intermediate_size=37, num_attention_heads=4, num_key_value_heads=2,
        max_position_embeddings=19, rms_norm_eps=1e-4, rope_parameters={"rope_type": "default", "rope_theta": 500.0},
        tie_word_embeddings=False, **LLAMA),
    # Tied; the heads together are wider than the residual stream.
    "llama_tied": transformers.LlamaConfig(
        vocab_size=31, hidden_size=18, intermediate_size=29, num_attention_heads=3, num_key_value_heads=3, head_dim=8,
        max_position_embeddings=11, tie_word_embeddings=True, **LLAMA),
    # Odd head size, biases everywhere, the tanh form of GELU.
    "gpt2": transformers.GPT2Config(
        vocab_size=37, n_positions=13, n_embd=20, n_layer=2, n_head=4, activation_function="gelu_new",
        bos_token_id=1, eos_token_id=2),
}


def draw_weights(model):
    """Weights large enough that attention is uneven, every bias counts and no gain is 1."""
    generator = torch.Generator().manual_seed(20240607)
    for name, weight in sorted(model.named_parameters()):
        noise = torch.randn(weight.shape, generator=generator)
        if weight.dim() == 2:
            weight.data = noise * 1.2 / weight.shape[1] ** 0.5
        elif name.endswith("bias"):
            weight.data = noise * 0.3
        else:
            weight.data = 1 + noise * 0.3


def lens_config(config):
    """The same shape in TransformerLens' words, with every optional hook in place."""
    shared = dict(d_vocab=config.vocab_size, d_model=config.hidden_size, n_layers=config.num_hidden_layers,
                  n_heads=config.num_attention_heads, n_ctx=config.max_position_embeddings, use_hook_tokens=True,
                  device="cpu")
    if config.model_type == "gpt2":
        return HookedTransformerConfig(
            d_head=config.n_embd // config.n_head, d_mlp=config.n_inner or 4 * config.n_embd,
            act_fn=config.activation_function, eps=config.layer_norm_epsilon, normalization_type="LN", **shared)
    grouped = config.num_key_value_heads != config.num_attention_heads
    return HookedTransformerConfig(
        d_head=config.head_dim, d_mlp=config.intermediate_size, act_fn="silu", eps=config.rms_norm_eps,
        n_key_value_heads=config.num_key_value_heads if grouped else None, normalization_type="RMS", final_rms=True,
        positional_embedding_type="rotary", rotary_dim=config.head_dim, rotary_adjacent_pairs=False,
        rotary_base=config.rope_parameters["rope_theta"], gated_mlp=True, **shared)


def lens_model(model):
    config = lens_config(model.config)
    convert = convert_gpt2_weights if model.config.model_type == "gpt2" else convert_llama_weights
    lens = HookedTransformer(config)
    lens.load_and_process_state_dict(convert(model, config), fold_ln=False, center_writing_weights=False,
                                     center_unembed=False, fold_value_biases=False, refactor_factored_attn_matrices=False)
    return lens


def switch_on(lens, hook):
    """Some hooks fire only behind a flag; the flags change the shapes at others, so just one is on."""
    kind = hook.split(".")[-1]
    lens.set_use_attn_result(kind == "hook_result")
    lens.set_use_split_qkv_input(kind in ("hook_q_input", "hook_k_input", "hook_v_input"))
    lens.set_use_hook_mlp_in(kind == "hook_mlp_in")
    if lens.cfg.n_key_value_heads is None:
        lens.set_use_attn_in(kind == "hook_attn_in")


def edit(x):
    """Differs at every element, so that a swapped axis shows, and no norm undoes it; leaves the -inf of masked scores."""
    return 0.5 * x + 0.1 * torch.arange(x.numel()).sin().view_as(x)


def has_golden(lens, hook):
    """TransformerLens names hook_attn_in for grouped heads too, but cannot run with it."""
    grouped = lens.cfg.n_key_value_heads is not None
    return hook not in NO_SITES and not (grouped and hook.endswith("hook_attn_in"))


@torch.no_grad()
def hook_goldens(lens, tokens):
    goldens = {}
    for name in (name for name in lens.hook_dict if has_golden(lens, name)):
        switch_on(lens, name)
        lens.run_with_hooks(tokens, fwd_hooks=[(name, lambda x, hook: goldens.update({"hook/" + name: x.clone()}))])
        goldens["edited/" + name] = lens.run_with_hooks(tokens, fwd_hooks=[(name, lambda x, hook: edit(x))])
    return goldens


def write_golden(folder):
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
    model.eval()
    tokens = torch.randint(0, model.config.vocab_size, (BATCH, POSITIONS), generator=torch.Generator().manual_seed(1))
    out = model(tokens, labels=tokens)
    out.loss.backward()
    goldens = {"tokens": tokens, "logits": out.logits, "loss": out.loss}
    goldens |= {"gradient/" + name: weight.grad for name, weight in model.named_parameters()}
    lens = lens_model(model)
    torch.testing.assert_close(lens(tokens), out.logits)
    goldens |= hook_goldens(lens, tokens)
    save_file({name: value.detach().contiguous() for name, value in goldens.items()}, folder / "golden.safetensors",
              {"hooks": " ".join(sorted(lens.hook_dict))})


def write_model(config, folder):
    model = transformers.AutoModelForCausalLM.from_config(config)
    draw_weights(model)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)


def main(folders):
    torch.set_num_threads(1)
    if not folders:
        for name, config in MODELS.items():
            write_model(config, HERE / name)
        folders = [HERE / name for name in MODELS]
    for folder in folders:
        write_golden(Path(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
