#!/usr/bin/env python3
"""Writes fairfight/model/config_keys.cpp: which keys of a config.json the code of transformers reads, family by family.

    pip install torch==2.13.0 transformers==5.24.0 && python3 list_config_keys.py > ../../fairfight/model/config_keys.cpp

A key that no line of it reads cannot change what it computes. Read are, by regular expressions, attributes of every `config`
in a family's modelling file and in what all families share (masks, caches, ropes, attention), the attributes that its
configuration file gives and uses, and the other names that its attribute_map has for them.
"""
import re
from pathlib import Path

import transformers
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

ROOT = Path(transformers.__file__).parent
FAMILIES = ["gemma", "gemma2", "gemma3_text", "gpt2", "gpt_neo", "gpt_neox", "llama", "mistral", "olmo2", "phi3", "qwen2", "qwen3"]
FOLDERS = {"gemma3_text": "gemma3"}
SHARED = ["masking_utils.py", "cache_utils.py", "modeling_rope_utils.py", "modeling_layers.py", "pytorch_utils.py", "loss/loss_utils.py",
          *(f"integrations/{kind}_attention.py" for kind in ("eager_paged", "flash", "sdpa", "flex"))]
READ = [r"\bconfig\.(\w+)", r"""(?:get|has)attr\(\s*(?:self\.)?(?:\w+_)?config,\s*["'](\w+)["']"""]
OWN = [r"\bself\.(\w+)", r"""["'](\w+)["']"""]  # of a configuration file, whose strings name keys, too


def found(path, patterns):
    text = path.read_text() if path.exists() else ""
    return {name for pattern in patterns for name in re.findall(pattern, text)}


def main():
    shared = set().union(*(found(ROOT / name, READ) for name in SHARED))
    shared |= {"rope_theta", "rope_scaling", "rope_parameters", "partial_rotary_factor", "quantization_config", "tie_word_embeddings"}
    print("// Written by tests/parity/list_config_keys.py with transformers " + transformers.__version__ + ".\n"
          '#include "fairfight/model/config_keys.h"\n\n#include <map>\n\nnamespace fairfight {\n\n'
          "const std::set<std::string_view>& keys_read(std::string_view model_type) {\n"
          "  static const std::map<std::string_view, std::set<std::string_view>> table{")
    for family in FAMILIES:
        kind = CONFIG_MAPPING[family]
        name = FOLDERS.get(family, family)
        folder = ROOT / "models" / name
        keys = shared | found(folder / f"modeling_{name}.py", READ)
        given = set(kind().to_dict()) | set(kind.attribute_map) | set(kind.attribute_map.values())
        keys |= given & found(folder / f"configuration_{name}.py", OWN)
        keys |= {alias for alias, key in kind.attribute_map.items() if key in keys or alias in keys} | {kind.attribute_map.get(key, key) for key in keys}
        keys = sorted(key for key in keys if not callable(getattr(kind, key, None)) and not key.startswith("__"))
        line = f'      {{"{family}",\n       {{'
        for i, key in enumerate(keys):
            piece = f'"{key}"' + (", " if i + 1 < len(keys) else "}},")
            if len(line.split("\n")[-1]) + len(piece) > 150:
                line = line.rstrip() + "\n        "
            line += piece
        print(line)
    print("  };\n  return table.at(model_type);\n}\n\n}  // namespace fairfight")


if __name__ == "__main__":
    main()
