#!/usr/bin/env python3
"""Writes tokenizers/: one small tokenizer a kind, trained on text made here in the form of the family that it stands for, and
what `tokenizers` makes of 20,000 texts with it. The texts are in no file: `Texts` makes the same ones as the test in C++.

    pip install tokenizers sentencepiece protobuf && python3 make_tokenizers.py
"""
import base64
import hashlib
import io
import json
import tempfile
from pathlib import Path

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

FOLDER = Path(__file__).parent / "tokenizers"
STRINGS, BLOCK, LITERAL = 20_000, 100, 100

# What strings are made of, beside random characters: pieces of text, of code, and what tokenizers stumble over.
POOL = """the|and|of|a|baker|harbour|sells|bread|cat|Cat|CATS|Where|does|it's|don't|DON'T|we'll|I'M|they've|you're|he'd|'s|'S
|'ſ|\u212a|ſt|hello world|Hello, World!|1|12|123|1234567|3.14|1,000|²|½|٣٤|Ⅻ|𝟘𝟙|étudié|ÉTÉ|été|e\u0301te\u0301|naïve|Straße|ẞ|İstanbul
|Σίσυφος|ΟΔΟΣ|привет|мир|\u0419|\u0418\u0306|שלום|مرحبا|नमस्ते|ไทย|汉字|漢字かな交じり文|ｆｕｌｌ|ﾊﾝｶｸ|한국어|가|각|ﬁne|ﬆ|\u212b|\u212a|㌔|㋿|①|™|…|—|“x”|¿qué?|«où»
|👩‍👩‍👧‍👦|👍🏽|🇩🇪|🙂|☃\ufe0f|\u200b|\u200d|\u180e|\ufeff|\u00ad|\ufffd|\u0301|\u0345|\u1cf2|\u0897|\U00011938|\U000111c9|\U00010d50|\U00031350|\x00|\x01|\x1c|\x7f|\x85|\x9f
|<s>|</s>|<unk>|<pad>|<|endoftext|>|<|im_start|>|<|im_end|>|<|begin_of_text|>|<|eot_id|>|<mask>|<MASK>|<sep>|<both>|<0x41>|<0xE7>|▁|▁▁|Ġ|##|</w>
|def f(x):|return x + 1|if (a <= b) {|}|for (int i = 0; i < n; ++i)|std::vector<int>|#include|http://a.b/c?d=e&f|a_b_c|x->y|==|!=|&&|/* c */|\t\t|\\n|[INST]|\\d+""".replace("\n", "")
WORDS = """the a and of to in is it was that he she they for on with as at by be this have from or one had not but what all were when we there can an
your which their said if do will each about how up out them then many some so these would other into has more her two like him see time could no make
than first been its who now people my made over did down only way find use may water long little very after words called just where most know""".split()


def split_pool(text):
    """The pool's entries; those that hold the separator are listed by hand."""
    for special in ("endoftext", "im_start", "im_end", "begin_of_text", "eot_id"):
        text = text.replace(f"<|{special}|>", f"<\x02{special}\x02>")
    return [entry.replace("\x02", "|") for entry in text.split("|")]


class Random:
    """splitmix64."""

    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state = (self.state + 0x9E3779B97F4A7C15) & (2**64 - 1)
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & (2**64 - 1)
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & (2**64 - 1)
        return ((z ^ (z >> 31)) >> 11) % n


class Texts:
    """Text number i: up to eight parts of different kinds, and every second time a stretch of Unicode, so that all of it up to
    U+35B5F is met."""

    def __init__(self, pool):
        self.pool = pool

    def character(self, code):
        return "A" if 0xD800 <= code < 0xE000 else chr(code)

    def part(self, random):
        kind = random.below(8)
        first, count = ((0, 0x110000), (0, 0x3100), (0, 0x250), (0x1F300, 0x800), (0, 6))[kind] if kind < 5 else (0, 0)
        if kind > 4:
            return self.pool[random.below(len(self.pool))] + ("", " ")[random.below(2)]
        codes = [first + random.below(count) for _ in range(1 + random.below(7))]
        return "".join(" \t\n\r  "[code] if kind == 4 else self.character(code) for code in codes)

    def text(self, i):
        random = Random(i)
        text = "".join(self.part(random) for _ in range(1 + random.below(8)))
        if i % 2:
            text += "".join(self.character(11 * i + k) for k in range(11))
        return text


def corpus(pool):
    """Sentences of common words, Zipf-like, with entries of the pool between them."""
    random = Random(2**40)
    lines = []
    for _ in range(6_000):
        words = []
        for _ in range(4 + random.below(9)):
            zipf = min(random.below(len(WORDS)), random.below(len(WORDS)))
            words.append(WORDS[zipf] if random.below(4) else pool[random.below(len(pool))])
        lines.append(" ".join(words).capitalize() + ".")
    return lines


POOL = split_pool(POOL)
CORPUS = corpus(POOL)
CL100K = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
          r"|\s*[\r\n]+|\s+(?!\S)|\s+")
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]


def template(tokenizer, token, behind=False):
    single, pair = ("$A " + token, "$A $B " + token) if behind else (token + " $A", token + " $A $B:1")
    return processors.TemplateProcessing(single=single, pair=pair, special_tokens=[(token, tokenizer.token_to_id(token))])


def byte_level(pre_tokenizer, normalizer=None, specials=("<|endoftext|>",), **options):
    made = Tokenizer(models.BPE(**options))
    if normalizer:
        made.normalizer = normalizer
    made.pre_tokenizer, made.decoder = pre_tokenizer, decoders.ByteLevel()
    made.post_processor = processors.ByteLevel(trim_offsets=False)
    made.train_from_iterator(CORPUS, trainers.BpeTrainer(
        vocab_size=800, special_tokens=list(specials), initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False))
    return made


def split_then_bytes(pattern):
    return pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(pattern), "isolated"),
                                    pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def gpt2():
    return byte_level(pre_tokenizers.ByteLevel(add_prefix_space=False))


def neox():
    made = byte_level(pre_tokenizers.ByteLevel(add_prefix_space=True), normalizers.NFC(), ("<|endoftext|>", "<|padding|>"))
    made.add_tokens([AddedToken(" " * n, normalized=True) for n in range(24, 1, -1)])
    return made


def olmo():
    made = byte_level(pre_tokenizers.ByteLevel(add_prefix_space=False), normalizers.NFC())
    made.add_tokens([AddedToken(token, normalized=False) for token in ("|||IP_ADDRESS|||", "    ", "  ")])
    made.post_processor = template(made, "<|endoftext|>", behind=True)
    return made


def llama3():
    made = byte_level(split_then_bytes(CL100K), None, ("<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>"), ignore_merges=True)
    made.post_processor = processors.Sequence([processors.ByteLevel(), template(made, "<|begin_of_text|>")])
    return made


def qwen2():
    return byte_level(split_then_bytes(CL100K.replace("{1,3}", "")), normalizers.NFC(), ("<|endoftext|>", "<|im_start|>", "<|im_end|>"))


def deepseek():
    pattern = (r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"
               r"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
    parts = [pre_tokenizers.Split(Regex(r"\p{N}{1,3}"), "isolated"), pre_tokenizers.Split(Regex(r"[一-龥぀-ゟ゠-ヿ]+"), "isolated"),
             pre_tokenizers.Split(Regex(pattern), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    return byte_level(pre_tokenizers.Sequence(parts))


def gpt4o():
    word = r"[^\r\n\p{L}\p{N}]?"
    upper, lower = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
    end = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    return byte_level(split_then_bytes(f"{word}{upper}*{lower}+{end}|{word}{upper}+{lower}*{end}" + CL100K[CL100K.index(r"|\p{N}"):]))


def odd_tokens():
    """Added tokens with every option, behind a normalizer that touches some of them."""
    made = byte_level(pre_tokenizers.ByteLevel(add_prefix_space=False), normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()]))
    made.add_tokens([AddedToken("<MASK>", lstrip=True, special=True, normalized=False), AddedToken("<sep>", rstrip=True, normalized=False),
                     AddedToken("Cat", single_word=True), AddedToken("ÉTÉ"), AddedToken("<both>", lstrip=True, rstrip=True, single_word=True)])
    return made


def sentencepiece_bpe(normalizer, pre_tokenizer, strip_first):
    made = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.train_from_iterator(CORPUS, trainers.BpeTrainer(
        vocab_size=900, special_tokens=["<unk>", "<s>", "</s>"] + BYTES, limit_alphabet=150, show_progress=False))
    parts = json.loads(made.to_str())
    parts["added_tokens"] = parts["added_tokens"][:3]  # the bytes are ordinary pieces
    parts["pre_tokenizer"] = None
    made = Tokenizer.from_str(json.dumps(parts))
    if normalizer:
        made.normalizer = normalizer
    if pre_tokenizer:
        made.pre_tokenizer = pre_tokenizer
    chain = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    made.decoder = decoders.Sequence(chain + [decoders.Strip(" ", 1, 0)] * strip_first)
    made.post_processor = template(made, "<s>")
    return made


def llama2():
    return sentencepiece_bpe(normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]), None, True)


def mistral():
    return sentencepiece_bpe(None, pre_tokenizers.Metaspace(prepend_scheme="first", split=False), True)


def gemma():
    return sentencepiece_bpe(normalizers.Replace(" ", "▁"), pre_tokenizers.Split(" ", "merged_with_previous"), False)


def unigram_of(normalizer, pre_tokenizer, bytes_too=False):
    made = Tokenizer(models.Unigram())
    made.normalizer, made.pre_tokenizer, made.decoder = normalizer, pre_tokenizer, decoders.Metaspace()
    made.train_from_iterator(CORPUS, trainers.UnigramTrainer(
        vocab_size=700, special_tokens=["<pad>", "</s>", "<unk>"] + BYTES * bytes_too, unk_token="<unk>", show_progress=False))
    if bytes_too:
        parts = json.loads(made.to_str())
        parts["added_tokens"], parts["model"]["byte_fallback"] = parts["added_tokens"][:3], True
        made = Tokenizer.from_str(json.dumps(parts))
        made.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace()])
    made.post_processor = template(made, "</s>", behind=True)
    return made


def unigram():
    spaces = normalizers.Replace(Regex(" {2,}"), " ")
    return unigram_of(normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), spaces]), pre_tokenizers.Metaspace())


def unigram_bytes():
    chain = [normalizers.Strip(), normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase()]
    return unigram_of(normalizers.Sequence(chain), pre_tokenizers.Metaspace(prepend_scheme="first"), True)


def charsmap():
    """T5's form, with a small table of replacements that SentencePiece compiles."""
    rules = {"ﬁ": "fi", "ﬆ": "st", "e\u0301": "\u00e9", "\u0418\u0306": "\u0419", "™": "TM", "…": "...", "①": "1", "\t": " ", "\n": " ", "\r": " ",
             "\u200b": " ", "\ufeff": "", "\u212b": "\u00c5", "㌔": "キロ", "½": "1/2"}
    rules |= {chr(0xFF01 + i): chr(0x21 + i) for i in range(94)}
    lines = ["\t".join(" ".join(f"{ord(c):X}" for c in side) for side in rule) for rule in rules.items()]
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as table:
        table.write("\n".join(lines) + "\n")
        table.flush()
        model = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(CORPUS), model_writer=model, vocab_size=400, minloglevel=2,
                                                 normalization_rule_tsv=table.name, character_coverage=0.98, hard_vocab_limit=False)
    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString(model.getvalue())
    table = normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap)
    chain = normalizers.Sequence([table, normalizers.Replace(Regex(" {2,}"), "▁")])
    return unigram_of(chain, pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]))


def word_level(pre_tokenizer, normalizer=None):
    made = Tokenizer(models.WordLevel(unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizer
    if normalizer:
        made.normalizer = normalizer
    made.train_from_iterator(CORPUS, trainers.WordLevelTrainer(vocab_size=500, special_tokens=["<unk>", "<s>"], show_progress=False))
    return made


def words():
    return word_level(pre_tokenizers.Whitespace(), normalizers.NFKD())


def words_digits():
    return word_level(pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Digits(individual_digits=True),
                                               pre_tokenizers.Punctuation("merged_with_previous")]), normalizers.NFD())


def words_split():
    split = pre_tokenizers.Split
    return word_level(pre_tokenizers.Sequence([split(Regex(r"\s+"), "removed"), split("a", "merged_with_next"),
                                               split(Regex(r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+"), "contiguous"), pre_tokenizers.Digits()]))


def words_inverted():
    letters = pre_tokenizers.Split(Regex(r"\p{L}+|\p{N}+|[^\s\p{L}\p{N}\p{S}]+"), "removed", invert=True)
    return word_level(pre_tokenizers.Sequence([letters, pre_tokenizers.BertPreTokenizer()]), normalizers.Lowercase())


def bpe_of(**options):
    made = Tokenizer(models.BPE(unk_token="<unk>", **options))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.train_from_iterator(CORPUS, trainers.BpeTrainer(vocab_size=600, special_tokens=["<unk>"], limit_alphabet=80, show_progress=False, **options))
    return made


def bpe_suffix():
    return bpe_of(end_of_word_suffix="</w>")


def bpe_prefix():
    return bpe_of(continuing_subword_prefix="##")


KINDS = [gpt2, neox, olmo, llama3, qwen2, deepseek, gpt4o, odd_tokens, llama2, mistral, gemma, unigram, unigram_bytes, charsmap, words,
         words_digits, words_split, words_inverted, bpe_suffix, bpe_prefix]


def answers(made, texts):
    """For each text: the ids with special tokens, the text that they decode to with and without them."""
    for encoding in made.encode_batch(texts):
        ids = encoding.ids
        yield ids, made.decode(ids, skip_special_tokens=False), made.decode(ids, skip_special_tokens=True)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    source = Texts(POOL)
    strings = [source.text(i) for i in range(STRINGS)]
    whole = hashlib.sha256("\n".join(strings).encode()).hexdigest()
    (FOLDER / "texts.json").write_text(json.dumps({"pool": POOL, "sha256": whole}, ensure_ascii=True, indent=0) + "\n")
    for kind in KINDS:
        made = kind()
        made.save(str(FOLDER / f"{kind.__name__}.json"), pretty=False)
        made = Tokenizer.from_file(str(FOLDER / f"{kind.__name__}.json"))
        hashes, first = [], []
        for begin in range(0, STRINGS, BLOCK):
            digest = hashlib.sha256()
            for ids, decoded, skipped in answers(made, strings[begin:begin + BLOCK]):
                digest.update(f"{' '.join(map(str, ids))}\n{decoded}\n{skipped}\n".encode())
                if len(first) < LITERAL:
                    first.append(ids)
            hashes.append(digest.hexdigest()[:16])
        literal = ",\n".join(json.dumps(ids, separators=(",", ":")) for ids in first)
        (FOLDER / f"{kind.__name__}.answers.json").write_text(f'{{"ids": [\n{literal}],\n"blocks": {json.dumps(hashes, separators=(",", ":"))}}}\n')
        print(kind.__name__, made.get_vocab_size())
