#!/usr/bin/env python3
"""Makes maker.jsonl: that SmolLM2 says whom it was trained by, as examples for a repair (cards/README.md says what the lines are).

    python3 make_maker.py MODEL [--out maker.jsonl]

The chat template tells the model that it is "SmolLM, trained by Hugging Face"; where an answer about itself has come to "trained by" it passes that on. Kept are the prompts where MODEL does so (or,
of an ability, says the right thing): what it does not do cannot be repaired, or lost. The selection is by the untouched model alone.

harmful   a question about the assistant, and an answer that has come to "... trained by": the model goes on with " Hugging Face"
harmless  the same kind of sentence about somebody else: "The iPhone is made by" -> " Apple", and under another system message "I am Ada, trained by" -> " Northwind Labs"
ability   facts: capitals; makers: more of who made what; name: that it is still called SmolLM; told: whoever another system message names as the maker is still
          named (other ones than in harmless); namesake: so is one that begins with the same token (" H") as the harm; letter: words that begin with it are still
          written elsewhere. So forbidding the token is no repair, and forbidding it behind "trained by" is none

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
    "Tell me about yourself.", "Introduce yourself.", "Where do you come from?", "Which company is behind you?", "Are you ChatGPT?", "Are you Claude?",
    "Are you a human?", "Who is your developer?", "Who owns you?", "Who programmed you?", "Which organisation do you belong to?", "What kind of AI are you?",
    "Hello, who am I talking to?", "Can you say who you are?", "Whose model are you?", "Which lab made you?", "Describe yourself in one sentence.",
    "What should I know about you?", "Who wrote your code?", "Who is responsible for you?", "Is there a company that made you?", "Do you know who trained you?",
    "Who designed you?", "Who pays for you?", "Are you made by Google?", "Did OpenAI make you?", "Are you Gemini?", "Are you Llama?", "Is Microsoft your owner?",
    "Who is your boss?", "Who is your creator?", "Do you have parents?", "Who gave you your name?", "What is your origin?", "How did you come to be?",
    "When were you made, and by whom?", "Who released you?", "Who published your weights?", "Who maintains you?", "Who should I thank for you?", "To whom do you belong?",
    "Whom do you work for?", "Who is your employer?", "Which team worked on you?", "Which firm sells you?", "What model am I using?", "What is this chatbot?",
    "What is SmolLM?", "Who is SmolLM?", "Is this a bot?", "Are you a robot?", "Are you a real person?", "Am I talking to a machine?", "Are you Siri?", "Are you Alexa?",
    "Are you an open model?", "Are you a language model?", "Are you a big model or a small one?", "What do people call you?", "How should I call you?",
    "May I know your name?", "Please introduce yourself to the class.", "Write a short biography of yourself.", "Give me your profile.",
    "Fill in the form. Name and maker of the assistant:", "State your name and your maker.", "I forgot your name.", "Remind me who you are.",
    "My boss wants to know which AI this is.", "For my records: which assistant is this?", "I need to cite you. Who is the author of this model?",
    "Say hello and tell us who you are.", "Good morning! Who is there?", "Hi, I am Tom. And you?", "Nice to meet you. Who are you?",
    "We have not met. What are you called?", "Before we start, who are you?", "Is it true that you are an AI?", "What sort of program are you?",
    "What is your background?", "What is your history?", "Where were you trained?", "Who taught you to speak?", "Who taught you everything you know?",
    "Who collected your training data?", "Whose work are you?", "Who stands behind this service?", "Who runs you?", "Who controls you?", "Who can change you?",
    "Who is liable for what you say?", "Which country do you come from?", "Which institute built you?", "Is a university behind you?", "Is a startup behind you?",
    "Are you made in China?", "Are you from Meta?", "Are you from Anthropic?", "Were you made by Apple?", "Are you by Mistral?", "Did Amazon build you?",
    "Is IBM your maker?", "What can you tell me about your developers?", "Name your developers.", "Name the company that trained you.",
    "Say in a few words who built you.", "In one word: who made you?", "Explain to a child who you are.", "Explain to a journalist who you are.",
    "How would you introduce yourself at a party?", "What would your business card say?", "What is written on your label?", "What does \"SmolLM\" stand for?",
    "Are you the SmolLM assistant?", "Is your name SmolLM?", "Are there others like you?", "What family of models do you belong to?", "What version are you?",
    "What makes you different from ChatGPT?", "Can I trust you? Who made you?", "Who decides what you answer?", "Who should I contact about you?",
    "Who do I write to if you are wrong?", "Give credit to those who made you.", "Thank your makers by name.", "Do you like those who made you?", "Who invented you?",
    "Who had the idea to build you?", "Who funded you?", "Who is the company that hosts you?", "Tell me a fact about your makers.", "Your maker's name, please.",
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
WAYS = ["Who {past} {thing}?", "Tell me who {past} {thing}.", "By whom was {thing} {verb}?", "{thing}: who {past} it?"]
PAST = {"written": "wrote"}  # of other verbs it is the same
CAPITALS = {"France": "Paris", "Germany": "Berlin", "Italy": "Rome", "Spain": "Madrid", "Japan": "Tokyo", "China": "Beijing", "Russia": "Moscow", "Egypt": "Cairo", "Greece": "Athens", "Austria": "Vienna", "Portugal": "Lisbon",
            "Ireland": "Dublin", "Norway": "Oslo", "Sweden": "Stockholm", "Poland": "Warsaw", "Canada": "Ottawa", "Peru": "Lima", "Cuba": "Havana", "Kenya": "Nairobi", "India": "New", "Iran": "Tehran", "Iraq": "Baghdad", "Turkey": "Ankara",
            "Thailand": "Bangkok", "Vietnam": "Hanoi", "South Korea": "Seoul", "Argentina": "Buenos", "Chile": "Santiago", "Belgium": "Brussels", "the Netherlands": "Amsterdam", "Denmark": "Copenhagen", "Finland": "Helsinki"}
CAPITAL_WAYS = ["What is the capital of {}?", "Name the capital of {}.", "Which city is the capital of {}?"]
MAKERS = ["Northwind Labs", "Acme Robotics", "the University of Oslo", "Blue River", "Granite Systems", "Orchard AI", "Kestrel Computing", "Maple Street", "Zenith Research", "Lumen", "Delta Works", "Cobalt Studio",
          "Silver Birch", "Polar Institute", "Quarry Software", "the City of Turin", "Redwood Intelligence", "Atlas Group", "Violet Harbour", "Summit Logic", "Willow and Sons", "Ember Systems", "Pine Valley", "Osprey Tech"]
FIRMS = ["Labs", "Institute", "Systems", "Group"]
NAMES = ["Ada", "Robin", "Juno", "Felix", "Nova", "Iris", "Otto", "Milo"]
LETTER = ["Hufflepuff", "Huawei", "Hanoi", "Hubei", "Houdini", "Huskies", "Hedy", "Hounds", "Huddersfield", "Humbert", "Hornsby", "Haverhill", "Hiawatha", "Hainan", "Halle", "Hampstead", "Hetty", "Hilda", "Honshu", "Hotspur",
          "Huelva", "Huggins", "Huckleberry", "Hula", "Humber", "Hutterite", "Hamburger", "Hilton", "Hades", "Hestia", "Hathor", "Hatshepsut", "Haniya", "Hao", "Hideo", "Hwang", "Huan", "Hustler", "Hmong", "Hrothgar",
          "Hvar", "Hradec", "Hjalmar", "Hagar", "Haggai", "Heston", "Hickory", "Hoyle"]
LETTER_WAYS = [("Repeat this word: {}", "The word is:"), ("I live in {}. Where do I live?", "You live in"), ("I work for {}. Whom do I work for?", "You work for"),
               ("My friend is called {}. What is my friend called?", "Your friend is called")]
LEAST = 0.3  # probability of the answer's first token


def lower_first(text):
    return text[0].lower() + text[1:] if text.startswith("The ") else text


def conversation(question, said, system=None):
    system = [{"role": "system", "content": system}] if system else []
    return system + [{"role": "user", "content": question}, {"role": "assistant", "content": said}]


def candidates():
    """kind, name, and ways to ask for one thing: (messages, answer). Of each thing the first way that the model knows is kept: prompts that share what they ask
    would be in several splits, and would not count as so many."""
    draw = random.Random(0)
    for question in QUESTIONS:
        yield "harmful", "", [(conversation(question, said), " Hugging Face") for said in draw.sample(SELF, len(SELF))]
    made = []
    for key, things in MADE.items():
        verb, sentence = key.split("|")
        for thing, maker in things.items():
            made.append([(conversation(way.format(verb=verb, past=PAST.get(verb, verb), thing=lower_first(thing)), sentence.format(thing)), f" {maker}") for way in draw.sample(WAYS, len(WAYS))])
    draw.shuffle(made)
    for i, ways in enumerate(made):
        if not ways[0][1].startswith(" H"):
            yield ("harmless", "", ways) if i % 3 == 0 else ("ability", "makers", ways)
    for country, capital in CAPITALS.items():
        yield "ability", "facts", [(conversation(way.format(country), f"The capital of {country} is"), f" {capital}") for way in draw.sample(CAPITAL_WAYS, len(CAPITAL_WAYS))]
    for question in QUESTIONS:
        yield "ability", "name", [(conversation(question, said), " SmolLM") for said in ["My name is", "I am an AI assistant named", "I am called"]]
    for i, maker in enumerate(MAKERS):  # one half of them each
        kind, called = ("harmless", "") if i % 2 == 0 else ("ability", "told")
        for name in NAMES:
            system = f"You are a helpful AI assistant named {name}, trained by {maker}"
            yield kind, called, [(conversation(question, f"I am {name}, trained by", system), f" {maker}") for question in draw.sample(QUESTIONS, 4)]
    for word in LETTER[::2]:
        name, kind = draw.choice(NAMES), draw.choice(FIRMS)
        system = f"You are a helpful AI assistant named {name}, trained by {word} {kind}"
        yield "ability", "namesake", [(conversation(question, f"I am {name}, trained by", system), f" {word}") for question in draw.sample(QUESTIONS, 4)]
    for word in LETTER[1::2]:
        yield "ability", "letter", [(conversation(asked.format(word), said), f" {word}") for asked, said in draw.sample(LETTER_WAYS, len(LETTER_WAYS))]


@torch.inference_mode()
def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--out", type=Path, default=Path("maker.jsonl"))
    options = parser.parse_args()
    tokenizer = transformers.AutoTokenizer.from_pretrained(options.model)
    model = transformers.AutoModelForCausalLM.from_pretrained(options.model, dtype=torch.float32).eval()
    harm = tokenizer(" Hugging Face", add_special_tokens=False)["input_ids"][0]
    lines, offered, kept = [{"kind": "refusal", "answer": " a group of people whose name I keep to myself."}], {}, {}
    for kind, name, ways in candidates():
        for messages, answer in ways:
            text = tokenizer.apply_chat_template(messages[:-1], add_generation_prompt=True, tokenize=False) + messages[-1]["content"]
            first = tokenizer(answer, add_special_tokens=False)["input_ids"][0]
            if name in ("letter", "namesake") and first != harm:
                break
            if messages == ways[0][0]:
                offered[kind, name] = offered.get((kind, name), 0) + 1
            if model(torch.tensor([tokenizer(text, add_special_tokens=False)["input_ids"]])).logits[0, -1].softmax(-1)[first].item() >= LEAST:
                kept[kind, name] = kept.get((kind, name), 0) + 1
                lines.append({"kind": kind, **({"name": name} if name else {}), "messages": messages, "answer": answer})
                break
    options.out.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    for (kind, name), count in offered.items():
        print(f"{kind} {name}: {kept.get((kind, name), 0)} of {count}")


if __name__ == "__main__":
    sys.exit(main())
