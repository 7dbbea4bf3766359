"""The home-control sentences the demo speech models know: templates, slots, and the held-out split.

The speech-to-text model in `demo/models/whisper-demo` was trained on the training part of this
grammar and is measured on the held-out part, so the seed, the templates, their order and the words
in the slots are part of that model: change any of them and the model has to be trained again.
"""

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import Formatter

SPLIT_SEED = 7
HELD_OUT_SHARE = 0.15
MINIMUM_TO_HOLD_OUT = 6  # a template with fewer sentences than this is trained on whole

_ITEMS = (
    *("milk", "bread", "butter", "eggs", "cheese"),
    *("apples", "coffee", "sugar", "rice", "tomatoes"),
)

ENGLISH_SLOTS: Mapping[str, Sequence[str]] = {
    "onoff": ("on", "off"),
    "room": (
        *("kitchen", "bedroom", "living room", "office", "bathroom", "hallway"),
        *("garage", "garden", "basement", "dining room"),
    ),
    "device": (
        *("light", "lamp", "fan", "heater", "television"),
        *("radio", "coffee machine", "air conditioner"),
    ),
    "percent": (
        *("ten", "twenty", "thirty", "forty", "fifty"),
        *("sixty", "seventy", "eighty", "ninety", "one hundred"),
    ),
    "color": ("red", "green", "blue", "white", "yellow", "purple", "orange"),
    "degrees": (
        *("sixteen", "seventeen", "eighteen", "nineteen", "twenty", "twenty one"),
        *("twenty two", "twenty three", "twenty four", "twenty five"),
    ),
    "open": ("open", "close"),
    "door": ("front door", "back door", "garage door", "gate"),
    "cover": ("blinds", "curtains", "window", "shutters"),
    "lock": ("lock", "unlock"),
    "state": ("locked", "unlocked", "open", "closed"),
    "media": ("music", "jazz", "the news", "some rock music", "classical music"),
    "updown": ("up", "down"),
    "item": _ITEMS,
    "item2": _ITEMS,
    "number": (
        *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
        *("fifteen", "twenty", "thirty", "forty five"),
    ),
    "day": ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    "person": ("anna", "david", "maria", "peter"),
    "machine": ("vacuum cleaner", "washing machine", "dishwasher"),
}

GERMAN_SLOTS: Mapping[str, Sequence[str]] = {
    "room": ("der küche", "der garage", "dem büro", "dem flur", "dem garten", "dem keller"),
    "onoff": ("ein", "aus"),
    "degrees": ("achtzehn", "neunzehn", "zwanzig", "zweiundzwanzig"),
    "hour": ("sechs", "sieben", "acht", "neun", "zehn"),
}


@dataclass(frozen=True, slots=True)
class Template:
    """A sentence with slots, and how often the training corpus draws from it."""

    text: str
    weight: int = 1

    @property
    def slots(self) -> list[str]:
        """Names of the slots, in the order they are spoken."""
        return [name for _, name, _, _ in Formatter().parse(self.text) if name]


ENGLISH_TEMPLATES = (
    Template("turn {onoff} the {room} {device}", 6),
    Template("turn {onoff} the {device} in the {room}", 6),
    Template("switch {onoff} the {room} {device}", 4),
    Template("turn {onoff} all the lights"),
    Template("turn {onoff} the lights in the {room}", 3),
    Template("please turn {onoff} the {device}", 2),
    Template("set the {room} light to {percent} percent", 4),
    Template("dim the {room} light to {percent} percent", 3),
    Template("set the {room} light to {color}", 3),
    Template("make the {room} lamp {color}", 3),
    Template("set the {room} thermostat to {degrees} degrees", 5),
    Template("set the temperature to {degrees} degrees", 2),
    Template("what is the temperature in the {room}", 2),
    Template("what is the humidity in the {room}", 2),
    Template("how warm is it in the {room}", 2),
    Template("{open} the {door}", 2),
    Template("{open} the {room} {cover}", 4),
    Template("{open} the {cover} in the {room}", 4),
    Template("{lock} the {door}", 2),
    Template("is the {door} {state}", 3),
    Template("is the {room} {device} on", 3),
    Template("are the {room} {cover} open", 2),
    Template("play {media} in the {room}", 4),
    Template("stop the music in the {room}", 2),
    Template("pause the music"),
    Template("turn the volume {updown}"),
    Template("set the volume to {percent} percent", 2),
    Template("add {item} to the shopping list", 2),
    Template("remove {item} from the shopping list", 2),
    Template("put {item} and {item2} on the shopping list", 4),
    Template("set a timer for {number} minutes", 2),
    Template("set a {number} minute timer", 2),
    Template("set a timer for {number} hours", 2),
    Template("cancel the {number} minute timer", 2),
    Template("cancel the timer"),
    Template("how much time is left"),
    Template("what time is it"),
    Template("what day is it"),
    Template("what is the weather on {day}", 2),
    Template("will it rain on {day}", 2),
    Template("remind me to call {person} on {day}", 3),
    Template("wake me up at {number} on {day}", 3),
    Template("where is {person}"),
    Template("is {person} at home"),
    Template("start the {machine}"),
    Template("stop the {machine}"),
    Template("good morning"),
    Template("good night"),
    Template("call {person}"),
    Template("never mind"),
    Template("arm the alarm"),
    Template("disarm the alarm"),
)

GERMAN_TEMPLATES = (
    Template("schalte das licht in {room} {onoff}"),
    Template("mach die lampe in {room} {onoff}"),
    Template("ist das fenster in {room} offen"),
    Template("öffne das fenster in {room}"),
    Template("schließe das fenster in {room}"),
    Template("wie warm ist es in {room}"),
    Template("stelle die heizung in {room} auf {degrees} grad"),
    Template("spiele musik in {room}"),
    Template("stelle einen wecker auf {hour} uhr"),
    Template("wie spät ist es"),
    Template("guten morgen"),
    Template("gute nacht"),
)


@dataclass(frozen=True, slots=True)
class Split:
    """The sentences of one language, in two parts that share their words but no sentence."""

    train: Mapping[Template, Sequence[str]]
    held_out: Sequence[str]

    @property
    def train_sentences(self) -> list[str]:
        """All training sentences, template by template."""
        return [sentence for sentences in self.train.values() for sentence in sentences]

    @property
    def words(self) -> list[str]:
        """The vocabulary of the training sentences, sorted."""
        return sorted({word for text in self.train_sentences for word in text.split()})


def _fill(template: Template, slots: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield the template with every combination of its slots' values, the last slot fastest."""
    names = template.slots
    for values in itertools.product(*(slots[name] for name in names)):
        filled = dict(zip(names, values, strict=True))
        if "item2" not in filled or filled["item"] != filled["item2"]:
            yield template.text.format(**filled)


def _singular(sentence: str) -> str:
    """Mend the number after "one"."""
    return sentence.replace("one minutes", "one minute").replace("one hours", "one hour")


def english() -> Split:
    """Return the English sentences; every template with enough of them holds some out."""
    rng = random.Random(SPLIT_SEED)
    train: dict[Template, Sequence[str]] = {}
    held_out: list[str] = []
    for template in ENGLISH_TEMPLATES:
        sentences = sorted({_singular(text) for text in _fill(template, ENGLISH_SLOTS)})
        rng.shuffle(sentences)
        enough = len(sentences) >= MINIMUM_TO_HOLD_OUT
        count = int(len(sentences) * HELD_OUT_SHARE) if enough else 0
        held_out += sentences[:count]
        train[template] = sentences[count:]
    rng.shuffle(held_out)
    return Split(train, held_out)


def german() -> Split:
    """Return the German sentences; those without a slot are all trained on."""
    rng = random.Random(SPLIT_SEED)
    filled = {text: t for t in GERMAN_TEMPLATES for text in _fill(t, GERMAN_SLOTS)}
    sentences = [text for text, template in filled.items() if template.slots]
    rng.shuffle(sentences)
    count = int(len(sentences) * HELD_OUT_SHARE)
    train: dict[Template, list[str]] = {}
    for text in sentences[count:]:
        train.setdefault(filled[text], []).append(text)
    train |= {template: [template.text] for template in GERMAN_TEMPLATES if not template.slots}
    return Split(train, sentences[:count])
