"""What a service call, an intent or a tool call would really do, as plain data.

Pure: nothing here knows Home Assistant, so rules can be tested without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that would happen to one entity.

    Attributes:
        domain: domain of the service as it acts on this entity, for example "lock".
        service: the service as it acts on this entity: ``homeassistant.turn_off`` of a
            lock is "unlock", ``HassTurnOn`` of a cover is "open_cover".
        entity_id: the entity; "" when it cannot be known before it happens.
        device_class: the entity's device class, if it has one.
        data: the other service data as sorted JSON, never the targets. Consent is bound
            to it: a cover opened to 10 is not a cover opened to 100.
        certain: False when it was found inside a script, scene or automation that may
            do it (behind a template), not where it surely would.
    """

    domain: str
    service: str
    entity_id: str
    device_class: str | None = None
    data: str = ""
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Foreseen:
    """All that a call would do, as far as it can be known before it is made.

    Attributes:
        effects: what would happen, each once.
        later: a sentence that would be carried out as a command later on, for example
            when a timer ends; "" for none.
        unknown: nobody can tell what the call does; it has to be watched while it runs.
        error: the call would fail before doing anything.
    """

    effects: tuple[Effect, ...] = ()
    later: str = ""
    unknown: bool = False
    error: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """A service call that somebody is about to make, or that a script has in it.

    Attributes:
        domain: domain of the service; "" if it cannot be known before it is called.
        service: the service; "" likewise.
        data: service data and targets together, as Home Assistant merges them.
        anywhere: some of its targets cannot be known before it is called.
        certain: False if it may be made with other data than these.
    """

    domain: str
    service: str
    data: Mapping[str, Any] = field(default_factory=dict)
    anywhere: bool = False
    certain: bool = True


def distinct(effects: Iterable[Effect]) -> tuple[Effect, ...]:
    """Return each effect once, in the order they came; a certain one takes an uncertain's place."""
    found: dict[Effect, Effect] = {}
    for effect in effects:
        key = replace(effect, certain=True)
        if key not in found or effect.certain:
            found[key] = effect
    return tuple(found.values())
