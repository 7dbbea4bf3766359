"""What things and places are called in the house, for speech-to-text to expect."""

from collections.abc import Iterator
from typing import Any, Final

from homeassistant.components.conversation import DOMAIN as ASSISTANT
from homeassistant.components.homeassistant.exposed_entities import (
    async_listen_entity_updates,
    async_should_expose,
)
from homeassistant.const import EVENT_STATE_CHANGED, Platform
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
from homeassistant.helpers import intent

from .vocabulary import names_to_expect

_READINGS: Final = (Platform.BINARY_SENSOR, Platform.SENSOR)
_REGISTRIES: Final = (
    ar.EVENT_AREA_REGISTRY_UPDATED,
    dr.EVENT_DEVICE_REGISTRY_UPDATED,
    er.EVENT_ENTITY_REGISTRY_UPDATED,
    fr.EVENT_FLOOR_REGISTRY_UPDATED,
)


class HouseNames:
    """The names of areas, floors and the entities exposed to Assist, with their aliases.

    Collected when asked for, then kept until something in the house changes: the way, and by the
    rules, in which Home Assistant's own agent learns the names it matches.
    """

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._names: list[str] | None = None
        self._stop_listening: list[CALLBACK_TYPE] = []

    @callback
    def async_get(self) -> list[str]:
        """Return the names, the most helpful first; see `names_to_expect`."""
        if not self._stop_listening:
            self._listen()
        if self._names is None:
            self._names = self._collect()
        return self._names

    @callback
    def async_stop(self) -> None:
        """Listen for changes no longer."""
        while self._stop_listening:
            self._stop_listening.pop()()

    @callback
    def _forget(self, _event: Event[Any] | None = None) -> None:
        self._names = None

    def _collect(self) -> list[str]:
        controls: list[str] = []
        readings: list[str] = []
        entities = er.async_get(self._hass)
        for state in self._hass.states.async_all():
            if async_should_expose(self._hass, ASSISTANT, state.entity_id):
                names = intent.async_get_entity_aliases(
                    self._hass, entities.async_get(state.entity_id), state=state
                )
                (readings if state.domain in _READINGS else controls).extend(names)
        return names_to_expect(self._places(), controls, readings)

    def _places(self) -> Iterator[str]:
        for area in ar.async_get(self._hass).async_list_areas():
            yield area.name
            yield from area.aliases
        for floor in fr.async_get(self._hass).async_list_floors():
            yield floor.name
            yield from floor.aliases

    def _listen(self) -> None:
        listen = self._hass.bus.async_listen
        self._stop_listening = [
            *(listen(updated, self._forget) for updated in _REGISTRIES),
            listen(EVENT_STATE_CHANGED, self._forget, event_filter=_comes_or_goes),
            # Twice: Home Assistant passes over the listener after one that stops listening when it
            # is called, as its own agent does.
            async_listen_entity_updates(self._hass, ASSISTANT, self._forget),
            async_listen_entity_updates(self._hass, ASSISTANT, self._forget),
        ]


@callback
def _comes_or_goes(data: EventStateChangedData) -> bool:
    """Return whether an entity is added or removed, which no registry tells of some."""
    return data["old_state"] is None or data["new_state"] is None
