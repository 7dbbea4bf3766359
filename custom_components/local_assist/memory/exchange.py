"""Facts as JSON: what an export holds, and what an import takes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, Final

from .errors import MemoryImportError
from .facts import Fact, FactError, Person, checked

VERSION: Final = 1
"""Of the export's shape."""
FIELD: Final = "content"
"""Of actions and requests that hold an export."""
_FACTS: Final = "facts"
_VERSION: Final = "version"
_KEYS: Final = frozenset(field.name for field in fields(Fact))
_REQUIRED: Final = frozenset({"id", "text"})
_MAX_ID: Final = 64
_MAX_SOURCE: Final = 100
_SHOWN: Final = 5
"""Problems that one error tells of."""
_PROBLEMS: Final = {
    "empty": "must not be empty",
    "too_long": "is too long",
}


def as_json(fact: Fact) -> dict[str, Any]:
    """Return a fact as plain JSON; times are ISO 8601 in UTC."""
    return {
        "id": fact.id,
        "text": fact.text,
        "person": fact.person,
        "source": fact.source,
        "created": fact.created.isoformat(),
        "expires": fact.expires.isoformat() if fact.expires else None,
        "used": fact.used.isoformat() if fact.used else None,
    }


def export(facts: Sequence[Fact]) -> dict[str, Any]:
    """Return facts as an import takes them."""
    return {_VERSION: VERSION, _FACTS: [as_json(fact) for fact in facts]}


def parse(
    content: object, *, people: Collection[Person], limit: int, now: datetime
) -> tuple[Fact, ...]:
    """Return the facts of an export.

    Args:
        content: what `export` returned, perhaps edited. A fact needs an id and a text; without a
            person it is the household's, without a time it was told now.
        people: whose facts may be taken in.
        limit: how many facts there is room for.
        now: the present, in UTC.

    Raises:
        MemoryImportError: something is not as it should be; it names each item and field.
    """
    items = _items(content, limit)
    found: list[Fact] = []
    problems: list[str] = []
    places: dict[str, int] = {}
    for place, item in enumerate(items):
        reader = _Reader(item)
        fact = reader.fact(people, now)
        first = places.setdefault(fact.id, place)
        if first != place:
            reader.problems.append(("id", f"is that of {_FACTS}[{first}] as well"))
        problems += [at(place, field, problem) for field, problem in reader.problems]
        found.append(fact)
    if problems:
        raise wrong(problems)
    return tuple(found)


def _items(content: object, limit: int) -> list[object]:
    if not isinstance(content, Mapping):
        raise wrong(["it is not an object"])
    if content.get(_VERSION) != VERSION:
        raise wrong([f"{_VERSION} must be {VERSION}, not {content.get(_VERSION)!r:.40}"])
    items = content.get(_FACTS)
    if not isinstance(items, list):
        raise wrong([f"{_FACTS} must be a list"])
    if len(items) > limit:
        raise wrong([f"{_FACTS} are {len(items)}, and there is room for {limit}"])
    return items


def at(place: int, field: str, problem: str) -> str:
    """Return what is wrong with a field of an item, "" being the item itself."""
    where = f"{_FACTS}[{place}]"
    return f"{where}.{field} {problem}" if field else f"{where} {problem}"


def wrong(problems: Iterable[str]) -> MemoryImportError:
    """Return the error that tells of problems, the first of them."""
    problems = list(problems)
    shown = problems[:_SHOWN]
    if len(problems) > _SHOWN:
        shown.append(f"and {len(problems) - _SHOWN} more")
    return MemoryImportError(field=FIELD, problems="; ".join(shown))


class _Reader:
    """Reads one item; what is wrong with it is noted by field, and something else put there."""

    def __init__(self, item: object) -> None:
        self.problems: list[tuple[str, str]] = []
        self._item: Mapping[str, Any] = item if isinstance(item, Mapping) else {}
        if not isinstance(item, Mapping):
            self.problems.append(("", "is not an object"))
            return
        self.problems += [(str(key), "is no field of a fact") for key in item.keys() - _KEYS]
        self.problems += [(key, "is missing") for key in sorted(_REQUIRED - item.keys())]

    def fact(self, people: Collection[Person], now: datetime) -> Fact:
        """Return the fact; it is worth something only if there are no problems."""
        return Fact(
            id=self._text("id", "", _MAX_ID),
            text=self._checked(),
            person=self._person(people),
            source=self._text("source", "import", _MAX_SOURCE),
            created=self._time("created") or now,
            expires=self._time("expires"),
            used=self._time("used"),
        )

    def _checked(self) -> str:
        text = self._item.get("text", "-")
        if not isinstance(text, str):
            self.problems.append(("text", "is not a text"))
            return ""
        try:
            return checked(text)
        except FactError as err:
            self.problems.append(("text", _PROBLEMS.get(err.problem, err.problem)))
            return ""

    def _text(self, field: str, default: str, limit: int) -> str:
        text = self._item.get(field, default)
        if not isinstance(text, str) or (field in self._item and not text.strip()):
            self.problems.append((field, "is not a text, or empty"))
        elif len(text) > limit:
            self.problems.append((field, f"is longer than {limit} characters"))
        else:
            return text
        return default

    def _person(self, people: Collection[Person]) -> Person:
        person = self._item.get("person")
        if person is not None and not isinstance(person, str):
            self.problems.append(("person", "is not a text"))
        elif person not in people:
            self.problems.append(("person", f"is nobody whose facts you may write: {person!r:.60}"))
        else:
            return person
        return None

    def _time(self, field: str) -> datetime | None:
        written = self._item.get(field)
        if written is None:
            return None
        try:
            moment = datetime.fromisoformat(written)
        except TypeError, ValueError:
            self.problems.append((field, "is not a time as ISO 8601 has it"))
            return None
        if moment.tzinfo is None:
            self.problems.append((field, "has no time zone"))
            return None
        return moment.astimezone(UTC)
