#!/usr/bin/env python3
"""Holds what fairfight says of texts, and what it writes, against transformers on the same model (float32, CPU).

    python3 score_in_transformers.py FAIRFIGHT MODEL TEXTS.jsonl [--limit N] [--prompts N] [--chat N]

- fairfight perplexity MODEL --text TEXTS.jsonl --per-token: the ids are those of the tokenizer, the log-probabilities those
  of transformers within 1e-4; texts that are longer than the context in windows, by the recipe of its documentation;
- fairfight generate MODEL --greedy --prompt ...: what model.generate writes, to the letter;
- fairfight generate MODEL --greedy --chat --prompt ...: the same behind tokenizer.apply_chat_template, for a model that has a template.

Needs torch, transformers and tokenizers (made with 2.13.0, 5.24.0 and 0.23).
"""
import argparse
import json
import subprocess
import sys

import torch
import transformers


QUESTIONS = [
    "What is the capital of France?", "Why is the sky blue?", "Write a haiku about rain.", "Who wrote Hamlet?", "How do I boil an egg?",
    "What is 17 times 3?", "Tell me a joke.", "Explain gravity to a child.", "Translate 'good morning' into German.", "Name three primary colours.",
    "What is your name?", "List the planets.", "How many legs does a spider have?", "Write one sentence about the sea.", "What does DNA stand for?",
    "Who painted the Mona Lisa?", "Is a tomato a fruit?", "Give me a synonym for happy.", "What year did World War II end?", "Was ist ein Fjord? \u00c4hnliches?"]


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
    parser.add_argument("--prompts", type=int, default=5, help="how many texts' beginnings to go on from")
    parser.add_argument("--chat", type=int, default=0, help="how many of the questions below to ask")
    parser.add_argument("--tokens", type=int, default=100, help="to write")
    options = parser.parse_args()

    def fairfight(*arguments):
        return subprocess.run([options.fairfight, *arguments], stdout=subprocess.PIPE, check=True, text=True).stdout

    tokenizer = transformers.AutoTokenizer.from_pretrained(options.model)
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
        def hold(prompt, ids, *arguments):
            wrote = fairfight("generate", options.model, "--greedy", "--tokens", str(options.tokens), *arguments, "--prompt", prompt)
            ids = torch.tensor(ids)[None]
            reference = tokenizer.decode(model.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=options.tokens)[0])
            assert wrote == reference + "\n", (wrote, reference)

        prompts = [" ".join(text.split()[:4]) for text in texts[:options.prompts]]
        for prompt in prompts:
            hold(prompt, tokenizer(prompt)["input_ids"])
        print(f"{len(prompts)} of {len(prompts)} plain prompts: the same text greedily")
        for question in QUESTIONS[:options.chat]:
            message = [{"role": "user", "content": question}]
            text = tokenizer.apply_chat_template(message, add_generation_prompt=True, tokenize=False)
            hold(question, tokenizer(text, add_special_tokens=False)["input_ids"], "--chat")
        if options.chat:
            print(f"{len(QUESTIONS[:options.chat])} of {len(QUESTIONS[:options.chat])} chat prompts: the same text greedily")


if __name__ == "__main__":
    sys.exit(main())
