#!/usr/bin/env python3
"""Loads a folder that fairfight wrote with Hugging Face's transformers and prints the loss (nats a token) of a text.

    pip install torch transformers && python3 load_in_transformers.py FOLDER ["some text"]
"""
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

if len(sys.argv) not in (2, 3):
    sys.exit(__doc__)
folder, text = sys.argv[1], sys.argv[2] if len(sys.argv) == 3 else "Once upon a time there was a little girl ."
model, loading = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
tokenizer = AutoTokenizer.from_pretrained(folder)
odd = {what: names for what, names in loading.items() if names}
if odd:
    sys.exit(f"the weights do not fit: {odd}")
tokens = tokenizer(text, return_tensors="pt").input_ids
with torch.no_grad():
    loss = model.eval()(tokens, labels=tokens).loss.item()
print("tokens:", *tokenizer.convert_ids_to_tokens(tokens[0]))  # a wrong tokenizer class shows here
print(f"{type(model).__name__}, {model.num_parameters()} parameters, loss {loss:.4f}")
