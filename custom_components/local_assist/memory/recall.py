"""What is nearest to a query, by words and by meaning; pure."""

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .text import Query
from .vectors import Vector

CANDIDATES: Final = 96
"""How many texts of each ranking are looked at."""
_K1: Final = 1.2
_B: Final = 0.3
_LEAST_TEXTS: Final = 1000
"""Among fewer texts, a word would seem common because one of them has it."""
_OWN: Final = 1.3
"""How much more a speaker's own texts count when they ask about themselves."""
_OWN_DEVIATIONS: Final = 2.0
"""By how many standard deviations they are nearer in meaning then."""
_MEANING: Final = 1.0
"""How much a standard deviation in meaning counts beside the score by words."""
_PARTICULAR: Final = 1.4
"""How much more a word counts that means nothing in general: a name, most of the time."""
_FOLLOWING: Final = 2.0
"""How much what only follows from the words (a time, the language) counts at most. In a small
memory it would be rare, and outweigh a name."""
_CHATTER: Final = 0.3
"""How much such a word counts in what a query asks for, if no text has it."""
_STRONG: Final = 0.57
"""From which share of what a query asks for a text is surely about it."""
_STRONG_BESIDE_MEANING: Final = 0.41
_STRONG_DEVIATIONS: Final = 5.0
"""Or with which share, if it is also so many standard deviations nearer in meaning than texts are
on the whole. Vectors alone settle nothing: some text is always nearest."""


_FEW: Final = 20
"""Cosines of fewer texts than this say nothing about what is far and what is near."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A text near to a query.

    Attributes:
        row: of the text.
        score: higher is nearer; compares texts of one query only.
        strong: by words: surely about what was asked, not just nearest to it; by meaning: much
            nearer than most.
        share: how much of what was asked it tells by its words, 0 to 1.
    """

    row: int
    score: float
    strong: bool
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Corpus:
    """What the weight of a word depends on.

    Attributes:
        texts: how many there are.
        holding: in how many of them a token is.
        mean_length: of a text, in tokens.
    """

    texts: int
    holding: Mapping[str, int]
    mean_length: float

    def rarity(self, token: str) -> float:
        """Return the inverse document frequency of a token, as BM25 has it."""
        holding = self.holding.get(token, 0)
        texts = max(self.texts, _LEAST_TEXTS)
        return math.log(1 + (texts - holding + 0.5) / (holding + 0.5))


def by_words(
    query: Query, texts: Mapping[int, tuple[Sequence[str], bool]], corpus: Corpus
) -> list[Hit]:
    """Return texts by BM25 of the best form of each term, the nearest first.

    Args:
        query: what is asked for.
        texts: the tokens of each candidate and whether it is one person's, by row.
        corpus: all texts.
    """
    weights = [
        {
            form: (_PARTICULAR if term.particular else 1.0)
            * weight
            * min(corpus.rarity(form), math.inf if term.words else _FOLLOWING)
            for form, weight in term.forms.items()
        }
        for term in query.terms
    ]
    # What follows from the words (a time, the language) ranks, but is not what was asked about.
    asked = [
        max(forms.values())
        * (_CHATTER if term.particular and not forms.keys() & corpus.holding.keys() else 1.0)
        if term.words
        else 0.0
        for term, forms in zip(query.terms, weights, strict=True)
    ]
    hits = []
    for row, (tokens, own) in texts.items():
        counts = Counter(tokens)
        spread = _K1 * (1 - _B + _B * len(tokens) / corpus.mean_length)
        score = told = 0.0
        for forms, most in zip(weights, asked, strict=True):
            there = [(weight, counts[form]) for form, weight in forms.items() if counts[form]]
            told += min(most, max((weight for weight, _ in there), default=0.0))
            score += max(
                (weight * count * (_K1 + 1) / (count + spread) for weight, count in there),
                default=0.0,
            )
        if own and query.own:
            score *= _OWN
        share = told / (sum(asked) or 1.0)
        hits.append(Hit(row, score, share >= _STRONG, share))
    return sorted(hits, key=lambda hit: -hit.score)


def by_meaning(
    rows: Sequence[int], cosines: Vector, own: NDArray[np.bool_], also: Collection[int]
) -> list[Hit]:
    """Return texts by how many standard deviations they are nearer in meaning than texts are.

    Args:
        rows: all texts that may be seen.
        cosines: of their vectors with the query's.
        own: which of them are the speaker's own, if that is what was asked about.
        also: rows that are wanted even if they are not among the nearest.
    """
    deviations = (cosines - cosines.mean()) / (float(cosines.std()) or 1.0)
    scores = deviations + _OWN_DEVIATIONS * own
    nearest = set(np.argsort(-scores)[:CANDIDATES].tolist())
    nearest.update(place for place, row in enumerate(rows) if row in also)
    strong = _STRONG_DEVIATIONS if len(rows) >= _FEW else math.inf
    hits = [
        Hit(rows[place], float(scores[place]), bool(deviations[place] >= strong))
        for place in nearest
    ]
    return sorted(hits, key=lambda hit: -hit.score)


def fused(words: Sequence[Hit], meaning: Sequence[Hit]) -> list[Hit]:
    """Return the hits of both rankings as one, the nearest first.

    The scores are added, not the ranks: a text that is far ahead by its words stays ahead, and
    among those that are even by their words, as all that is known of one person is, their meaning
    decides.
    """
    scores = {hit.row: hit.score for hit in words}
    for hit in meaning:
        scores[hit.row] = scores.get(hit.row, 0.0) + _MEANING * hit.score
    shares = {hit.row: hit.share for hit in words}
    alike = {hit.row for hit in meaning if hit.strong}
    ranked = sorted(scores, key=lambda row: -scores[row])
    return [
        Hit(
            row,
            scores[row],
            shares.get(row, 0.0) >= (_STRONG_BESIDE_MEANING if row in alike else _STRONG),
        )
        for row in ranked
    ]
