#!/usr/bin/env python3
"""Writes chat_templates.json: what transformers makes of the chat templates in chat_templates/, which have the forms of those of public
models, and of the lines of template_snippets.txt, each a template that tries a part of Jinja. Null: transformers raises.

    pip install transformers jinja2 && python3 make_chat_templates.py
"""
import datetime
import json
from pathlib import Path

from transformers.utils import chat_template_utils

HERE = Path(__file__).parent
TOKENS = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}
CHATS = [
    [("user", "Where is the baker?")],
    [("user", "  Hi  "), ("assistant", "Hello.\n"), ("user", "And the harbour?\n\n")],
    [("system", "Be brief. "), ("user", "Naïve 猫 🐈?"), ("assistant", "<think>\nhm\n</think>\n\nYes."), ("user", "{{ not a template }} {% if %}")],
    [("system", ""), ("user", "")],
    [("user", "a"), ("assistant", "b")],
    [("assistant", "I speak first.")],
    [("user", "a"), ("user", "b")],
    [("system", "\u00a0/no_think\tDetailed thinking OFF"), ("user", " \"quoted\" \\ 'it's' <|im_end|>\r\n"), ("assistant", "")],
    [("user", "ça va? ΣΑΣ ǆ ß")] + [("assistant", "1"), ("user", "2")] * 3,
    [("tool", "x"), ("user", "y")],
]


class Summer(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2024, 7, 26, 13, 5, 9)


chat_template_utils.datetime = Summer


def rendered(source, chat, prompt):
    messages = [{"role": role, "content": content} for role, content in chat]
    try:
        return chat_template_utils.render_jinja_template([messages], chat_template=source, add_generation_prompt=prompt, **TOKENS)[0][0]
    except Exception:  # jinja2's own errors, and Python's TypeErrors and such
        return None


def snippets():
    """One a line; a line that ends with a backslash goes on."""
    line = ""
    for part in (HERE / "template_snippets.txt").read_text(encoding="utf-8").split("\n")[:-1]:
        line += part
        if part.endswith("\\"):
            line += "\n"
            continue
        yield line
        line = ""


if __name__ == "__main__":
    sources = {path.stem: path.read_bytes().decode() for path in sorted((HERE / "chat_templates").glob("*.jinja"))}
    written = {
        "tokens": TOKENS,
        "chats": CHATS,
        "templates": {name: [[rendered(source, chat, prompt) for prompt in (False, True)] for chat in CHATS] for name, source in sources.items()},
        "snippets": [[source, rendered(source, CHATS[2], True)] for source in snippets()],
    }
    (HERE / "chat_templates.json").write_text(json.dumps(written, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
