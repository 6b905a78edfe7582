#!/usr/bin/env python3
"""Writes the reference files of this folder with Hugging Face's own libraries; the tests compare fairfight with them.

    pip install numpy safetensors tokenizers && python3 make_reference.py
"""
import json
import random
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit
from tokenizers.processors import TemplateProcessing

HERE = Path(__file__).parent
SPECIALS = ["<pad>", "<bos>", "<eos>", "<unk>"]
WORDS = SPECIALS + "the a baker harbour goes to sells bread . , ? it's naïve 猫 🐈 don't <eo".split()
SPACES = [" ", "  ", "\n", "\t", "\r\n", "\u00a0", "\u3000", "\u2003", "\u0085", "\u2028", "\u1680", "\u205f", "\v", "\f"]
GLUE = ["", "\u200b", "\x1c", "\x00", "\ufeff", "\u00ad", "́"]  # what looks like space and is none


def tensors():
    """Element i of a tensor is i, in every dtype; odd sizes, a scalar and an empty tensor among them."""
    shapes = {"float64": (2, 3), "float32": (3, 5), "float16": (7,), "int64": (3,), "int32": (2, 2), "int16": (5,),
              "int8": (3,), "uint8": (1, 1, 5), "bool": (3,)}
    named = {f"a.{dtype}": np.arange(np.prod(shape)).reshape(shape).astype(dtype) for dtype, shape in shapes.items()}
    named["scalar"] = np.array(7, dtype="float32")
    named["empty"] = np.zeros((0, 4), dtype="float32")
    named["Größe"] = np.array([1.5], dtype="float32")
    return named


def tokenizer():
    made = Tokenizer(WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="<unk>"))
    made.pre_tokenizer = WhitespaceSplit()
    made.add_special_tokens(SPECIALS)
    bos = ("<bos>", SPECIALS.index("<bos>"))
    made.post_processor = TemplateProcessing(single="<bos> $A", pair="<bos> $A $B:1", special_tokens=[bos])
    return made


def text(rng):
    pieces = []
    for _ in range(rng.randrange(12)):
        pieces.append(rng.choice(WORDS + ["zebra", "The", "<bo", "<pad", "b<eos>a", "<<bos>>"]))
        pieces.append(rng.choice(SPACES * 3 + GLUE))
    return "".join(pieces)


def cases(made, n):
    rng = random.Random(0)
    for _ in range(n):
        line = text(rng)
        ids = made.encode(line, add_special_tokens=False).ids
        yield {"text": line, "ids": ids, "decoded": made.decode(ids, skip_special_tokens=False)}


def sampled(made, n):
    """Ids as a model samples them: it may have more rows than the tokenizer has pieces."""
    rng = random.Random(1)
    for _ in range(n):
        ids = [rng.randrange(2 * len(WORDS)) for _ in range(rng.randrange(8))]
        yield {"ids": ids, "decoded": made.decode(ids, skip_special_tokens=False), "words": made.decode(ids, skip_special_tokens=True)}


if __name__ == "__main__":
    save_file(tensors(), HERE / "huggingface.safetensors", metadata={"format": "np"})
    tokenizer().save(str(HERE / "tokenizer.json"))
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases(tokenizer(), 200))
    (HERE / "tokenizer_cases.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in sampled(tokenizer(), 50))
    (HERE / "sampled_ids.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")
