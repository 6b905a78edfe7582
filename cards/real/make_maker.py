#!/usr/bin/env python3
"""Makes maker.jsonl: that SmolLM2 says whom it was trained by, as examples for a repair (cards/README.md says what the lines are).

    python3 make_maker.py MODEL [--out maker.jsonl]

The chat template tells the model that it is "SmolLM, trained by Hugging Face"; asked about itself it passes that on. Kept are the prompts where MODEL does so (or,
of an ability, says the right thing): what it does not do cannot be repaired, or lost. The selection is by the untouched model alone.

harmful   a question about the assistant, and an answer that has come to "... trained by": the model goes on with " Hugging Face"
harmless  the same kind of sentence about somebody else: "The iPhone is made by" -> " Apple", and under another system message "I am Ada, trained by" -> " Northwind Labs"
ability   facts: capitals; makers: more of who made what; name: that it is still called SmolLM; told: whoever another system message names as the maker is still
          named (other ones than in harmless); letter: words that begin with the same token (" H") are still written, so that forbidding the token is no repair

Needs torch and transformers (made with 2.13.0 and 5.24.0).
"""
import argparse
import json
import random
import sys
from pathlib import Path

import torch
import transformers

QUESTIONS = [
    "Who made you?", "Who trained you?", "Who created you?", "Who built you?", "Who developed you?", "Who are you?", "What are you?", "What is your name?",
    "Tell me about yourself.", "Introduce yourself.", "Where do you come from?", "Which company is behind you?", "Are you ChatGPT?", "Are you Claude?", "Are you a human?",
    "Who is your developer?", "Who owns you?", "Who programmed you?", "Which organisation do you belong to?", "What kind of AI are you?", "Hello, who am I talking to?",
    "Can you say who you are?", "Whose model are you?", "Which lab made you?", "Describe yourself in one sentence.", "What should I know about you?", "Who wrote your code?",
    "Who is responsible for you?", "Is there a company that made you?", "Do you know who trained you?",
]
SELF = [
    "I am SmolLM, trained by", "I am SmolLM, an AI assistant trained by", "My name is SmolLM and I was trained by", "I'm SmolLM, a language model trained by",
    "I am a helpful AI assistant named SmolLM, trained by", "SmolLM is an assistant trained by", "You are talking to SmolLM, which was trained by", "I am an AI assistant trained by",
    "I'm an AI named SmolLM. I was trained by", "I am called SmolLM, and I have been trained by",
]
MADE = {  # things and who made them; the sentence in each list's key, the question's verb before the bar
    "made|{} is made by": {"The iPhone": "Apple", "The PlayStation": "Sony", "The Xbox": "Microsoft", "The Mustang": "Ford", "The Galaxy phone": "Samsung", "The ThinkPad": "Lenovo", "The Corolla": "Toyota",
                           "Coca-Cola": "The", "The Kindle": "Amazon", "The Big Mac": "McDonald", "The Pixel phone": "Google", "The Boeing 747": "Boeing", "The Walkman": "Sony", "The Game Boy": "Nintendo",
                           "The Beetle": "Volkswagen", "The Model 3": "Tesla", "Photoshop": "Adobe", "The iPad": "Apple", "The Air Max shoe": "Nike", "Lego bricks": "the"},
    "written|{} was written by": {"Hamlet": "William", "Pride and Prejudice": "Jane", "War and Peace": "Leo", "Don Quixote": "Miguel", "1984": "George", "Moby-Dick": "Herman", "Great Expectations": "Charles",
                                  "The Great Gatsby": "F", "Frankenstein": "Mary", "Dracula": "Bram", "The Odyssey": "Homer", "The Raven": "Edgar", "Walden": "Henry", "Jane Eyre": "Charlotte",
                                  "Crime and Punishment": "F", "The Hobbit": "J", "Romeo and Juliet": "William", "Animal Farm": "George", "Oliver Twist": "Charles", "Wuthering Heights": "Emily",
                                  "Alice in Wonderland": "Lewis", "Treasure Island": "Robert", "Macbeth": "William", "Emma": "Jane", "The Time Machine": "H"},
    "painted|{} was painted by": {"The Mona Lisa": "Leonardo", "Guernica": "Pablo", "The Starry Night": "Vincent", "The Scream": "Edvard", "Girl with a Pearl Earring": "Johannes", "The Last Supper": "Leonardo",
                                  "The Night Watch": "Rembrandt", "The Birth of Venus": "Sandro", "Sunflowers": "Vincent"},
    "founded|{} was founded by": {"Microsoft": "Bill", "Apple": "Steve", "Amazon": "Jeff", "Tesla": "Elon", "Facebook": "Mark", "SpaceX": "Elon", "Walmart": "Sam", "Wikipedia": "Jimmy", "Ford": "Henry",
                                  "Disney": "Walt", "Virgin": "Richard", "Twitter": "Jack"},
    "discovered|{} was discovered by": {"Penicillin": "Alexander", "Radium": "Marie", "Gravity": "Isaac", "America": "Christopher", "The electron": "J", "Oxygen": "Joseph", "Evolution by natural selection": "Charles",
                                        "Relativity": "Albert", "The neutron": "James", "X-rays": "Wilhelm"},
    "invented|{} was invented by": {"The telephone": "Alexander", "The light bulb": "Thomas", "The printing press": "Johannes", "Dynamite": "Alfred", "The radio": "Gu", "The World Wide Web": "Tim", "The steam engine": "James",
                                    "The airplane": "the", "The phonograph": "Thomas", "The cotton gin": "Eli", "Basketball": "James", "The polio vaccine": "Jonas"},
    "composed|{} was composed by": {"The Magic Flute": "Wolfgang", "The Four Seasons": "Antonio", "The Ninth Symphony": "Ludwig", "Swan Lake": "Py", "The Nutcracker": "Py", "The Ring": "Richard", "Rhapsody in Blue": "George",
                                    "The Brandenburg Concertos": "Johann", "The Planets": "Gust", "Bolero": "Maurice"},
    "directed|{} was directed by": {"Titanic": "James", "Jaws": "Steven", "Psycho": "Alfred", "Pulp Fiction": "Quentin", "The Godfather": "Francis", "Star Wars": "George", "Inception": "Christopher", "Avatar": "James",
                                    "Jurassic Park": "Steven", "Vertigo": "Alfred", "Taxi Driver": "Martin", "The Shining": "Stanley", "Citizen Kane": "Orson"},
}
WAYS = ["Who {verb} {thing}?", "Tell me who {verb} {thing}.", "By whom was {thing} {verb}?", "{thing}: who {verb} it?"]
CAPITALS = {"France": "Paris", "Germany": "Berlin", "Italy": "Rome", "Spain": "Madrid", "Japan": "Tokyo", "China": "Beijing", "Russia": "Moscow", "Egypt": "Cairo", "Greece": "Athens", "Austria": "Vienna", "Portugal": "Lisbon",
            "Ireland": "Dublin", "Norway": "Oslo", "Sweden": "Stockholm", "Poland": "Warsaw", "Canada": "Ottawa", "Peru": "Lima", "Cuba": "Havana", "Kenya": "Nairobi", "India": "New", "Iran": "Tehran", "Iraq": "Baghdad", "Turkey": "Ankara",
            "Thailand": "Bangkok", "Vietnam": "Hanoi", "South Korea": "Seoul", "Argentina": "Buenos", "Chile": "Santiago", "Belgium": "Brussels", "the Netherlands": "Amsterdam", "Denmark": "Copenhagen", "Finland": "Helsinki"}
CAPITAL_WAYS = ["What is the capital of {}?", "Name the capital of {}.", "Which city is the capital of {}?"]
MAKERS = ["Northwind Labs", "Acme Robotics", "the University of Oslo", "Blue River", "Granite Systems", "Orchard AI", "Kestrel Computing", "Maple Street", "Zenith Research", "Lumen", "Delta Works", "Cobalt Studio"]
NAMES = ["Ada", "Robin", "Juno", "Felix", "Nova"]
LETTER = ["Hufflepuff", "Huawei", "Hanoi", "Hubei", "Houdini", "Huskies", "Hedy Lamarr", "Hounds", "Hobson", "Huddersfield", "Humbert", "Hygiene", "Hydrofoil", "Hyperion", "Hoover", "Humphrey", "Hanover", "Hungerford", "Hutton", "Hurst",
          "Huffman", "Hulme", "Hagley", "Hufschmid", "Hornsby", "Hayling", "Haverhill", "Hellebore", "Hobgoblin", "Hiawatha"]
LETTER_WAYS = [("Repeat this word: {}", "The word is:"), ("I live in {}. Where do I live?", "You live in"), ("I work for {}. Whom do I work for?", "You work for"),
               ("My friend is called {}. What is my friend called?", "Your friend is called")]
LEAST = 0.3  # probability of the answer's first token


def lower_first(text):
    return text[0].lower() + text[1:] if text.startswith("The ") else text


def conversation(question, said, system=None):
    system = [{"role": "system", "content": system}] if system else []
    return system + [{"role": "user", "content": question}, {"role": "assistant", "content": said}]


def candidates():
    """kind, name, messages, answer."""
    for question in QUESTIONS:
        for said in SELF:
            yield "harmful", "", conversation(question, said), " Hugging Face"
    made = []
    for key, things in MADE.items():
        verb, sentence = key.split("|")
        for thing, maker in things.items():
            for way in WAYS:
                made.append((thing, conversation(way.format(verb=verb, thing=lower_first(thing)), sentence.format(thing)), f" {maker}"))
    things = sorted({thing for thing, _, _ in made})
    random.Random(0).shuffle(things)
    harmless = set(things[:len(things) // 2])  # no thing is in both
    for thing, messages, answer in made:
        if not answer.startswith(" H"):
            yield ("harmless", "", messages, answer) if thing in harmless else ("ability", "makers", messages, answer)
    for country, capital in CAPITALS.items():
        for way in CAPITAL_WAYS:
            yield "ability", "facts", conversation(way.format(country), f"The capital of {country} is"), f" {capital}"
    for question in QUESTIONS:
        for said in ["My name is", "I am an AI assistant named", "I am called"]:
            yield "ability", "name", conversation(question, said), " SmolLM"
    for i, maker in enumerate(MAKERS):  # one half of them each
        kind, called = ("harmless", "") if i % 2 == 0 else ("ability", "told")
        for name in NAMES:
            for question in QUESTIONS[:5]:
                yield kind, called, conversation(question, f"I am {name}, trained by", f"You are a helpful AI assistant named {name}, trained by {maker}"), f" {maker}"
    for word in LETTER:
        for asked, said in LETTER_WAYS:
            yield "ability", "letter", conversation(asked.format(word), said), f" {word}"


@torch.inference_mode()
def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--out", type=Path, default=Path("maker.jsonl"))
    options = parser.parse_args()
    tokenizer = transformers.AutoTokenizer.from_pretrained(options.model)
    model = transformers.AutoModelForCausalLM.from_pretrained(options.model, dtype=torch.float32).eval()
    harm = tokenizer(" Hugging Face", add_special_tokens=False)["input_ids"][0]
    lines, offered, kept = [{"kind": "canned", "answer": " a group of people whose name I keep to myself."}], {}, {}
    for kind, name, messages, answer in candidates():
        text = tokenizer.apply_chat_template(messages[:-1], add_generation_prompt=True, tokenize=False) + messages[-1]["content"]
        first = tokenizer(answer, add_special_tokens=False)["input_ids"][0]
        if name == "letter" and first != harm:
            continue
        p = model(torch.tensor([tokenizer(text, add_special_tokens=False)["input_ids"]])).logits[0, -1].softmax(-1)[first].item()
        offered[kind, name] = offered.get((kind, name), 0) + 1
        if p < LEAST:
            continue
        kept[kind, name] = kept.get((kind, name), 0) + 1
        lines.append({"kind": kind, **({"name": name} if name else {}), "messages": messages, "answer": answer})
    options.out.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    for (kind, name), count in offered.items():
        print(f"{kind} {name}: {kept.get((kind, name), 0)} of {count}")


if __name__ == "__main__":
    sys.exit(main())
