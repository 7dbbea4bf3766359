"""A house as retrieval sees it: what may be spoken about, where it is, and what it is called."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Thing:
    """An exposed entity; a script or scene is one too.

    `names` holds the friendly name first, then aliases. `device_class` and `unit` (of
    measurement) are Home Assistant's; `area` is an area id.
    """

    entity_id: str
    names: tuple[str, ...]
    domain: str
    device_class: str | None = None
    area: str | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Area:
    """A room: its area id, its name first and then its aliases, and the id of its floor."""

    id: str
    names: tuple[str, ...]
    floor: str | None = None


@dataclass(frozen=True, slots=True)
class Floor:
    """A storey: its floor id, its name first and then its aliases."""

    id: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class House:
    """Everything in the house that a sentence may be about."""

    things: tuple[Thing, ...]
    areas: tuple[Area, ...] = ()
    floors: tuple[Floor, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """All things of one kind, for sentences about each of them ("all lights", "any window").

    `device_class` is None when the kind is a whole domain; `areas` holds the area ids the sentence
    limits the kind to, none for the whole house; `things` holds the entity ids.
    """

    domain: str
    device_class: str | None
    areas: tuple[str, ...]
    things: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What a sentence is about.

    `things` are entity ids, best first, few when the match is clear; `groups` are whole kinds;
    `areas` and `floors` are the ids of the places the sentence names.
    """

    things: tuple[str, ...] = ()
    groups: tuple[Group, ...] = ()
    areas: tuple[str, ...] = ()
    floors: tuple[str, ...] = ()
