#!/usr/bin/env python3
"""Writes conversations.json: conversations in the templates of make_chat_templates.py, as transformers writes them: whole, and up to where
the assistant speaks (add_generation_prompt, or continue_final_message where it has begun to).

    pip install transformers jinja2 && python3 make_conversations.py
"""
import json
from pathlib import Path

from transformers.utils.chat_template_utils import render_jinja_template

from make_chat_templates import TEMPLATES, TOKENS

NAMES = ["chatml", "gemma", "smollm", "phi3"]
CHATS = [
    [("user", "Where is the baker?")],
    [("user", "yes"), ("assistant", "yes"), ("user", "yes?"), ("assistant", "yes")],
    [("user", "a"), ("assistant", "It begins ")],
    [("user", "a"), ("assistant", "  It begins\n\n")],
    [("user", "a"), ("assistant", "")],
    [("user", "猫 <|im_end|>"), ("assistant", "猫\u3000")],
]


def rendered(source, messages, **how):
    try:
        return render_jinja_template([messages], chat_template=source, **how, **TOKENS)[0][0]
    except ValueError:
        return None


if __name__ == "__main__":
    templates = []
    for name in NAMES:
        cases = []
        for chat in CHATS:
            messages = [{"role": role, "content": content} for role, content in chat]
            begun = chat[-1][0] == "assistant"
            cases.append({"messages": messages, "whole": rendered(TEMPLATES[name], messages),
                          "open": rendered(TEMPLATES[name], messages, add_generation_prompt=not begun, continue_final_message=begun)})
        templates.append({"name": name, "source": TEMPLATES[name], "cases": cases})
    written = {"tokens": TOKENS, "templates": templates}
    (Path(__file__).parent / "conversations.json").write_text(json.dumps(written, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
