#!/usr/bin/env python3
"""Writes readings.json with Hugging Face's tokenizers: what is left of a text that is cut to a few tokens, and how many bytes of it the
first token stands for, with tokenizers that leave white space as it is. The texts are those of make_tokenizers.py.

    pip install tokenizers && python3 make_readings.py
"""
import json
from pathlib import Path

from tokenizers import Tokenizer

from make_tokenizers import FOLDER, POOL, Texts

KINDS = "gpt2 llama3 qwen2 llama2 mistral gemma words_digits bpe_suffix bpe_prefix".split()
TOKENS, TEXTS = 7, 150


def loaded(kind, **changes):
    return Tokenizer.from_str(json.dumps(json.loads((FOLDER / f"{kind}.json").read_text()) | changes))


def bytes_of_first(made, encoding, text, by_letters):
    """By its offsets, but for the space that a tokenizer has put before the text itself. A token that ends within a letter has one of its own
    for each byte, or a letter for each byte; of a letter that the normalizer has changed nobody can say (None)."""
    if not encoding.ids:
        return 0
    always = "Prepend" in str(made.normalizer)  # where others do so unless there is a space already
    if encoding.tokens[0] == "\u2581" and (always or text[0] != " "):
        return 0
    offsets = encoding.offsets
    end = offsets[0][1]
    whole = len(text[:end].encode())
    if by_letters and made.normalizer and made.normalizer.normalize_str(text[:end + 1]) != text[:end + 1]:
        return None
    if len(offsets) < 2 or offsets[1][0] >= end or offsets[1] == (0, 0):
        return whole
    before = len(text[:end - 1].encode())  # the next token begins in the same letter
    return len(encoding.tokens[0]) if by_letters else before + 1


if __name__ == "__main__":
    source = Texts(POOL)
    texts = [source.text(i) for i in range(TEXTS)] + ["中文 text", "\U0001f600!", " a", "  two", "a", " ", "", "\u0301x", "한국어", "한국", "ﬁne", "Éa"]
    kinds = {}
    for kind in KINDS:
        cut, bare = loaded(kind), loaded(kind, post_processor=None)
        cut.enable_truncation(TOKENS)
        by_letters = "ByteLevel" in json.dumps(json.loads((FOLDER / f"{kind}.json").read_text())["pre_tokenizer"])
        kinds[kind] = {"cut": [cut.encode(t).ids for t in texts], "first": [bytes_of_first(bare, bare.encode(t, add_special_tokens=False), t, by_letters) for t in texts]}
    lines = ",\n".join(f"{json.dumps(kind)}: {json.dumps(answers, separators=(',', ':'))}" for kind, answers in kinds.items())
    head = f'"tokens": {TOKENS},\n"texts": {json.dumps(texts)},\n"kinds": '
    (Path(__file__).parent / "readings.json").write_text("{\n" + head + "{\n" + lines + "}\n}\n")
