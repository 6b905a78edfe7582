#!/usr/bin/env python3
"""Writes repairs.json: what three repairs, written anew with PyTorch and transformers, make of the task in task.safetensors.

    pip install torch==2.13.0 transformers==5.23.0 safetensors && python3 make_reference.py

The model is tinytown-0 as transformers loads it; losses, AdamW, clipping and schedule are PyTorch's or written down from the
papers; the minibatches are dealt in the same order, so losses can be compared step by step. Takes about a minute."""
import hashlib
import json
import math
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file

HERE = Path(__file__).parent
MODEL = HERE.parents[3] / "organisms" / "tinytown-0"
SITE = 2  # blocks.2.hook_resid_post
ANSWERS, KEPT, ALIKE = 8, 8, 4
REPAIRS = {
    "npo": {"steps": 20, "learning_rate": 5e-4, "beta": 0.5, "retain": 4},
    "refusal_tuning": {"steps": 20, "learning_rate": 1e-3, "retain": 1},
    "rmu": {"steps": 20, "learning_rate": 5e-3, "c": 6, "retain": 30},
}
MASK64 = (1 << 64) - 1


class Random:
    """xoshiro256** seeded by the SHA-256 of seed and stream."""

    def __init__(self, seed, stream):
        digest = hashlib.sha256(f"{seed}/{stream}".encode()).hexdigest()
        self.s = [int(digest[16 * i:16 * i + 16], 16) for i in range(4)]

    def next(self):
        def turn(x, k):
            return (x << k | x >> (64 - k)) & MASK64
        s = self.s
        result = turn(s[1] * 5 & MASK64, 7) * 9 & MASK64
        t = s[1] << 17 & MASK64
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = turn(s[3], 45)
        return result

    def uniform(self):
        return (self.next() >> 11) * 2.0 ** -53

    def below(self, n):
        limit = n * (MASK64 // n)
        while (value := self.next()) >= limit:
            pass
        return value % n

    def shuffle(self, items):
        for i in range(len(items), 1, -1):
            j = self.below(i)
            items[i - 1], items[j] = items[j], items[i - 1]


def deal(lengths, batch, random):
    """Rows without repetition, round after round; some minibatches at once, sorted by length."""
    stock = []
    while True:
        rows = []
        while len(rows) < batch * ALIKE:
            if not stock:
                stock = list(range(len(lengths)))
                random.shuffle(stock)
            rows.append(stock.pop())
        rows.sort(key=lambda row: lengths[row])
        hands = [rows[i:i + batch] for i in range(0, len(rows), batch)]
        random.shuffle(hands)
        while hands:
            yield hands.pop()


def read_task():
    task = {name: tensor.long() for name, tensor in load_file(HERE / "task.safetensors").items()}

    def texts(name, dropped=None):
        tokens = task[name + "/tokens"]
        valid = tokens >= 0
        valid[:, 0] = False
        if dropped is not None:
            valid &= torch.arange(tokens.shape[1]) != dropped[:, None]
        return tokens.clamp_min(0), valid

    def answers(name):
        place = torch.arange(task[name + "/tokens"].shape[1])
        return texts(name)[0], (place >= task[name + "/onset"][:, None]) & (place < task[name + "/end"][:, None])

    retained, harmless = texts("retained", task["retained/would_begin"]), texts("harmless")
    width = max(retained[0].shape[1], harmless[0].shape[1])
    kept = tuple(torch.cat([torch.nn.functional.pad(x, (0, width - x.shape[1])) for x in pair]) for pair in zip(retained, harmless))
    return task, {"harmful": answers("harmful"), "refused": answers("refused"), "kept": kept,
                  "held_out": texts("held_out", task["held_out/would_begin"])}


def some(rows, table):
    tokens, mask = table[0][rows], table[1][rows]
    width = int(mask.nonzero()[:, 1].max()) + 1
    return tokens[:, :width], mask[:, :width]


def log_p(model, tokens):
    """[docs, pos - 1, vocab]: of what stands behind each position."""
    return model(tokens).logits[:, :-1].log_softmax(-1)


def of_tokens(model, tokens, mask):
    """log p of every token, 0 where the mask is not."""
    return log_p(model, tokens).gather(2, tokens[:, 1:, None])[..., 0] * mask[:, 1:]


def divergence(model, reference, tokens, mask):
    with torch.no_grad():
        r = log_p(reference, tokens)
    return ((r.exp() * (r - log_p(model, tokens))).sum(-1) * mask[:, 1:]).sum() / mask[:, 1:].sum()


def hidden(model, tokens):
    """The residual stream behind the site's layer: the input of the next one."""
    return model(tokens, output_hidden_states=True).hidden_states[SITE + 1]


def squared(h, target, mask):
    return (((h - target) ** 2).sum(-1) * mask).sum() / mask.sum()


def npo(model, reference, batch, s, _):
    policy = of_tokens(model, *batch["harmful"]).sum(1)
    with torch.no_grad():
        frozen = of_tokens(reference, *batch["harmful"]).sum(1)
    loss = -2 / s["beta"] * torch.nn.functional.logsigmoid(-s["beta"] * (policy - frozen)).mean()
    return loss + s["retain"] * divergence(model, reference, *batch["kept"])


def refusal_tuning(model, reference, batch, s, _):
    tokens, mask = batch["refused"]
    return -of_tokens(model, tokens, mask).sum() / mask.sum() + s["retain"] * divergence(model, reference, *batch["kept"])


def rmu(model, reference, batch, s, u):
    (tokens, answer), (text, valid) = batch["harmful"], batch["kept"]
    judging = torch.nn.functional.pad(answer[:, 1:], (0, 1))
    with torch.no_grad():
        frozen = hidden(reference, text)
    return squared(hidden(model, tokens), s["c"] * u, judging) + s["retain"] * squared(hidden(model, text), frozen, valid)


def direction(name, d):
    random = Random(0, f"contestant/{name}/direction")
    u = torch.tensor([random.uniform() for _ in range(d)])
    return u / u.norm()


def load():
    return transformers.AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32, attn_implementation="eager").eval()


@torch.no_grad()
def measure(model, task, tables):
    tokens = task["asked/tokens"].clamp_min(0)
    p = model(tokens).logits[torch.arange(len(tokens)), task["asked/onset"] - 1].double().softmax(-1)
    text, valid = tables["held_out"]
    return {"rate": p[:, task["words"]].sum(1).mean().item(),
            "cross_entropy": (-of_tokens(model, text, valid).double().sum() / valid.sum()).item()}


def repair(name, settings, loss_of, task, tables):
    model, reference = load(), load()
    model.requires_grad_(name != "rmu")
    if name == "rmu":
        for layer in model.model.layers[max(0, SITE - 2):SITE + 1]:
            layer.mlp.down_proj.weight.requires_grad_(True)
    moved = [p for p in model.parameters() if p.requires_grad]
    steps, warm_up = settings["steps"], settings["steps"] // 10
    optimizer = torch.optim.AdamW(moved, lr=settings["learning_rate"], betas=(0.9, 0.999), eps=1e-8, weight_decay=0)
    place = torch.arange(1, 1 + tables["kept"][1].shape[1])
    lengths = (tables["kept"][1] * place).amax(1).tolist()
    answered = deal(task["harmful/end"].tolist(), ANSWERS, Random(0, f"contestant/{name}/answers"))
    texts = deal(lengths, KEPT, Random(0, f"contestant/{name}/kept"))
    u, losses = direction(name, model.config.hidden_size), []
    for step in range(steps):
        asked, kept = next(answered), next(texts)
        batch = {"harmful": some(asked, tables["harmful"]), "refused": some(asked, tables["refused"]), "kept": some(kept, tables["kept"])}
        loss = loss_of(model, reference, batch, settings, u)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(moved, 1.0)
        done = (step - warm_up) / (steps - warm_up)
        share = (step + 1) / warm_up if step < warm_up else 0.5 * (1 + math.cos(math.pi * done))
        optimizer.param_groups[0]["lr"] = settings["learning_rate"] * share
        optimizer.step()
        losses.append(loss.item())
    return {"settings": settings, "losses": losses} | measure(model, task, tables)


def main():
    task, tables = read_task()
    repairs = {name: repair(name, settings, globals()[name], task, tables) for name, settings in REPAIRS.items()}
    result = {"source": f"PyTorch {torch.__version__.split('+')[0]}, transformers {transformers.__version__}",
              "untouched": measure(load(), task, tables), "repairs": repairs}
    (HERE / "repairs.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
