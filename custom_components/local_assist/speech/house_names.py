"""What things and places are called in the house, for speech-to-text to expect."""

from collections.abc import Iterator
from typing import Final

from homeassistant.components.conversation import DOMAIN as ASSISTANT
from homeassistant.components.homeassistant.exposed_entities import async_should_expose
from homeassistant.const import Platform
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import floor_registry as fr
from homeassistant.helpers import intent

from ..house_changes import async_listen_house_changes
from .vocabulary import names_to_expect

_READINGS: Final = (Platform.BINARY_SENSOR, Platform.SENSOR)


class HouseNames:
    """The names of areas, floors and the entities exposed to Assist, with their aliases.

    Collected when asked for, then kept until something in the house changes: the way, and by the
    rules, in which Home Assistant's own agent learns the names it matches.
    """

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._names: list[str] | None = None
        self._stop_listening: CALLBACK_TYPE | None = None

    @callback
    def async_get(self) -> list[str]:
        """Return the names, the most helpful first; see `names_to_expect`."""
        if self._stop_listening is None:
            self._stop_listening = async_listen_house_changes(self._hass, self._forget)
        if self._names is None:
            self._names = self._collect()
        return self._names

    @callback
    def async_stop(self) -> None:
        """Listen for changes no longer."""
        if self._stop_listening:
            self._stop_listening()
            self._stop_listening = None

    @callback
    def _forget(self) -> None:
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
