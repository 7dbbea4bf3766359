"""Is what a sentence needs among what is sent with it: sentences retrieval has never seen."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.agent import houses
from bench.errors import BenchError
from custom_components.local_assist import retrieval

MOST = 15
"""How many things may be sent with a sentence."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What somebody says, where, and the entity ids it takes to answer."""

    language: str
    kind: str
    text: str
    needs: frozenset[str]
    room: str


@dataclass(frozen=True, slots=True)
class Recalled:
    """A sentence and what was found for it: single things, and things in groups."""

    sentence: Sentence
    things: tuple[str, ...]
    grouped: frozenset[str]

    @property
    def missing(self) -> frozenset[str]:
        """Return what it needs and was not found."""
        return self.sentence.needs - self.grouped - set(self.things)

    @property
    def good(self) -> bool:
        """Return whether everything was found, without sending more than may be sent."""
        return not self.missing and len(self.things) <= MOST


def sentences() -> Iterator[Sentence]:
    """Yield every sentence of `corpus/`."""
    for path in sorted((Path(__file__).parent / "corpus").glob("*.toml")):
        for kind, said in tomllib.loads(path.read_text(encoding="utf-8")).items():
            for text, needs, room in said:
                yield Sentence(path.stem, kind, text, frozenset(needs), room)


def size_of(language: str) -> int:
    """Return how big the house of a language is: words are fewer in most."""
    return 200 if language == "en" else 90


def recall() -> list[Recalled]:
    """Look for every sentence in the house of its language.

    Raises:
        BenchError: a sentence is about something the house does not have.
    """
    found = []
    retrievers: dict[str, retrieval.Retriever] = {}
    for one in sentences():
        house = houses.house(size_of(one.language), one.language)
        if unknown := one.needs - set(house.by_id):
            raise BenchError(f"The {one.language} house has no {', '.join(sorted(unknown))}.")
        if one.language not in retrievers:
            retrievers[one.language] = retrieval.Retriever(converted(house), one.language)
        got = retrievers[one.language].find(one.text, room=one.room)
        grouped = frozenset(thing for group in got.groups for thing in group.things)
        found.append(Recalled(one, got.things, grouped))
    return found


def converted(house: houses.House) -> retrieval.House:
    """Return a generated house as retrieval sees houses."""
    return retrieval.House(
        things=tuple(
            retrieval.Thing(
                thing.entity_id,
                thing.names,
                thing.kind.domain,
                thing.kind.device_class,
                thing.area,
                thing.kind.unit,
            )
            for thing in house.things
        ),
        areas=tuple(
            retrieval.Area(area, names, house.floor_of[area]) for area, names in house.areas.items()
        ),
        floors=tuple(retrieval.Floor(floor, names) for floor, names in house.floors.items()),
    )


def share(found: Sequence[Recalled]) -> float:
    """Return the share of sentences that have what they need."""
    return sum(one.good for one in found) / len(found)


def shares(found: Sequence[Recalled]) -> Mapping[str, tuple[int, float]]:
    """Return how many sentences there are, and their share, by language and by kind."""
    kinds = {
        **{one.sentence.language: None for one in found},
        **{one.sentence.kind: None for one in found},
    }
    parts = {
        kind: [one for one in found if kind in (one.sentence.language, one.sentence.kind)]
        for kind in kinds
    }
    return {kind: (len(part), share(part)) for kind, part in parts.items()}
