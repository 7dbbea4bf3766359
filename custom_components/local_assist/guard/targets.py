"""Which entities a service call is aimed at, and what the guard needs to know of an entity.

Targets are resolved by Home Assistant's own helpers, exposed or not, so that nothing a call would
touch is missed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.const import (
    ATTR_AREA_ID,
    ATTR_DEVICE_CLASS,
    ATTR_DEVICE_ID,
    ATTR_ENTITY_ID,
    ATTR_FLOOR_ID,
    ATTR_LABEL_ID,
    ENTITY_MATCH_ALL,
    ENTITY_MATCH_NONE,
)
from homeassistant.core import HomeAssistant, callback, split_entity_id
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_component import DATA_INSTANCES
from homeassistant.helpers.group import get_group_entities
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids

TARGET_KEYS: Final = (
    ATTR_ENTITY_ID,
    ATTR_DEVICE_ID,
    ATTR_AREA_ID,
    ATTR_FLOOR_ID,
    ATTR_LABEL_ID,
)
"""The service data that say what a call is aimed at."""

_HOUSE: Final = "homeassistant"
_GROUP: Final = "group"
# Their `entity_id` says what they set, not what acts together with them.
_NOT_GROUPS: Final = frozenset({"scene"})


@dataclass(frozen=True, slots=True)
class Targets:
    """What a call is aimed at.

    Attributes:
        named: entities called by their ids, whether they exist or not.
        swept: entities it reaches through areas, floors, devices, labels, groups and "all".
        given: whether the call names any target at all.
        unsure: whether a named group is empty or not there (yet), so that nobody knows whom it
            will reach.
    """

    named: tuple[str, ...] = ()
    swept: tuple[str, ...] = ()
    given: bool = False
    unsure: bool = False


@callback
def targets_of(hass: HomeAssistant, domain: str, data: Mapping[str, Any]) -> Targets:
    """Return the entities that a call of a domain's service is aimed at, sorted.

    A service of a domain with entities of its own reaches only these through areas, groups and the
    like; the services of other integrations may reach any.
    """
    own = is_entity_domain(hass, domain)
    ids = _listed(data.get(ATTR_ENTITY_ID))
    registry = er.async_get(hass)
    named = {
        resolved
        for entity_id in ids
        if (resolved := er.async_resolve_entity_id(registry, entity_id))
    }
    selection = {key: _trimmed(data[key]) for key in TARGET_KEYS if data.get(key)}
    selection[ATTR_ENTITY_ID] = sorted(named)
    selected = async_extract_referenced_entity_ids(
        hass, TargetSelection(selection), primary_entities_only=own or domain == _HOUSE
    )
    reached = with_members(hass, named | selected.referenced | selected.indirectly_referenced)
    if ENTITY_MATCH_ALL in ids:
        reached |= set(hass.states.async_entity_ids(domain if own else None))
    swept = {
        entity_id
        for entity_id in reached - named
        if not own or split_entity_id(entity_id)[0] == domain
    }
    return Targets(
        named=tuple(sorted(named)),
        swept=tuple(sorted(swept)),
        given=any(data.get(key) for key in TARGET_KEYS),
        unsure=any(_is_empty_group(hass, entity_id) for entity_id in named),
    )


@callback
def is_entity_domain(hass: HomeAssistant, domain: str) -> bool:
    """Return whether a domain has entities, as "lock" has, so that its services act on these."""
    return domain in hass.data.get(DATA_INSTANCES, {})


@callback
def entity_of(hass: HomeAssistant, entity_id: str) -> Entity | None:
    """Return the object behind an entity id, if there is one."""
    component = hass.data.get(DATA_INSTANCES, {}).get(entity_id.partition(".")[0])
    entity: Entity | None = component.get_entity(entity_id) if component else None
    return entity


@callback
def device_class_of(hass: HomeAssistant, entity_id: str) -> str | None:
    """Return the device class of an entity, also while it is unavailable."""
    state = hass.states.get(entity_id)
    if state and (device_class := state.attributes.get(ATTR_DEVICE_CLASS)):
        return str(device_class)
    entry = er.async_get(hass).async_get(entity_id)
    return (entry.device_class or entry.original_device_class) if entry else None


@callback
def about(hass: HomeAssistant, entity_id: str) -> tuple[str | None, frozenset[str]]:
    """Return the area an entity is in, its own or its device's, and the labels of all three."""
    entry = er.async_get(hass).async_get(entity_id)
    if entry is None:
        return None, frozenset()
    labels = set(entry.labels)
    area_id = entry.area_id
    if entry.device_id and (device := dr.async_get(hass).async_get(entry.device_id)):
        labels |= device.labels
        area_id = area_id or dr.async_get_effective_area_id(hass, device)
    if area_id and (area := ar.async_get(hass).async_get_area(area_id)):
        labels |= area.labels
    return area_id, frozenset(labels)


def _listed(ids: Any) -> list[str]:
    """Return entity ids as Home Assistant reads them: one, a list, or one text with commas."""
    values: Iterable[Any] = ids if isinstance(ids, list | tuple | set | frozenset) else [ids]
    found = (
        part.strip().lower()
        for value in values
        if isinstance(value, str)
        for part in value.split(",")
    )
    return [entity_id for entity_id in found if entity_id not in ("", ENTITY_MATCH_NONE)]


def _trimmed(ids: Any) -> list[str]:
    """Return the texts among the ids of areas, floors, devices or labels."""
    values: Iterable[Any] = ids if isinstance(ids, list | tuple | set | frozenset) else [ids]
    return [value for value in values if isinstance(value, str) and value != ENTITY_MATCH_NONE]


def with_members(hass: HomeAssistant, entity_ids: Iterable[str]) -> set[str]:
    """Return entities and, as deep as it goes, what those of them that are groups consist of."""
    found: set[str] = set()
    waiting = list(entity_ids)
    while waiting:
        entity_id = waiting.pop()
        if entity_id not in found:
            found.add(entity_id)
            waiting.extend(_members(hass, entity_id))
    return found


def _members(hass: HomeAssistant, entity_id: str) -> set[str]:
    """Return the entities a group consists of, also while it is unavailable."""
    members: set[str] = set()
    if entity_id.partition(".")[0] in _NOT_GROUPS:
        return members
    if state := hass.states.get(entity_id):
        members.update(_ids_among(state.attributes))
    entity = get_group_entities(hass).get(entity_id) or entity_of(hass, entity_id)
    if entity and entity.group:
        members.update(entity.group.member_entity_ids)
    elif entity and entity.platform.platform_name == _GROUP:
        # The state of one that is unavailable does not tell its members.
        members.update(_ids_among(entity.extra_state_attributes or {}))
    return members


def _ids_among(attributes: Mapping[str, Any]) -> list[str]:
    """Return the entity ids that a group's attributes list."""
    listed = attributes.get(ATTR_ENTITY_ID)
    return _listed(listed) if isinstance(listed, list | tuple | set) else []


def _is_empty_group(hass: HomeAssistant, entity_id: str) -> bool:
    return entity_id.startswith(f"{_GROUP}.") and not _members(hass, entity_id)
