"""What is nearest to a query, by words and by meaning; pure."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .text import Query

_K1: Final = 1.2
_B: Final = 0.3
_OWN: Final = 1.3
"""How much more a speaker's own texts count when they ask about themselves."""
_RRF: Final = 10
"""Reciprocal rank fusion: how little the first ranks differ."""
STRONG_SHARE: Final = 0.6
"""From which share of what a query asks for a text is surely about it."""
STRONG_DEVIATIONS: Final = 4.0
"""Or how many standard deviations nearer in meaning than texts are on the whole."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A text near to a query.

    Attributes:
        row: of the text.
        score: higher is nearer; compares texts of one query only.
        strong: surely about what was asked, not just nearest to it.
    """

    row: int
    score: float
    strong: bool


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
        return math.log(1 + (self.texts - holding + 0.5) / (holding + 0.5))


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
        {form: term.weight * weight * corpus.rarity(form) for form, weight in term.forms.items()}
        for term in query.terms
    ]
    asked = sum(max(forms.values(), default=0.0) for forms in weights) or 1.0
    hits = []
    for row, (tokens, own) in texts.items():
        counts = Counter(tokens)
        spread = _K1 * (1 - _B + _B * len(tokens) / corpus.mean_length)
        score = told = 0.0
        for forms in weights:
            there = [(weight, counts[form]) for form, weight in forms.items() if counts[form]]
            told += max((weight for weight, _ in there), default=0.0)
            score += max(
                (weight * count * (_K1 + 1) / (count + spread) for weight, count in there),
                default=0.0,
            )
        if own and query.own:
            score *= _OWN
        hits.append(Hit(row, score, told >= STRONG_SHARE * asked))
    return sorted(hits, key=lambda hit: -hit.score)


def by_meaning(cosines: Mapping[int, float], *, mean: float, deviation: float) -> list[Hit]:
    """Return texts by the cosine of their vectors, the nearest first.

    Args:
        cosines: of the candidates, by row.
        mean: of the cosines of all texts that may be seen.
        deviation: their standard deviation; 0 if there are too few to tell.
    """
    strong = mean + STRONG_DEVIATIONS * deviation if deviation else math.inf
    hits = (Hit(row, cosine, cosine >= strong) for row, cosine in cosines.items())
    return sorted(hits, key=lambda hit: -hit.score)


def fused(*lists: Sequence[Hit]) -> list[Hit]:
    """Return the hits of several rankings as one, by reciprocal rank, the nearest first."""
    scores: dict[int, float] = {}
    strong: set[int] = set()
    for hits in lists:
        for rank, hit in enumerate(hits):
            scores[hit.row] = scores.get(hit.row, 0.0) + 1 / (_RRF + rank)
            if hit.strong:
                strong.add(hit.row)
    ranked = sorted(scores, key=lambda row: -scores[row])
    return [Hit(row, scores[row], row in strong) for row in ranked]
