"""The words there are, and which of them a word that is not among them may have meant."""

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from rapidfuzz import fuzz, process

_SHORTEST: Final = 4
"""Letters of a part of a compound."""
_COMPOUND: Final = 0.6
_MISHEARD: Final = 0.7
_ALIKE: Final = 80.0
"""Per cent of letters two spellings have in common."""
_MOST: Final = 4


class Vocabulary:
    """Tokens, and how many texts have each.

    Args:
        holding: how many texts have each token.
    """

    def __init__(self, holding: Mapping[str, int]) -> None:
        self.holding = Counter(dict(holding))
        # What begins or ends alike is side by side. A token that is gone may still be there.
        self._forward = sorted(token for token in holding if _is_word(token))
        self._backward = sorted(token[::-1] for token in self._forward)

    def count(self, tokens: Iterable[str], times: int) -> None:
        """Take the tokens of a text in (1) or out (-1)."""
        for token in set(tokens):
            if times > 0 and token not in self.holding and _is_word(token):
                _insert(self._forward, token)
                _insert(self._backward, token[::-1])
            self.holding[token] += times
            if self.holding[token] <= 0:
                del self.holding[token]

    def near(self, word: str, stem: str) -> dict[str, float]:
        """Return tokens a folded word may stand for, and how well each does, 0 to 1.

        Words it is a part of, words that are parts of it ("müllabfuhr" for "müll"), by its stem as
        well, as the tokens are stems; and, if there are none and the word itself is unknown, words
        that are spelled alike, as another form of a name is.
        """
        if len(word) < _SHORTEST:
            return {}
        forms = {form for form in (word, stem) if len(form) >= _SHORTEST}
        compounds = (token for form in forms for token in self._compounds(form))
        found = {token: _COMPOUND for token in compounds if token in self.holding}
        if word not in self.holding and not found:
            alike = process.extract(
                word, self._forward, scorer=fuzz.ratio, score_cutoff=_ALIKE, limit=_MOST
            )
            found = {token: _MISHEARD for token, *_ in alike if token in self.holding}
        return found

    def _compounds(self, word: str) -> Iterator[str]:
        yield from _beginning(self._forward, word)
        for token in _beginning(self._backward, word[::-1]):
            yield token[::-1]
        for cut in range(_SHORTEST, len(word) - 2):
            yield word[:cut]
            yield word[len(word) - cut :]


def _is_word(token: str) -> bool:
    return len(token) >= _SHORTEST and token.isalpha()


def _insert(tokens: list[str], token: str) -> None:
    place = bisect_left(tokens, token)
    if place == len(tokens) or tokens[place] != token:
        insort(tokens, token)


def _beginning(tokens: list[str], start: str) -> Iterator[str]:
    """Yield longer tokens that begin with some letters, out of a sorted list."""
    place = bisect_left(tokens, start)
    while place < len(tokens) and tokens[place].startswith(start):
        if tokens[place] != start:
            yield tokens[place]
        place += 1
