"""The memory of a house, for turns, tools, actions and the page."""

import asyncio
import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from functools import partial
from pathlib import Path
from typing import Any, Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey
from homeassistant.util.ulid import ulid_now

from ..const import DOMAIN, LOGGER
from . import notices
from .database import StoreDamagedError, StoreError
from .errors import MemoryEmptyError, MemoryPastError, MemoryTooLongError, MemoryUnavailableError
from .exchange import at, export, parse, wrong
from .facts import HOUSEHOLD, MAX_TEXT, Fact, FactError, Person, Scope, allowed, checked
from .store import MAX_FACTS, Found, MemoryStore, Opened
from .vectors import Vector

DATA_MEMORY: HassKey[Memory] = HassKey(f"{DOMAIN}.memory")
FILE: Final = "memory.db"
# Conversations of which is known what they last remembered; each ends after minutes of silence.
_CONVERSATIONS: Final = 64


class Everybody(Enum):
    """Stands for all people and the household."""

    ALL = auto()


ALL: Final = Everybody.ALL
type Whose = Person | Everybody


@dataclass(frozen=True, slots=True)
class Health:
    """How the memory is.

    Attributes:
        path: of its file.
        error: why it cannot be used; None if it can.
        latency_ms: how long the last reading or writing took; None before the first.
    """

    path: Path
    error: str | None = None
    latency_ms: float | None = None


class Memory:
    """What the house was told, in one file.

    It is opened when it is first needed and closed when nothing needs it any more. Methods that
    read or write raise MemoryUnavailableError if the file cannot be used; everything else goes on.

    Args:
        hass: Home Assistant.
        max_facts: how many facts are kept.
    """

    def __init__(self, hass: HomeAssistant, *, max_facts: int = MAX_FACTS) -> None:
        self._hass = hass
        self._max_facts = max_facts
        self._path = Path(hass.config.path(DOMAIN, FILE))
        self._store = MemoryStore(self._path, max_facts=max_facts, clock=dt_util.utcnow)
        self._opening = asyncio.Lock()
        self._is_open = False
        self._stopped = False
        self._health = Health(self._path)
        self._gone = 0
        self._listeners: list[Callable[[], None]] = []
        self._spoken_of: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self.changes = 0
        """Grows with every change of a fact."""

    @property
    def health(self) -> Health:
        """Return how it is."""
        return self._health

    @property
    def max_facts(self) -> int:
        """Return how many facts are kept."""
        return self._max_facts

    async def async_open(self, embedding_models: Collection[str]) -> None:
        """Open the file, if it can be: whoever needs it then need not wait.

        Args:
            embedding_models: those in use; the vectors of others are forgotten.
        """
        try:
            await self._run(partial(self._store.drop_vectors, but=embedding_models))
            await self._run(self._store.load)
        except MemoryUnavailableError as err:
            LOGGER.debug("The memory stays closed: %s", err)

    async def async_close(self) -> None:
        """Close the file; it is opened again when it is needed."""
        async with self._opening:
            self._is_open = False
            await self._hass.async_add_executor_job(self._store.close)

    async def async_stop(self) -> None:
        """Close the file for good."""
        self._stopped = True
        await self.async_close()

    async def async_checkpoint(self, *, still: bool = False) -> None:
        """Have all facts in the file itself, so that a copy of it alone is whole.

        If it is to be `still`, it stays as it then is, until this is called anew.
        """
        if self._is_open:
            await self._run(self._store.checkpoint, still=still)

    async def async_remember(
        self, text: str, *, person: Person, source: str, expires: datetime | None = None
    ) -> Fact:
        """Keep a fact; return it, or the one that says the same already.

        Raises:
            MemoryFieldError: the text is empty or too long, or the time is not to come.
        """
        now = dt_util.utcnow()
        fact = Fact(ulid_now(), _checked(text), person, source, now, _to_come(expires, now))
        kept, trimmed = await self._run(_keep, self._store, fact)
        self._told_full(trimmed)
        self._changed()
        return kept

    async def async_recall(
        self,
        query: str,
        *,
        person: Person,
        language: str | None,
        limit: int = 5,
        vector: Vector | None = None,
        model: str | None = None,
    ) -> list[Found]:
        """Return what a person may know that is nearest to a query, the nearest first.

        Args:
            query: what was said.
            person: theirs and the household's are searched.
            language: of the query.
            limit: how many at most.
            vector: of the query; None to go by words alone.
            model: that computed it.
        """
        return await self._run(
            lambda: self._store.search(
                query, allowed(person), language=language, vector=vector, model=model, limit=limit
            )
        )

    async def async_used(self, fact_ids: Collection[str]) -> None:
        """Note that facts were of use, so that they are not the first to go."""
        await self._run(self._store.touch, fact_ids)

    async def async_forget(self, fact_ids: Collection[str], whose: Whose = ALL) -> list[Fact]:
        """Forget facts, those of others excepted; return which they were.

        Args:
            fact_ids: of the facts.
            whose: a person, who reaches their own and the household's, or `ALL`.
        """
        forgotten = await self._run(self._forget, frozenset(fact_ids), whose)
        if forgotten:
            self._changed()
        return forgotten

    async def async_change(self, fact_id: str, whose: Whose = ALL, **changed: Any) -> Fact | None:
        """Change the text, person or expiry of a fact; return it, None if there is none.

        Raises:
            MemoryFieldError: it cannot be changed to that.
        """
        if "text" in changed:
            changed["text"] = _checked(changed["text"])
        if "expires" in changed:
            changed["expires"] = _to_come(changed["expires"], dt_util.utcnow())
        fact = await self._run(lambda: self._store.change(fact_id, self._scope(whose), **changed))
        if fact:
            self._changed()
        return fact

    async def async_list(self, whose: Whose = ALL) -> list[Fact]:
        """Return facts, the newest first: those a person may know, or everybody's."""
        return await self._run(lambda: self._store.all(self._scope(whose)))

    async def async_export(self, whose: Whose = ALL) -> dict[str, Any]:
        """Return facts as `async_import` takes them: plain JSON."""
        return await self._run(lambda: export(self._store.all(self._scope(whose))))

    async def async_import(
        self, content: object, people: Collection[Person] | None = None
    ) -> dict[str, int]:
        """Take an export in, all or nothing; return how many facts were added, changed, unchanged.

        A fact whose id is known takes the place of that one.

        Args:
            content: what `async_export` returned.
            people: whose facts may be written; None is everybody's.

        Raises:
            MemoryImportError: it names each item and field that is wrong.
        """
        if people is None:
            users = {user.id for user in await self._hass.auth.async_get_users()}
            people = users | await self._run(self._scope, ALL)
        reading = partial(
            parse, content, people=people, limit=self._max_facts, now=dt_util.utcnow()
        )
        facts = await self._hass.async_add_executor_job(reading)
        counts, trimmed = await self._run(_take_in, self._store, facts, frozenset(people))
        self._told_full(trimmed)
        if counts["added"] or counts["changed"]:
            self._changed()
        return counts

    async def async_missing_vectors(self, model: str, *, limit: int) -> dict[str, str]:
        """Return the texts of some facts of which a model has computed no vector yet, by id."""
        facts = await self._run(
            lambda: self._store.missing_vectors(model, self._scope(ALL), limit=limit)
        )
        return {fact.id: fact.text for fact in facts}

    async def async_put_vectors(self, model: str, vectors: Mapping[str, Vector]) -> None:
        """Keep the vectors of facts, by id."""
        await self._run(self._store.put_vectors, model, vectors)

    @callback
    def async_listen(self, changed: Callable[[], None]) -> CALLBACK_TYPE:
        """Call `changed` after each change of a fact; return what ends that."""
        self._listeners.append(changed)
        return lambda: self._listeners.remove(changed)

    @callback
    def speak_of(self, conversation_id: str, facts: Iterable[Fact]) -> None:
        """Note which facts a conversation is about, for when it says "forget that"."""
        self._spoken_of[conversation_id] = tuple(fact.id for fact in facts)
        self._spoken_of.move_to_end(conversation_id)
        while len(self._spoken_of) > _CONVERSATIONS:
            self._spoken_of.popitem(last=False)

    @callback
    def spoken_of(self, conversation_id: str) -> tuple[str, ...]:
        """Return the ids of the facts a conversation was last about."""
        return self._spoken_of.get(conversation_id, ())

    def _scope(self, whose: Whose) -> Scope:
        """Return whose facts may be reached. Blocks."""
        if whose is ALL:
            return self._store.people() | {HOUSEHOLD}
        return allowed(whose)

    def _forget(self, fact_ids: frozenset[str], whose: Whose) -> list[Fact]:
        scope = self._scope(whose)
        facts = [fact for fact_id in fact_ids if (fact := self._store.get(fact_id, scope))]
        self._store.forget([fact.id for fact in facts], scope)
        return sorted(facts, key=lambda fact: fact.created)

    async def _run[**P, T](self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Read or write in the executor; a file that turns out damaged is begun anew."""
        started = self._hass.loop.time()
        for last_try in (False, True):
            await self._open()
            try:
                done = await self._hass.async_add_executor_job(lambda: work(*args, **kwargs))
            except StoreDamagedError as err:
                self._is_open = False
                if last_try:
                    raise self._unusable(err) from err
            except (StoreError, sqlite3.Error, OSError) as err:
                raise self._unusable(err) from err
            else:
                break
        self._usable(self._hass.loop.time() - started)
        return done

    async def _open(self) -> None:
        async with self._opening:
            if self._is_open:
                return
            if self._stopped:
                raise MemoryUnavailableError(message="Home Assistant is stopping")
            try:
                opened: Opened = await self._hass.async_add_executor_job(self._store.open)
            except (StoreError, sqlite3.Error, OSError) as err:
                raise self._unusable(err) from err
            self._is_open = True
            if opened.put_aside:
                LOGGER.error("The memory was damaged; what it was is at %s", opened.put_aside)
                notices.tell_damaged(self._hass, opened.put_aside)
                self._changed()

    def _unusable(self, err: Exception) -> MemoryUnavailableError:
        reason = err.reason if isinstance(err, StoreError) else str(err)
        if self._health.error is None:
            LOGGER.error("The memory at %s cannot be used: %s", self._path, reason)
        self._health = Health(self._path, reason, self._health.latency_ms)
        notices.tell_unusable(self._hass, self._path, reason)
        return MemoryUnavailableError(message=reason)

    def _usable(self, seconds: float) -> None:
        if self._health.error is not None:
            LOGGER.info("The memory at %s can be used again", self._path)
            notices.tell_usable(self._hass)
        self._health = Health(self._path, latency_ms=seconds * 1000)

    def _told_full(self, trimmed: Collection[Fact]) -> None:
        if trimmed:
            self._gone += len(trimmed)
            notices.tell_full(self._hass, self._gone)

    def _changed(self) -> None:
        self.changes += 1
        for listener in tuple(self._listeners):
            listener()


def _checked(text: str) -> str:
    try:
        return checked(text)
    except FactError as err:
        if err.problem == "empty":
            raise MemoryEmptyError(field=err.field) from err
        raise MemoryTooLongError(field=err.field, limit=str(MAX_TEXT)) from err


def _to_come(expires: datetime | None, now: datetime) -> datetime | None:
    """Return a time in UTC; one without a zone is the house's."""
    if expires is None:
        return None
    if dt_util.as_utc(expires) <= now:
        raise MemoryPastError(field="expires", value=expires.isoformat())
    return dt_util.as_utc(expires)


def _keep(store: MemoryStore, fact: Fact) -> tuple[Fact, tuple[Fact, ...]]:
    """Add a fact unless the same person has it already; return it and what had to go. Blocks."""
    said = fact.text.casefold()
    for known in store.all(frozenset({fact.person})):
        if known.text.casefold() == said:
            changed = store.change(known.id, frozenset({fact.person}), expires=fact.expires)
            return changed or known, ()
    return fact, store.add(fact)


def _take_in(
    store: MemoryStore, facts: Collection[Fact], scope: Scope
) -> tuple[dict[str, int], tuple[Fact, ...]]:
    """Add facts whose ids are nobody else's; count what came of them. Blocks.

    Raises:
        MemoryImportError: an id is that of a fact out of the scope.
    """
    everybody = store.people() | {HOUSEHOLD}
    counts = {"added": 0, "changed": 0, "unchanged": 0}
    there = {fact.id: fact for fact in store.all(everybody)}
    taken = [
        place
        for place, fact in enumerate(facts)
        if fact.id in there and there[fact.id].person not in scope
    ]
    if taken:
        raise wrong(at(place, "id", "is taken") for place in taken)
    new = [fact for fact in facts if there.get(fact.id) != fact]
    for fact in new:
        counts["changed" if fact.id in there else "added"] += 1
    counts["unchanged"] = len(facts) - len(new)
    return counts, store.add(*new)
