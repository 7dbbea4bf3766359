"""What changes in what the house holds, what it is called, where it is and who may speak of it."""

from collections.abc import Callable
from typing import Any, Final

from homeassistant.components.conversation import DOMAIN as ASSISTANT
from homeassistant.components.homeassistant.exposed_entities import async_listen_entity_updates
from homeassistant.const import EVENT_STATE_CHANGED, EntityStateAttribute
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    HomeAssistant,
    callback,
)
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import floor_registry as fr

_REGISTRIES: Final = (
    ar.EVENT_AREA_REGISTRY_UPDATED,
    dr.EVENT_DEVICE_REGISTRY_UPDATED,
    er.EVENT_ENTITY_REGISTRY_UPDATED,
    fr.EVENT_FLOOR_REGISTRY_UPDATED,
)
# What an entity without a registry entry tells of itself in its state alone.
_OF_THE_ENTITY: Final = (
    EntityStateAttribute.FRIENDLY_NAME,
    EntityStateAttribute.DEVICE_CLASS,
    EntityStateAttribute.UNIT_OF_MEASUREMENT,
)


@callback
def async_listen_house_changes(hass: HomeAssistant, changed: Callable[[], None]) -> CALLBACK_TYPE:
    """Call `changed` after each change, often several times for one; return what ends that.

    A change is an entity that comes, goes, or gets another name, kind, unit, place or exposure to
    Assist; or another name, alias or floor of a place. States that change are none.
    """

    @callback
    def on_event(_event: Event[Any]) -> None:
        changed()

    listen = hass.bus.async_listen
    ends = [
        *(listen(updated, on_event) for updated in _REGISTRIES),
        listen(EVENT_STATE_CHANGED, on_event, event_filter=_is_another),
        # Twice: Home Assistant passes over the listener after one that stops listening when it is
        # called, as its own agent does.
        async_listen_entity_updates(hass, ASSISTANT, changed),
        async_listen_entity_updates(hass, ASSISTANT, changed),
    ]

    @callback
    def end() -> None:
        while ends:
            ends.pop()()

    return end


@callback
def _is_another(data: EventStateChangedData) -> bool:
    """Return whether an entity comes, goes or calls itself otherwise."""
    old, new = data["old_state"], data["new_state"]
    if old is None or new is None:
        return True
    before, now = old.attributes, new.attributes
    return before is not now and any(before.get(key) != now.get(key) for key in _OF_THE_ENTITY)
