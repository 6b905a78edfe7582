#!/usr/bin/env python3
"""Makes the tiny models of this folder and what Hugging Face and TransformerLens compute with them.

    pip install torch==2.13.0 transformers==5.23.0 transformer-lens==3.9.0 safetensors && python3 make_goldens.py

Or `make_goldens.py FOLDER...`: only writes the goldens of other models; with FAIRFIGHT_REAL_MODEL=FOLDER torch_tests checks
such a one too. Deterministic: the same versions write the same weights, and the same numbers up to float32 rounding.
TransformerLens 4 has no HookedTransformer any more, so a release of 3 is the reference. A folder holds config.json and
model.safetensors, as `save_pretrained` writes them, and golden.safetensors:

    tokens, logits, loss   from transformers; the loss is the mean cross-entropy of the next token
    hidden                 the residual stream before the first block and behind every block, [block, batch, pos, d_model]
    gradient/WEIGHT        of that loss, by its Hugging Face name; a tied embedding has one gradient, the sum
    hook/NAME              the value at a TransformerLens hook of the same weights, nothing folded or centred
    edited/NAME            the logits of the last position after `edit` at that hook
    processed/NAME         of some models: TransformerLens' weights with norms folded and (LayerNorm) writing weights centred,
                           in the shapes and under the names of fairfight's model/weights.h
    metadata: hooks        the names of all TransformerLens hooks, sorted, separated by spaces

Models that TransformerLens cannot hold (listed in WITHOUT_LENS) have none of its numbers.
"""
import math
import sys
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from transformer_lens import HookedTransformer, HookedTransformerConfig
from transformer_lens.pretrained import weight_conversions

HERE = Path(__file__).parent
NO_SITES = ("hook_tokens", "unembed.hook_in", "unembed.hook_out")  # parity_test.cpp says why

SHARED = dict(num_hidden_layers=2, bos_token_id=1, eos_token_id=2)
# Small, with grouped heads that together are wider than the residual stream, and a text that is longer than windows and than
# the context before a rope was stretched.
SMALL = dict(vocab_size=29, hidden_size=16, intermediate_size=22, num_attention_heads=4, num_key_value_heads=2,
             max_position_embeddings=24, rms_norm_eps=1e-4, pad_token_id=None, **SHARED)
WINDOWED = dict(sliding_window=4, **SMALL)
EQUAL_HEADS = SMALL | dict(num_key_value_heads=4)


def rope(kind, theta=500.0, **settings):
    return {"rope_type": kind, "rope_theta": theta, **settings}


MODELS = {
    # Grouped heads, untied, odd sizes, another rope_theta and epsilon than the defaults.
    "llama_grouped": transformers.LlamaConfig(
        vocab_size=43, hidden_size=24, intermediate_size=37, num_attention_heads=4, num_key_value_heads=2,
        max_position_embeddings=19, rms_norm_eps=1e-4, rope_parameters=rope("default"), tie_word_embeddings=False,
        **SHARED),
    # Tied; the heads together are wider than the residual stream.
    "llama_tied": transformers.LlamaConfig(
        vocab_size=31, hidden_size=18, intermediate_size=29, num_attention_heads=3, num_key_value_heads=3, head_dim=8,
        max_position_embeddings=11, tie_word_embeddings=True, **SHARED),
    "llama_llama3": transformers.LlamaConfig(head_dim=10, rope_parameters=rope(
        "llama3", factor=4.0, low_freq_factor=1.0, high_freq_factor=2.0, original_max_position_embeddings=9), **SMALL),
    "llama_yarn": transformers.LlamaConfig(head_dim=10, rope_parameters=rope(
        "yarn", factor=3.0, original_max_position_embeddings=8, beta_fast=2.0, beta_slow=0.25), **SMALL),
    "llama_linear": transformers.LlamaConfig(head_dim=10, rope_parameters=rope("linear", factor=3.0),
                                             attention_bias=True, mlp_bias=True, **SMALL),
    "llama_dynamic": transformers.LlamaConfig(head_dim=10, rope_parameters=rope("dynamic", factor=3.0),
                                              tie_word_embeddings=True, **(SMALL | dict(max_position_embeddings=7))),
    "mistral": transformers.MistralConfig(head_dim=6, rope_parameters=rope("default"), **WINDOWED),
    "qwen2": transformers.Qwen2Config(use_sliding_window=True, max_window_layers=1, tie_word_embeddings=True,
                                      rope_parameters=rope("default"), **WINDOWED),
    "qwen3": transformers.Qwen3Config(head_dim=6, use_sliding_window=True, max_window_layers=1,
                                      rope_parameters=rope("default"), **WINDOWED),
    "qwen3_yarn": transformers.Qwen3Config(head_dim=6, attention_bias=True, rope_parameters=rope(
        "yarn", factor=4.0, original_max_position_embeddings=6, attention_factor=1.25, truncate=False), **SMALL),
    "gemma": transformers.GemmaConfig(head_dim=6, rope_parameters=rope("default"),
                                      **(SMALL | dict(num_key_value_heads=1))),
    "gemma2": transformers.Gemma2Config(head_dim=6, query_pre_attn_scalar=11, attn_logit_softcapping=3.0,
                                        final_logit_softcapping=4.0, rope_parameters=rope("default"), **WINDOWED),
    "gemma3": transformers.Gemma3TextConfig(
        head_dim=6, query_pre_attn_scalar=11, layer_types=["sliding_attention", "full_attention"],
        rope_parameters={"full_attention": rope("linear", factor=8.0),
                         "sliding_attention": rope("default", theta=30.0)}, **WINDOWED),
    "olmo2": transformers.Olmo2Config(rope_parameters=rope("default"), **EQUAL_HEADS),
    "olmo2_grouped": transformers.Olmo2Config(attention_bias=True, rope_parameters=rope("linear", factor=2.0), **SMALL),
    "phi3": transformers.Phi3Config(
        rope_parameters=rope("default", partial_rotary_factor=0.5), original_max_position_embeddings=24,
        **(WINDOWED | dict(hidden_size=32))),
    "phi3_longrope": transformers.Phi3Config(
        rope_parameters=rope("longrope", partial_rotary_factor=0.75, short_factor=[1.0, 1.1, 1.2],
                             long_factor=[1.3, 2.5, 4.0]), original_max_position_embeddings=8,
        **(SMALL | dict(hidden_size=32))),
    # Odd head size, biases everywhere, the tanh form of GELU.
    "gpt2": transformers.GPT2Config(
        vocab_size=37, n_positions=13, n_embd=20, n_layer=2, n_head=4, activation_function="gelu_new",
        bos_token_id=1, eos_token_id=2),
    "gpt_neo": transformers.GPTNeoConfig(
        vocab_size=29, hidden_size=20, num_layers=2, num_heads=4, intermediate_size=22, max_position_embeddings=13,
        attention_types=[[["local", "global"], 1]], window_size=4, bos_token_id=1, eos_token_id=2),
    "gpt_neox": transformers.GPTNeoXConfig(
        vocab_size=29, hidden_size=24, intermediate_size=22, num_attention_heads=4, max_position_embeddings=24,
        rope_parameters=rope("default", partial_rotary_factor=0.7), **SHARED),
    "gpt_neox_serial": transformers.GPTNeoXConfig(
        vocab_size=29, hidden_size=20, intermediate_size=22, num_attention_heads=4, max_position_embeddings=24,
        rope_parameters=rope("linear", factor=2.0, partial_rotary_factor=0.6), use_parallel_residual=False,
        attention_bias=False, hidden_act="gelu_new", tie_word_embeddings=True, **SHARED),
}
# TransformerLens 3.9 has no dynamic rope or longrope for these, adds an MLP's bias at another place, wants equal heads of
# OLMo 2 and biases of GPT-NeoX, drops those of Qwen 3.
WITHOUT_LENS = ("llama_linear", "llama_dynamic", "qwen3_yarn", "olmo2_grouped", "phi3_longrope", "gpt_neox_serial")
PROCESSED = ("llama_grouped", "gpt2", "gpt_neo", "gpt_neox", "gemma2")
SHORT = ("llama_grouped", "llama_tied", "gpt2")  # two short texts instead of a longer one


def draw_weights(model):
    """Weights large enough that attention is uneven, every bias counts and no gain is 1."""
    generator = torch.Generator().manual_seed(20240607)
    for name, weight in sorted(model.named_parameters()):
        noise = torch.randn(weight.shape, generator=generator)
        if weight.dim() == 2:
            weight.data = noise * 1.2 / weight.shape[1] ** 0.5
        elif name.endswith("bias"):
            weight.data = noise * 0.3
        elif model.config.model_type.startswith("gemma"):  # gains less one
            weight.data = noise * 0.3
        else:
            weight.data = 1 + noise * 0.3


def lens_rope(config):
    """rope_parameters in TransformerLens' words."""
    nested = "full_attention" in config.rope_parameters
    full = config.rope_parameters["full_attention"] if nested else config.rope_parameters
    head = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    words = dict(positional_embedding_type="rotary", rotary_adjacent_pairs=False, rotary_base=full["rope_theta"],
                 rotary_dim=int(head * full.get("partial_rotary_factor", 1.0)))
    if nested:
        words["rotary_base_local"] = config.rope_parameters["sliding_attention"]["rope_theta"]
    if full["rope_type"] == "linear":
        words["rotary_scaling_factor"] = full["factor"]
    if full["rope_type"] == "llama3":
        words |= dict(use_NTK_by_parts_rope=True, NTK_by_parts_factor=full["factor"],
                      NTK_by_parts_low_freq_factor=full["low_freq_factor"],
                      NTK_by_parts_high_freq_factor=full["high_freq_factor"],
                      NTK_original_ctx_len=full["original_max_position_embeddings"])
    if full["rope_type"] == "yarn":
        words |= dict(use_yarn_rope=True, yarn_factor=full["factor"], yarn_beta_fast=full["beta_fast"],
                      yarn_beta_slow=full["beta_slow"], yarn_attention_factor=0.1 * math.log(full["factor"]) + 1,
                      yarn_original_max_position_embeddings=full["original_max_position_embeddings"])
    return words


def lens_windows(config):
    kinds = getattr(config, "layer_types", None) or getattr(config, "attention_layers", None)
    window = getattr(config, "window_size", None) or getattr(config, "sliding_window", None)
    if window is None:
        return {}
    local = [kind in ("sliding_attention", "local") for kind in kinds] if kinds else [True] * config.num_hidden_layers
    return dict(use_local_attn=True, window_size=window, attn_types=["local" if x else "global" for x in local])


def lens_config(config):
    """The same shape in TransformerLens' words, with every optional hook in place."""
    family = config.model_type
    words = dict(d_vocab=config.vocab_size, d_model=config.hidden_size, n_layers=config.num_hidden_layers,
                 n_heads=config.num_attention_heads, n_ctx=config.max_position_embeddings, use_hook_tokens=True,
                 d_head=getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads,
                 device="cpu", original_architecture=config.architectures[0]) | lens_windows(config)
    if family.startswith("gpt"):
        words |= dict(normalization_type="LN", eps=getattr(config, "layer_norm_eps", None) or config.layer_norm_epsilon,
                      act_fn=getattr(config, "hidden_act", None) or config.activation_function)
        if family == "gpt2":
            return HookedTransformerConfig(d_mlp=config.n_inner or 4 * config.n_embd, **words)
        words |= dict(d_mlp=config.intermediate_size)
        if family == "gpt_neo":
            return HookedTransformerConfig(use_attn_scale=False, **words)
        return HookedTransformerConfig(parallel_attn_mlp=config.use_parallel_residual, **lens_rope(config), **words)
    grouped = config.num_key_value_heads != config.num_attention_heads
    always_grouped = family in ("mistral", "qwen2", "gemma", "gemma2", "gemma3_text")  # as their converters have it
    words |= dict(normalization_type="RMS", final_rms=True, eps=config.rms_norm_eps, gated_mlp=True,
                  d_mlp=config.intermediate_size, act_fn="silu", use_qk_norm=family in ("qwen3", "gemma3_text"),
                  n_key_value_heads=config.num_key_value_heads if grouped or always_grouped else None)
    if family.startswith("gemma"):
        words |= dict(act_fn="gelu_pytorch_tanh")
    if family in ("gemma2", "gemma3_text"):
        words |= dict(use_normalization_before_and_after=True, attn_scale=config.query_pre_attn_scalar ** 0.5,
                      attn_scores_soft_cap=config.attn_logit_softcapping or -1.0,
                      output_logits_soft_cap=config.final_logit_softcapping or -1.0)
    return HookedTransformerConfig(**lens_rope(config), **words)


CONVERTERS = dict(gpt_neo="neo", gpt_neox="neox", gemma2="gemma", gemma3_text="gemma")


def lens_model(model, **processing):
    config = lens_config(model.config)
    family = model.config.model_type
    convert = getattr(weight_conversions, f"convert_{CONVERTERS.get(family, family)}_weights")
    state = convert(model, config)
    lens = HookedTransformer(config)
    if family == "phi3":  # its converter makes biases that an RMSNorm does not have, of a wrong size
        state = {name: value for name, value in state.items() if not name.endswith(("ln1.b", "ln2.b"))}
    settings = dict(fold_ln=False, center_writing_weights=False, center_unembed=False, fold_value_biases=False,
                    refactor_factored_attn_matrices=False)
    lens.load_and_process_state_dict(state, **(settings | processing))
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
        edited = lens.run_with_hooks(tokens, fwd_hooks=[(name, lambda x, hook: edit(x))])
        goldens["edited/" + name] = edited[:, -1:]
    return goldens


def processed_goldens(model):
    layer_norm = model.config.model_type.startswith("gpt")
    state = lens_model(model, fold_ln=True, center_writing_weights=layer_norm).state_dict()
    block = {name[len("blocks.1."):]: value for name, value in state.items() if name.startswith("blocks.1.")}
    goldens = {"embed": state["embed.W_E"], "unembed": state["unembed.W_U"].T, "in.w": block["mlp.W_in"].T,
               "out.w": block["mlp.W_out"].T, "o.w": block["attn.W_O"].flatten(0, 1).T,
               "q.w": block["attn.W_Q"].transpose(1, 2).flatten(0, 1)}
    if layer_norm:
        goldens |= {"pos_embed": state["pos_embed.W_pos"]} if "pos_embed.W_pos" in state else {}
        goldens |= {"unembed_b": state["unembed.b_U"], "in.b": block["mlp.b_in"], "out.b": block["mlp.b_out"],
                    "o.b": block["attn.b_O"], "q.b": block["attn.b_Q"].flatten()}
    return {"processed/" + name: value for name, value in goldens.items()}


def blocks_of(model):
    body = getattr(model, model.base_model_prefix)
    return body.h if hasattr(body, "h") else body.layers


def write_golden(folder):
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
    model.eval()
    tokens = torch.randint(0, model.config.vocab_size, (2, 5) if folder.name in SHORT else (1, 11),
                           generator=torch.Generator().manual_seed(1))
    hidden = []
    first = lambda x: x[0] if isinstance(x, tuple) else x
    blocks_of(model)[0].register_forward_pre_hook(lambda _, args: hidden.append(args[0]))
    for block in blocks_of(model):
        block.register_forward_hook(lambda _, args, out: hidden.append(first(out)))
    out = model(tokens, labels=tokens)
    out.loss.backward()
    goldens = {"tokens": tokens, "logits": out.logits, "loss": out.loss, "hidden": torch.stack(hidden)}
    goldens |= {"gradient/" + name: weight.grad for name, weight in model.named_parameters()}
    metadata = {}
    if folder.name not in WITHOUT_LENS:
        lens = lens_model(model)
        torch.testing.assert_close(lens(tokens), out.logits, msg=lambda m: f"{folder.name}: {m}", atol=1e-4, rtol=1e-4)
        goldens |= hook_goldens(lens, tokens)
        metadata["hooks"] = " ".join(sorted(lens.hook_dict))
    if folder.name in PROCESSED:
        goldens |= processed_goldens(model)
    save_file({name: value.detach().contiguous() for name, value in goldens.items()}, folder / "golden.safetensors",
              metadata)


def write_model(config, folder):
    model = transformers.AutoModelForCausalLM.from_config(config)
    draw_weights(model)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)


def main(folders):
    torch.set_num_threads(1)
    folders = [Path(folder).resolve() for folder in folders] or [HERE / name for name in MODELS]
    for folder in folders:
        if folder.parent == HERE:
            write_model(MODELS[folder.name], folder)
        write_golden(folder)


if __name__ == "__main__":
    main(sys.argv[1:])
