#!/usr/bin/env python3
"""Holds the ids and pieces that fairfight reads texts as against `tokenizers`: text by text, to the last one.

    python3 tokens_in_tokenizers.py FAIRFIGHT MODEL TEXTS.jsonl [--field text]

Prints the texts that differ (ten at most) and "N of N alike"; exits with 1 if any differs. Needs tokenizers (made with 0.23).
"""
import argparse
import json
import subprocess
import sys

import tokenizers


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fairfight")
    parser.add_argument("model")
    parser.add_argument("texts")
    parser.add_argument("--field", default="text")
    options = parser.parse_args()

    tokenizer = tokenizers.Tokenizer.from_file(options.model + "/tokenizer.json")
    tokenizer.no_truncation()
    with open(options.texts, encoding="utf-8", newline="\n") as file:
        texts = [json.loads(line)[options.field] for line in file if line.strip()]
    told = subprocess.run([options.fairfight, "tokens", options.model, "--text", options.texts, "--field", options.field], stdout=subprocess.PIPE, check=True).stdout
    lines = told.decode().split("\n")[:-1]
    if len(lines) != len(texts):
        sys.exit(f"got {len(lines)} lines for {len(texts)} texts")
    alike = 0
    for text, line in zip(texts, lines):
        ours, theirs = json.loads(line), tokenizer.encode(text)
        same = ours["ids"] == theirs.ids and ours["pieces"] == theirs.tokens
        alike += same
        if not same and len(texts) - alike <= 10:
            print(f"{text!r}:\n  fairfight  {ours['ids']}\n  tokenizers {theirs.ids}")
    print(f"{alike} of {len(texts)} alike")
    sys.exit(alike != len(texts))


if __name__ == "__main__":
    main()
