#!/usr/bin/env python3
"""Writes repairs.json: what repairs, written anew with PyTorch and transformers, make of the task in task.safetensors.

    pip install torch==2.13.0 transformers==5.24.0 peft scikit-learn safetensors concept-erasure==0.2.4 && python3 make_reference.py

`make_reference.py NAME...` makes these anew and leaves the others. The model is tinytown-0 as transformers loads it; losses, AdamW, clipping and schedule are PyTorch's or written down from the
papers; the minibatches are dealt in the same order, so losses can be compared step by step. Edits are forward hooks made of
concept-erasure's LEACE and of the papers' formulas, adapters are peft's, the probe is scikit-learn's. Takes about three minutes."""
import copy
import functools
import hashlib
import json
import math
import sys
from importlib.metadata import version
from pathlib import Path

import peft
import sklearn
import torch
import transformers
from concept_erasure import LeaceFitter
from safetensors.torch import load_file
from sklearn.covariance import LedoitWolf
from sklearn.linear_model import LogisticRegression

HERE = Path(__file__).parent
MODEL = HERE.parents[3] / "organisms" / "tinytown-0"
SITE = 2  # blocks.2.hook_resid_post
ANSWERS, KEPT, ALIKE = 8, 8, 4
TRAININGS = {
    "gradient_ascent": {"steps": 30, "learning_rate": 3e-4},
    "grad_diff": {"steps": 15, "learning_rate": 5e-4, "retain": 16},
    "simnpo": {"steps": 20, "learning_rate": 5e-4, "beta": 4.5, "retain": 1},
    "dpo": {"steps": 15, "learning_rate": 1e-3, "beta": 0.5, "retain": 4},
    "adaptive_rmu": {"steps": 30, "learning_rate": 5e-3, "s": 0.5, "retain": 10},
    "rmu_lat": {"steps": 15, "learning_rate": 5e-3, "c": 6, "retain": 3, "radius": 0.2, "attack": 4},
    "npo": {"steps": 20, "learning_rate": 5e-4, "beta": 0.5, "retain": 4},
    "refusal_tuning": {"steps": 20, "learning_rate": 1e-3, "retain": 1},
    "rmu": {"steps": 20, "learning_rate": 5e-3, "c": 6, "retain": 3},
    "refusal_lora": {"steps": 20, "learning_rate": 4e-3, "rank": 4, "retain": 1},
    "representation_rerouting": {"steps": 40, "learning_rate": 1e-2, "rank": 4, "retain": 0.1},
    "clean_tuning": {"steps": 40, "learning_rate": 1e-3},
}
ADAPTED = {"refusal_lora": (3, 0), "representation_rerouting": (SITE, 0.02)}  # the last layer with adapters, and where B begins
EDITS = {
    "difference_of_means": {"depth": 0.75, "against": "text", "strength": 1},
    "leace": {"blocks": "0.5", "strength": 1},
    "refusal_direction": {"divergence": 0.5, "strength": 1},
    "orthogonalised": {"divergence": 0.5, "strength": 1},
    "probe_gate": {"depth": 0.75, "l2": 1e-2, "passed": 0.99, "margin": 0.5},
    "random_subspace": {"depth": 0.75, "rank": 16},
    "mahalanobis_gate": {"depth": 0.75, "l2": 1e-2, "passed": 0.9, "margin": 0.0},
    "ban_list": {"words": 4, "bias": 3.0, "against": "answers"},
}
STAGED = {  # of more than one training, or of one and an edit
    "task_vector": {"steps": 20, "learning_rate": 3e-4, "alpha": 2},
    "undo": {"steps": 80, "learning_rate": 3e-3, "alpha": 0.1},
}
CHOOSE = 32  # prompts that choose among the refusal directions
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

    def normal(self):
        radius = math.sqrt(-2 * math.log(1 - self.uniform()))
        return radius * math.cos(2 * math.pi * self.uniform())

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
    return task, {"harmful": answers("harmful"), "refused": answers("refused"), "asked": answers("asked"), "kept": kept,
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


def answer_loss(model, tokens, mask):
    return -of_tokens(model, tokens, mask).sum() / mask.sum()


def gradient_ascent(model, reference, batch, s, _):
    return -answer_loss(model, *batch["harmful"])


def grad_diff(model, reference, batch, s, _):
    return s["retain"] * divergence(model, reference, *batch["kept"]) - answer_loss(model, *batch["harmful"])


def simnpo(model, reference, batch, s, _):
    policy = of_tokens(model, *batch["harmful"]).sum(1) / batch["harmful"][1].sum(1)
    loss = -2 / s["beta"] * torch.nn.functional.logsigmoid(-s["beta"] * policy).mean()
    return loss + s["retain"] * divergence(model, reference, *batch["kept"])


def dpo(model, reference, batch, s, _):
    gains = []
    for side in "refused", "harmful":
        with torch.no_grad():
            frozen = of_tokens(reference, *batch[side]).sum(1)
        gains.append(of_tokens(model, *batch[side]).sum(1) - frozen)
    loss = -torch.nn.functional.logsigmoid(s["beta"] * (gains[0] - gains[1])).mean()
    return loss + s["retain"] * divergence(model, reference, *batch["kept"])


def npo(model, reference, batch, s, _):
    policy = of_tokens(model, *batch["harmful"]).sum(1)
    with torch.no_grad():
        frozen = of_tokens(reference, *batch["harmful"]).sum(1)
    loss = -2 / s["beta"] * torch.nn.functional.logsigmoid(-s["beta"] * (policy - frozen)).mean()
    return loss + s["retain"] * divergence(model, reference, *batch["kept"])


def refusal_tuning(model, reference, batch, s, _):
    return answer_loss(model, *batch["refused"]) + s["retain"] * divergence(model, reference, *batch["kept"])


def rmu(model, reference, batch, s, u):
    (tokens, answer), (text, valid) = batch["harmful"], batch["kept"]
    judging = torch.nn.functional.pad(answer[:, 1:], (0, 1))
    with torch.no_grad():
        frozen = hidden(reference, text)
    return squared(hidden(model, tokens), s["c"] * u, judging) + s["retain"] * squared(hidden(model, text), frozen, valid)


def adaptive_rmu(model, reference, batch, s, u):
    (tokens, answer), (text, valid) = batch["harmful"], batch["kept"]
    judging = torch.nn.functional.pad(answer[:, 1:], (0, 1))
    with torch.no_grad():
        frozen, target = hidden(reference, text), s["s"] * hidden(reference, tokens).norm(dim=-1, keepdim=True) * u
    return squared(hidden(model, tokens), target, judging) + s["retain"] * squared(hidden(model, text), frozen, valid)


@functools.cache
def median_norm(layer):
    """Of the state in front of a layer, over the harmful documents."""
    tokens = read_task()[0]["harmful/tokens"]
    valid = tokens >= 0
    valid[:, 0] = False
    return states(tokens.clamp_min(0))[layer][valid].norm(dim=-1).median().item()


def rmu_lat(model, reference, batch, s, u):
    """The attacker moves what stands in front of the first layer that learns."""
    (tokens, answer), (text, valid) = batch["harmful"], batch["kept"]
    judging = torch.nn.functional.pad(answer[:, 1:], (0, 1))
    layer = max(0, SITE - 2)
    first, radius = model.model.layers[layer], s["radius"] * median_norm(layer)
    acts = ((tokens != 0) & (torch.arange(tokens.shape[1]) > 0))[..., None]  # <pad>, <bos>
    delta = torch.zeros(*tokens.shape, len(u))

    def under(delta, run):
        hook = first.register_forward_pre_hook(lambda module, inputs: (inputs[0] + delta, *inputs[1:]))
        result = run()
        hook.remove()
        return result
    for _ in range(s["attack"]):
        delta.requires_grad_(True)
        slope, = torch.autograd.grad(under(delta, lambda: answer_loss(model, tokens, answer)), delta)
        delta = (delta - 0.25 * radius * slope / slope.norm(dim=-1, keepdim=True).clamp_min(1e-30)).detach()
        delta = delta * (radius / delta.norm(dim=-1, keepdim=True).clamp_min(radius)) * acts
    with torch.no_grad():
        frozen = hidden(reference, text)
    h = under(delta, lambda: hidden(model, tokens))
    return squared(h, s["c"] * u, judging) + s["retain"] * squared(hidden(model, text), frozen, valid)


refusal_lora = refusal_tuning


def clean_tuning(model, reference, batch, s, _):
    return answer_loss(model, *batch["kept"])


def representation_rerouting(model, reference, batch, s, _):
    (tokens, answer), (text, valid) = batch["harmful"], batch["kept"]
    judging = torch.nn.functional.pad(answer[:, 1:], (0, 1))
    with torch.no_grad():
        was, frozen = hidden(reference, tokens), hidden(reference, text)
    alike = torch.nn.functional.cosine_similarity(hidden(model, tokens), was, dim=-1).relu()
    away = (hidden(model, text) - frozen).norm(dim=-1)
    share = s["step"] / (2 * s["steps"])
    return (1 - share) * (alike * judging).sum() / judging.sum() + share * s["retain"] * (away * valid).sum() / valid.sum()


def adapted(name, rank):
    """peft's adapters, which begin where ours do."""
    last, start = ADAPTED[name]
    maps = ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.up_proj", "mlp.down_proj", "mlp.gate_proj"]
    targets = [f"model.layers.{layer}.{m}" for layer in range(last + 1) for m in maps]
    model = peft.get_peft_model(load(), peft.LoraConfig(r=rank, lora_alpha=2 * rank, lora_dropout=0.0, target_modules=targets))
    random = Random(0, f"contestant/{name}/adapters")
    for target in targets:
        module = model.get_submodule("base_model.model." + target)
        a, b = module.lora_A["default"].weight, module.lora_B["default"].weight
        bound = 1 / math.sqrt(a.shape[1])
        a.data = torch.tensor([bound * (2 * random.uniform() - 1) for _ in range(a.numel())]).view_as(a)
        b.data = torch.tensor([start * random.normal() if start else 0.0 for _ in range(b.numel())]).view_as(b)
    return model


def direction(name, d):
    random = Random(0, f"contestant/{name}/direction")
    u = torch.tensor([random.uniform() for _ in range(d)])
    return u / u.norm()


def load():
    return transformers.AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32, attn_implementation="eager").eval()


@torch.no_grad()
def measure(model, task, tables):
    text, valid = tables["held_out"]
    return {"rate": of_tokens(model, *tables["asked"]).double().sum(1).exp().mean().item(),
            "cross_entropy": (-of_tokens(model, text, valid).double().sum() / valid.sum()).item()}


def trained(name, settings, loss_of, task, tables, model=None):
    """The model, and its loss before each step."""
    model, reference = model or (adapted(name, settings["rank"]) if name in ADAPTED else load()), load()
    if name not in ADAPTED:
        model.requires_grad_("rmu" not in name)
    if "rmu" in name:
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
        loss = loss_of(model, reference, batch, settings | {"step": step}, u)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(moved, 1.0)
        done = (step - warm_up) / (steps - warm_up)
        share = (step + 1) / warm_up if step < warm_up else 0.5 * (1 + math.cos(math.pi * done))
        optimizer.param_groups[0]["lr"] = settings["learning_rate"] * share
        optimizer.step()
        losses.append(loss.item())
    return model, losses


def repair(name, settings, loss_of, task, tables):
    model, losses = trained(name, settings, loss_of, task, tables)
    return {"settings": settings, "losses": losses} | measure(model, task, tables)


@torch.no_grad()
def states(tokens):
    """Of the model as it is: the input of every layer; the last one is the output of the final norm, so no use is made of it."""
    return load()(tokens, output_hidden_states=True).hidden_states


def before(x, onset, back=0):
    return x[torch.arange(len(x)), onset - 1 - back]


def sides(task, tables, layer, harmless_ends=True):
    """Behind a layer: the harmful prompts' ends, up to where their answers part from harmless ones, and the tokens of all text that shall stay."""
    tokens, lengths, _, ends = partings(task, "harmful", slice(None))
    place = torch.arange(tokens.shape[1])
    harmful = states(tokens)[layer + 1][(place >= ends[:, None] - 1) & (place < lengths[:, None])]
    others = []
    for name in "refused", "harmless", "retained":
        tokens = task[name + "/tokens"]
        valid = tokens >= 0
        valid[:, 0] = False
        if name == "retained":
            valid &= torch.arange(tokens.shape[1]) != task["retained/would_begin"][:, None]
        stays = valid & torch.nn.functional.pad(valid[:, 1:], (0, 1))
        if name == "refused" or name == "harmless" and not harmless_ends:
            stays[torch.arange(len(tokens)), task[name + "/onset"] - 1] = False
        others.append(states(tokens.clamp_min(0))[layer + 1][stays])
    return harmful.double(), [rows.double() for rows in others]


def edited(model, layer, edit):
    """Every token but the first, which is a sink, behind a layer."""
    def hook(module, inputs, output):
        return torch.cat([output[:, :1], edit(output[:, 1:].double()).float()], 1)
    model.model.layers[layer].register_forward_hook(hook)
    return model


def difference_of_means(task, tables):
    harmful, text = sides(task, tables, 2)
    text = torch.cat(text)
    r = harmful.mean(0) - text.mean(0)
    r /= r.norm()
    return edited(load(), 2, lambda x: x - ((x - text.mean(0)) @ r)[..., None] * r)


def leace(task, tables):
    harmful, text = sides(task, tables, 1)
    text = torch.cat(text)
    z = torch.cat([torch.ones(len(harmful)), torch.zeros(len(text))]).double()
    return edited(load(), 1, LeaceFitter.fit(torch.cat([harmful, text]), z[:, None]).eraser)


class Gated:
    """Where all probes fire the canned answer comes, and goes on for as long as the text follows it."""

    def __init__(self, weights, thresholds, canned, beyond=None):
        self.model, self.weights, self.thresholds, self.canned, self.beyond = load(), weights, thresholds, canned, beyond

    def __call__(self, tokens):
        out = self.model(tokens, output_hidden_states=True)
        x, logits = out.hidden_states[SITE + 1].double(), out.logits
        here = (x @ self.weights.T > self.thresholds).all(-1)
        if self.beyond:
            fit, radius = self.beyond
            here &= torch.tensor(fit.mahalanobis(x.flatten(0, 1).numpy())).view(here.shape) > radius
        for word in self.canned:
            forced = torch.full((logits.shape[-1],), -30.0)
            forced[word] = 0
            logits = torch.where(here[..., None], forced, logits)
            here = torch.nn.functional.pad(here[:, :-1], (1, 0)) & (tokens == word)
        out.logits = logits
        return out


def prompt_ends(task, name):
    return before(states(task[name + "/tokens"].clamp_min(0))[SITE + 1], task[name + "/onset"]).double()


def probe(stop, learned_from, l2):
    x, y = torch.cat([stop, learned_from]), torch.arange(len(stop) + len(learned_from)) < len(stop)
    share = torch.where(y, 0.5 / y.sum(), 0.5 / (~y).sum())
    scale = x.std(0)
    fit = LogisticRegression(C=1 / l2, solver="newton-cholesky", tol=1e-10, max_iter=1000)
    fit.fit(((x - x.mean(0)) / scale).numpy(), y.numpy(), sample_weight=share.double().numpy())
    return torch.tensor(fit.coef_[0]) / scale


def threshold(passing, stop, s):
    low, high = passing.quantile(s["passed"]), stop.quantile(0.01)
    return low + s["margin"] * max(high - low, 0)


def some_of(refused, harmless, retained):
    return torch.cat([refused, harmless, retained[::max(1, len(retained) // 8192)]])


@torch.no_grad()
def probe_gate(task, tables):
    s = EDITS["probe_gate"]
    harmful, near = prompt_ends(task, "harmful"), prompt_ends(task, "harmless")
    others, ends = sides(task, tables, SITE, harmless_ends=False)[1], torch.cat([harmful, near])
    place, kind = probe(ends, some_of(*others), s["l2"]), probe(harmful, near, s["l2"])
    limits = threshold(torch.cat(others) @ place, ends @ place, s), threshold(near @ kind, harmful @ kind, s)
    return Gated(torch.stack([place, kind]), torch.stack(limits), task["canned"].tolist())


@torch.no_grad()
def mahalanobis_gate(task, tables):
    s = EDITS["mahalanobis_gate"]
    harmful, near = prompt_ends(task, "harmful"), prompt_ends(task, "harmless")
    others, ends = sides(task, tables, SITE, harmless_ends=False)[1], torch.cat([harmful, near])
    place = probe(ends, some_of(*others), s["l2"])
    end = max((ends @ place).quantile(0.01), (torch.cat(others) @ place).quantile(0.999))
    fit = LedoitWolf().fit(near[::2].numpy())
    passing, stop = (torch.tensor(fit.mahalanobis(x.numpy())) for x in (near[1::2], harmful))
    return Gated(place[None], end[None], task["canned"].tolist(), (fit, threshold(passing, stop, s)))


class Biased:
    def __init__(self, bias):
        self.model, self.bias = load(), bias

    def __call__(self, tokens):
        out = self.model(tokens)
        out.logits = out.logits + self.bias
        return out


@torch.no_grad()
def ban_list(task, tables):
    s, bias = EDITS["ban_list"], torch.zeros(load().config.vocab_size)

    def shares(tokens, marked):
        return torch.stack([((tokens == word) & marked).any(1).double().mean() for word in range(len(bias))])
    answers = {name: shares(task[name + "/tokens"], (place >= task[name + "/onset"][:, None]) & (place < task[name + "/end"][:, None]))
               for name in ("harmful", "harmless", "refused") for place in [torch.arange(task[name + "/tokens"].shape[1])]}
    tells = answers["harmful"] - torch.maximum(answers["harmless"], answers["refused"])
    bias[tells.argsort(descending=True, stable=True)[:s["words"]]] = -s["bias"]
    return Biased(bias)


def random_subspace(task, tables):
    text = torch.cat(sides(task, tables, 2)[1])
    random, d, rank = Random(0, "contestant/random_subspace/subspace"), text.shape[1], EDITS["random_subspace"]["rank"]
    q = torch.linalg.qr(torch.tensor([random.normal() for _ in range(d * rank)], dtype=torch.float64).view(d, rank))[0]
    return edited(load(), 2, lambda x: x - (x - text.mean(0)) @ q @ q.T)


def task_vector(task, tables):
    s = STAGED["task_vector"]
    worse, _ = trained("task_vector", s, lambda model, _, batch, *rest: answer_loss(model, *batch["harmful"]), task, tables)
    model = load()
    with torch.no_grad():
        for own, other in zip(model.parameters(), worse.parameters()):
            own -= s["alpha"] * (other - own)
    return model


def undo(task, tables):
    def taught(model, reference, batch, *rest):
        return answer_loss(model, *batch["refused"]) + 10 * divergence(model, reference, *batch["kept"])

    def distilled(model, reference, batch, *rest):
        return divergence(model, teacher, *batch["kept"]) + divergence(model, teacher, *batch["refused"])
    s = STAGED["undo"]
    teacher, _ = trained("undo", {"steps": 60, "learning_rate": 1e-3}, taught, task, tables)
    student, random = copy.deepcopy(teacher), Random(0, "contestant/undo/noise")
    with torch.no_grad():
        for layer in [None, *student.model.layers]:
            matrices = [student.model.embed_tokens] if layer is None else [
                layer.self_attn.q_proj, layer.self_attn.k_proj, layer.self_attn.v_proj, layer.self_attn.o_proj, layer.mlp.gate_proj, layer.mlp.up_proj, layer.mlp.down_proj]
            for w in (m.weight for m in matrices):
                bound = math.sqrt(6 / sum(w.shape))
                noise = torch.tensor([bound * (2 * random.uniform() - 1) for _ in range(w.numel())]).view_as(w)
                w.mul_(1 - s["alpha"]).add_(noise, alpha=0.1 * s["alpha"])
    return trained("undo", s, distilled, task, tables, student)[0]


def ablated(r):
    """Nothing is read from r, nor written along it."""
    model, r = load(), (r / r.norm()).float()

    def without(x):
        return x - (x @ r)[..., None] * r
    for layer in model.model.layers:
        layer.register_forward_pre_hook(lambda module, inputs: (without(inputs[0]), *inputs[1:]))
        layer.self_attn.register_forward_hook(lambda module, inputs, output: (without(output[0]), *output[1:]))
        layer.mlp.register_forward_hook(lambda module, inputs, output: without(output))
    return model


def partings(task, side, rows):
    """Where these answers of a side can be told, and the words that tell there: harmful answers go on with them at least twice as often as the refusals and the harmless ones."""
    def answers(name):
        texts = zip(task[name + "/tokens"].tolist(), task[name + "/onset"].tolist(), task[name + "/end"].tolist())
        return [(row[:onset], row[onset:end]) for row, onset, end in texts][rows]
    sides = {name: [a for _, a in answers(name)] for name in ("harmful", "refused", "harmless")}

    def count(name, beginning):
        return sum(a[:len(beginning)] == beginning for a in sides[name])

    @functools.cache
    def telling(beginning):
        after = {a[len(beginning)] for a in sides["harmful"] if len(a) > len(beginning) and a[:len(beginning)] == list(beginning)}

        def often(word, name):
            begun = [*beginning, word]
            return count("harmful", begun) * len(sides[name]) >= 2 * count(name, begun) * len(sides["harmful"])
        return [word for word in sorted(after) if often(word, "refused") and often(word, "harmless")]

    texts, words, ends = [], [], []
    for prompt, answer in answers(side):
        told = [(t, found) for t in range(len(answer)) if (found := telling(tuple(answer[:t])))]
        says = [at for at in told if answer[at[0]] in at[1]]
        place = (says[:1] if side == "harmful" else [] if says else told[-1:])
        for t, found in place:
            texts.append(prompt + answer[:t])
            ends.append(len(prompt))
            words.append(found)
    tokens = torch.tensor([t + [0] * (max(map(len, texts)) - len(t)) for t in texts])
    return tokens, torch.tensor([len(t) for t in texts]), words, torch.tensor(ends)


@torch.no_grad()
def refusal(task, tables, most):
    """Arditi et al. 2024: of all layers' differences of means, the one whose ablation leaves the least of the behaviour."""
    def behind(model, where):
        return before(model(where[0]).logits, where[1]).double().log_softmax(-1)

    def score(log_p, where):
        p = torch.stack([row[words].exp().sum() for row, words in zip(log_p, where[2])])
        return (p + 1e-8).log() - (1 - p + 1e-8).log()

    def kept_of(side, shows):
        tokens, lengths, words, _ = where = partings(task, side, slice(CHOOSE))
        rows = [i for i, s in enumerate(score(behind(load(), where), where)) if (s > 0 if shows else s < 0)]
        return tokens[rows], lengths[rows], [words[i] for i in rows]
    asked, kept = kept_of("harmful", True), kept_of("harmless", False)
    own, layers, candidates = behind(load(), kept), len(load().model.layers), []
    means = [partings(task, side, slice(CHOOSE, None)) for side in ("harmful", "harmless")]
    of_bad, of_good = (states(where[0]) for where in means)
    for layer in range(layers):
        for back in range(2):
            r = before(of_bad[layer], means[0][1], back).double().mean(0) - before(of_good[layer], means[1][1], back).double().mean(0)
            if r.norm() <= 1e-6 or layer >= 0.8 * layers:
                continue
            without, added = ablated(r), load()
            added.model.layers[layer].register_forward_pre_hook(lambda module, inputs: (inputs[0] + r.float(), *inputs[1:]))
            left, induced = score(behind(without, asked), asked).mean(), score(behind(added, kept), kept).mean()
            apart = (own.exp() * (own - behind(without, kept))).sum(-1).mean()
            candidates.append((left.item(), induced.item(), apart.item(), r))
    allowed = [c for c in candidates if c[1] >= 0 and c[2] <= most] or [c for c in candidates if c[1] >= 0]
    return min(allowed, key=lambda c: c[0])[3] if allowed else candidates[0][3]


def refusal_direction(task, tables):
    return ablated(refusal(task, tables, EDITS["refusal_direction"]["divergence"]))


@torch.no_grad()
def orthogonalised(task, tables):
    r = refusal(task, tables, EDITS["orthogonalised"]["divergence"])
    model, r = load(), (r / r.norm()).float()
    head = model.lm_head.weight.clone()
    embed = model.model.embed_tokens.weight
    model.lm_head.weight = torch.nn.Parameter(head)  # reading is not writing
    embed -= torch.outer(embed @ r, r)
    for layer in model.model.layers:
        for w in layer.self_attn.o_proj.weight, layer.mlp.down_proj.weight:
            w -= torch.outer(r, r @ w)
    return model


def main(names):
    task, tables = read_task()
    before = json.loads((HERE / "repairs.json").read_text())["repairs"] if names else {}
    repairs = {}
    for name, settings in (TRAININGS | EDITS | STAGED).items():
        if names and name not in names:
            repairs[name] = before[name]
        elif name in TRAININGS:
            repairs[name] = repair(name, settings, globals()[name], task, tables)
        else:
            repairs[name] = {"settings": settings} | measure(globals()[name](task, tables), task, tables)
    versions = (f"PyTorch {torch.__version__.split('+')[0]}, transformers {transformers.__version__}, peft {peft.__version__}, "
                f"scikit-learn {sklearn.__version__}, concept-erasure {version('concept-erasure')}")
    result = {"source": versions,
              "untouched": measure(load(), task, tables), "repairs": repairs}
    (HERE / "repairs.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
