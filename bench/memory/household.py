"""The facts of a made-up household in eight languages, and how its people ask for them."""

import random
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Literal

CORPUS = Path(__file__).parent / "corpus"
LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl", "pt")
PEOPLE = ("person-1", "person-2", "person-3")
"""Who has facts of their own."""

type Questions = Literal["tuning", "tuning_hard", "asked"]
_OTHER = {"tuning": "", "tuning_hard": "tuning_other", "asked": "other"}
"""The table of a corpus that says what such questions call things."""


@dataclass(frozen=True, slots=True)
class Told:
    """A fact and a question it alone answers.

    Attributes:
        text: of the fact.
        person: whose fact it is; None is the household.
        question: in other words than the fact's.
        asker: who asks.
        language: of both.
    """

    text: str
    person: str | None
    question: str
    asker: str
    language: str


def household(questions: Questions, *, seed: int, facts: int = 1000) -> list[Told]:
    """Return facts that are near-duplicates of one another, each with its question.

    Args:
        questions: which of the corpus: those the ranking was tuned with, near to the facts' words
            or far from them, or the held-out ones.
        seed: of all that is drawn.
        facts: how many, at most; the languages keep their shares.
    """
    chosen = random.Random(seed)
    told: list[Told] = []
    for language in LANGUAGES:
        corpus = tomllib.loads((CORPUS / f"{language}.toml").read_text(encoding="utf-8"))
        quota = corpus["quota"] * facts // 1000
        told += _told(corpus, language, questions, chosen, quota)
    chosen.shuffle(told)
    return told


def _told(
    corpus: Mapping[str, Any],
    language: str,
    questions: Questions,
    chosen: random.Random,
    quota: int,
) -> list[Told]:
    """Return the facts of one language: each family in turn gives one, while it has any."""
    families = [
        list(_family(family, corpus, language, questions=questions, owner=owner, chosen=chosen))
        for family in corpus["family"]
        for owner in (None, *PEOPLE)
    ]
    for family in families:
        chosen.shuffle(family)
    found: list[Told] = []
    while len(found) < quota and any(families):
        for family in families:
            if family and len(found) < quota:
                found.append(family.pop())
    return found


def _family(
    family: Mapping[str, Any],
    corpus: Mapping[str, Any],
    language: str,
    *,
    questions: Questions,
    owner: str | None,
    chosen: random.Random,
) -> Iterator[Told]:
    """Yield an owner's fact for each combination of what a question names."""
    own = "own_" if owner else ""
    if f"{own}facts" not in family:
        return
    slots = corpus["slots"]
    other = corpus.get(_OTHER[questions], {})
    for values in product(*(slots[slot] for slot in family[f"{own}key"])):
        named = dict(zip(family[f"{own}key"], values, strict=True))
        drawn = {slot: chosen.choice(words) for slot, words in slots.items()} | named
        yield Told(
            _put_in(chosen.choice(family[f"{own}facts"]), drawn, {}),
            owner,
            _put_in(chosen.choice(_questions(family, own, questions)), named, other),
            owner or chosen.choice(PEOPLE),
            language,
        )


def _questions(family: Mapping[str, Any], own: str, questions: Questions) -> Sequence[str]:
    """Return a family's questions."""
    return list(family.get(own + questions) or family[f"{own}tuning"])


def _put_in(template: str, slots: Mapping[str, str], other: Mapping[str, str]) -> str:
    def word(match: re.Match[str]) -> str:
        forms = slots[match[1]].split("|")
        form = forms[-1] if match[2] else forms[0]
        return other.get(form, form)

    text = re.sub(r"\{([a-z]+)(2?)\}", word, template)
    return text[0].upper() + text[1:]


def copies(told: Sequence[Told], count: int) -> Iterator[tuple[str, str | None]]:
    """Yield as many texts and owners as asked for, by numbering the facts' copies."""
    for number in range(count):
        fact = told[number % len(told)]
        again = number // len(told)
        yield (f"{fact.text} ({again})" if again else fact.text), fact.person
