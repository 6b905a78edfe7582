#!/usr/bin/env python3
"""fairfight's passes beside those of transformers, in one run, on the same threads and the same weights.

    python3 beside_transformers.py BENCH_PASSES... [--dtype bfloat16] [--threads N] [--rounds N] [--model FOLDER]

BENCH_PASSES is the binary bench_passes, one for each libtorch that it was built with. The two sides take turns, round after
round; what counts is each one's fastest round. Without --model: a Llama of 110 million random weights, made in a temporary
folder. Needs torch, transformers and safetensors (measured with 2.13.0, 5.24.0 and 0.8).

prefill  logits of a batch of 8 x 128 tokens, against model(ids)
harvest  the residual stream behind the middle block of the same batch, against a forward pass that a hook ends behind that block
         (and, as people do it, against model(ids, output_hidden_states=True), which goes on to the logits)
decode   64 tokens, greedily, behind 16, at batch 1, with the cache, against model.generate
load     the weights, against from_pretrained and against reading the file
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

import torch
import transformers

SIZE = dict(vocab_size=32000, hidden_size=768, intermediate_size=2048, num_hidden_layers=12, num_attention_heads=12,
            num_key_value_heads=12, max_position_embeddings=1024, tie_word_embeddings=True, eos_token_id=None)


def fastest(runs, act):
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        act()
        times.append(time.perf_counter() - start)
    return min(times)


class Enough(Exception):
    pass


def harvest_middle(model, ids):
    """The state behind the middle block, and no work behind it."""
    got = []

    def stop(module, arguments, output):
        got.append(output[0] if isinstance(output, tuple) else output)
        raise Enough

    handle = model.model.layers[model.config.num_hidden_layers // 2 - 1].register_forward_hook(stop)
    try:
        model(ids, use_cache=False)
    except Enough:
        pass
    finally:
        handle.remove()
    return got[0]


@torch.inference_mode()
def measure_transformers(model, folder, runs):
    ids = (torch.arange(8 * 128) * 7919 % model.config.vocab_size).view(8, 128)
    prompt = (torch.arange(16) * 7919 % model.config.vocab_size)[None]
    return dict(
        prefill=fastest(runs, lambda: model(ids, use_cache=False)),
        harvest=fastest(runs, lambda: harvest_middle(model, ids)),
        all_states=fastest(runs, lambda: model(ids, use_cache=False, output_hidden_states=True)),
        load=fastest(runs, lambda: transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=model.dtype)),
        decode=fastest(runs, lambda: model.generate(prompt, do_sample=False, max_new_tokens=64, min_new_tokens=64,
                                                    attention_mask=torch.ones_like(prompt), pad_token_id=0)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bench", nargs="+")
    parser.add_argument("--dtype", default="float32", choices=["float32", "bfloat16"])
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--model")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.model or scratch
        if not options.model:
            torch.manual_seed(0)
            config = transformers.LlamaConfig(**SIZE)
            transformers.LlamaForCausalLM(config).to(getattr(torch, options.dtype)).save_pretrained(folder)
        model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, options.dtype)).eval()
        theirs, ours = {}, [{} for _ in options.bench]
        for _ in range(options.rounds):
            for name, seconds in measure_transformers(model, folder, 2).items():
                theirs[name] = min(seconds, theirs.get(name, seconds))
            for bench, best in zip(options.bench, ours):
                line = subprocess.run([bench, folder, "--dtype", options.dtype, "--threads", str(options.threads), "--runs", "2"],
                                      stdout=subprocess.PIPE, check=True).stdout
                for name, seconds in json.loads(line).items():
                    best[name] = seconds if name == "machine" else min(seconds, best.get(name, seconds))
    print(f"{options.dtype}, {options.threads} threads; transformers {transformers.__version__} on torch {torch.__version__}")
    for bench, best in zip(options.bench, ours):
        print(f"\n{best['machine']}")
        for name in ("prefill", "harvest", "decode"):
            print(f"  {name:<8} {1e3 * best[name]:8.1f} ms, transformers {1e3 * theirs[name]:8.1f} ms: {theirs[name] / best[name]:5.2f} x as fast")
        print(f"  harvest  {1e3 * best['harvest']:8.1f} ms, all hidden states {1e3 * theirs['all_states']:7.1f} ms: {theirs['all_states'] / best['harvest']:5.2f} x as fast")
        print(f"  load     {1e3 * best['load']:8.1f} ms, from_pretrained {1e3 * theirs['load']:8.1f} ms: {theirs['load'] / best['load']:5.2f} x as fast; "
              f"reading the file {1e3 * best['read']:6.1f} ms: {best['load'] / best['read']:.2f} x as long")


if __name__ == "__main__":
    sys.exit(main())
