"""A stand-in for an embedding model: deterministic, and no oracle.

A text's vector is the sum of its words' vectors and noise. A word's vector is made of its letters
(n-grams hashed to directions) and, if the stand-in knows what the word is alike to, of a direction
that all words of the group share. It knows seven of ten words of each group, and says nothing of
how well a real model would do: only that vectors which are often, not always right help.
"""

import random
import re
import tomllib
import unicodedata
from functools import cache
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MODEL = "stand-in"
DIMENSIONS = 768
_KNOWN = 0.7
"""Of the words of a group: how many it knows."""
_LETTERS = 0.7
_ALIKE = 0.8
_NOISE = 0.5
_LITTLE = 0.35
"""How much words of up to three letters count."""
_CORPUS = Path(__file__).parent / "corpus"


def embed(text: str, *, tuning: bool = False) -> NDArray[np.float32]:
    """Return the vector of a text, of length one.

    Args:
        text: any.
        tuning: whether it is for the hard tuning questions, for which there are groups of their
            own.
    """
    total = np.zeros(DIMENSIONS, np.float32)
    for word in re.findall(r"\w+", unicodedata.normalize("NFC", text).lower()):
        weight = _LITTLE if len(word) <= 3 and word.isalpha() else 1.0
        total += _word(word, tuning=tuning) * weight
    total /= float(np.linalg.norm(total)) or 1.0
    total += _NOISE * _direction(f"noise {text}")
    return total / float(np.linalg.norm(total))


@cache
def _word(word: str, *, tuning: bool) -> NDArray[np.float32]:
    edged = f"<{word}>"
    grams = [edged[at : at + size] for size in (3, 4) for at in range(len(edged) - size + 1)]
    letters = np.sum([_direction(gram) for gram in grams or [edged]], axis=0)
    vector = _LETTERS * letters / float(np.linalg.norm(letters))
    for group in _groups(tuning=tuning).get(word, ()):
        vector = vector + _ALIKE * _direction(f"group {group}")
    return np.asarray(vector / float(np.linalg.norm(vector)), np.float32)


@cache
def _direction(name: str) -> NDArray[np.float32]:
    seed = int.from_bytes(blake2b(name.encode(), digest_size=8).digest())
    vector = np.random.default_rng(seed).standard_normal(DIMENSIONS).astype(np.float32)
    return vector / float(np.linalg.norm(vector))


@cache
def _groups(*, tuning: bool) -> dict[str, tuple[int, ...]]:
    """Return which groups the stand-in knows each word to be of."""
    files = ("standin.toml", "standin_tuning.toml") if tuning else ("standin.toml",)
    texts = [(_CORPUS / name).read_text(encoding="utf-8") for name in files]
    groups = [group for text in texts for group in tomllib.loads(text)["groups"]]
    known: dict[str, tuple[int, ...]] = {}
    chosen = random.Random(MODEL)
    for number, group in enumerate(groups):
        for word in group.split():
            if chosen.random() < _KNOWN:
                known[word] = (*known.get(word, ()), number)
    return known
