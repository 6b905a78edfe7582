#!/usr/bin/env python3
"""Holds what fairfight says of texts, and what it writes, against transformers on the same model (float32, CPU).

    python3 score_in_transformers.py FAIRFIGHT MODEL TEXTS.jsonl [--limit N] [--prompts N]

- fairfight perplexity MODEL --text TEXTS.jsonl --per-token: the ids are those of the tokenizer, the log-probabilities those
  of transformers within 1e-4; texts that are longer than the context in windows, by the recipe of its documentation;
- fairfight generate MODEL --greedy --prompt ...: what model.generate writes, to the letter.

Needs torch, transformers and tokenizers (made with 2.13.0, 5.24.0 and 0.23).
"""
import argparse
import json
import subprocess
import sys

import torch
import transformers


def reference_logprobs(model, ids):
    n_ctx, scores, previous = model.config.max_position_embeddings, [], 1
    for begin in range(0, len(ids), n_ctx // 2):
        end = min(begin + n_ctx, len(ids))
        window = torch.tensor(ids[begin:end])[None]
        logp = model(window).logits[0, :-1].log_softmax(-1).gather(1, window[0, 1:, None])[:, 0].tolist()
        scores += logp[previous - begin - 1:]
        previous = end
        if end == len(ids):
            break
    return scores


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fairfight")
    parser.add_argument("model")
    parser.add_argument("texts")
    parser.add_argument("--limit", type=int, default=1000)
    parser.add_argument("--prompts", type=int, default=5)
    options = parser.parse_args()

    def fairfight(*arguments):
        return subprocess.run([options.fairfight, *arguments], stdout=subprocess.PIPE, check=True, text=True).stdout

    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_file=options.model + "/tokenizer.json")
    model = transformers.AutoModelForCausalLM.from_pretrained(options.model, dtype=torch.float32).eval()
    with open(options.texts, encoding="utf-8") as file:
        texts = [json.loads(line)["text"] for line in file if line.strip()][:options.limit]
    lines = fairfight("perplexity", options.model, "--text", options.texts, "--limit", str(options.limit), "--per-token").splitlines()
    assert len(lines) == len(texts)
    worst, tokens, long = 0.0, 0, 0
    with torch.inference_mode():
        for text, line in zip(texts, lines):
            got = json.loads(line)
            ids = tokenizer(text)["input_ids"]
            assert got["ids"] == ids, f"ids differ: {text[:80]!r}"
            assert len(got["logprobs"]) == len(ids) and got["logprobs"][:1] == [None]
            for ours, theirs in zip(got["logprobs"][1:], reference_logprobs(model, ids), strict=True):
                worst = max(worst, abs(ours - theirs))
            tokens += len(ids) - 1
            long += len(ids) > model.config.max_position_embeddings
        assert worst < 1e-4, worst
        print(f"{tokens} log-probabilities of {len(texts)} texts ({long} longer than the context): the largest difference is {worst:.1e}")
        for text in texts[:options.prompts]:
            prompt = " ".join(text.split()[:4])
            wrote = fairfight("generate", options.model, "--greedy", "--tokens", "100", "--prompt", prompt)
            ids = torch.tensor(tokenizer(prompt)["input_ids"])[None]
            reference = tokenizer.decode(model.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=100)[0])
            assert wrote == reference + "\n", (wrote, reference)
            print(f"the same greedily: {reference[:100]!r}...")


if __name__ == "__main__":
    sys.exit(main())
