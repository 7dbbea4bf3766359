"""What the house holds for Assist: every exposed thing, and the places it is in."""

from collections.abc import Callable
from typing import Any

from homeassistant.components.conversation import DOMAIN as ASSISTANT
from homeassistant.components.homeassistant.exposed_entities import async_should_expose
from homeassistant.const import EntityStateAttribute
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, State, callback
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import floor_registry as fr

from ..house_changes import async_listen_house_changes
from ..retrieval import Area, Floor, House, Retriever, Thing
from .find_devices import FindDevicesTool
from .overview import overview
from .toolbox import Toolbox


class HouseIndex:
    """The house as Assist may know it, and what is derived from that.

    Collected when asked for, then kept until something changes. While a house is the same, so is
    the object: what others derive from it may be kept by identity.

    Attributes:
        toolbox: what a model may do in the house.
    """

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self.toolbox = Toolbox(hass, [FindDevicesTool(self)])
        self._house = House(things=())
        self._known = False
        self._collecting = False
        self._retrievers: dict[str, Retriever] = {}
        self._overviews: dict[int, str] = {}
        self._listeners: list[Callable[[], None]] = []
        self._stop_listening: CALLBACK_TYPE | None = None
        self._stopped = False

    @callback
    def async_get(self) -> House:
        """Return the house as it is now."""
        self._listen()
        if not self._known:
            house = self._collect()
            if house != self._house:
                self._house = house
                self._retrievers.clear()
                self._overviews.clear()
            self._known = True
        return self._house

    @callback
    def retriever(self, language: str) -> Retriever:
        """Return the retriever of the house for sentences in a language."""
        house = self.async_get()
        if language not in self._retrievers:
            self._retrievers[language] = Retriever(house, language)
        return self._retrievers[language]

    async def async_retriever(self, language: str) -> Retriever:
        """Return the same, built beside the event loop: a large house takes a tenth of a second."""
        house = self.async_get()
        if language not in self._retrievers:
            built = await self._hass.async_add_executor_job(Retriever, house, language)
            if house is not self.async_get():
                return built
            self._retrievers[language] = built
        return self._retrievers[language]

    @callback
    def overview(self, *, max_tokens: int, count: Callable[[str], int]) -> str:
        """Return the overview of the house; the same text as long as the house is the same.

        An estimate of tokens improves with each turn. Were the text chosen anew with it, every
        request would begin otherwise than the one before.
        """
        house = self.async_get()
        if max_tokens not in self._overviews:
            self._overviews[max_tokens] = overview(house, max_tokens=max_tokens, count=count)
        return self._overviews[max_tokens]

    @callback
    def async_listen(self, changed: Callable[[], None]) -> CALLBACK_TYPE:
        """Call `changed` after each change, often several times for one; return what ends that."""
        self._listen()
        self._listeners.append(changed)
        return lambda: self._listeners.remove(changed)

    @callback
    def async_stop(self) -> None:
        """Listen for changes no longer, whoever still asks."""
        self._stopped = True
        if self._stop_listening:
            self._stop_listening()
            self._stop_listening = None

    def _listen(self) -> None:
        if self._stop_listening is None and not self._stopped:
            self._stop_listening = async_listen_house_changes(self._hass, self._changed)

    @callback
    def _changed(self) -> None:
        if self._collecting:
            # Home Assistant notes by whom a new entity may be spoken of when it is first asked.
            return
        self._known = False
        self.toolbox.forget()
        for listener in tuple(self._listeners):
            listener()

    def _collect(self) -> House:
        self._collecting = True
        try:
            exposed = [
                state
                for state in self._hass.states.async_all()
                if async_should_expose(self._hass, ASSISTANT, state.entity_id)
            ]
        finally:
            self._collecting = False
        things = sorted((_thing(self._hass, state) for state in exposed), key=_entity_id)
        return House(tuple(things), _areas(self._hass), _floors(self._hass))


def _entity_id(thing: Thing) -> str:
    return thing.entity_id


def _thing(hass: HomeAssistant, state: State) -> Thing:
    entry = er.async_get(hass).async_get(state.entity_id)
    attributes = state.attributes
    return Thing(
        entity_id=state.entity_id,
        names=_names(hass, entry, state),
        domain=state.domain,
        device_class=_text(attributes.get(EntityStateAttribute.DEVICE_CLASS)),
        area=_area_id(hass, entry) if entry else None,
        unit=_text(attributes.get(EntityStateAttribute.UNIT_OF_MEASUREMENT)),
    )


def _text(attribute: Any) -> str | None:
    """Return an attribute that should be text; integrations can put anything there."""
    return attribute if isinstance(attribute, str) else None


def _names(hass: HomeAssistant, entry: er.RegistryEntry | None, state: State) -> tuple[str, ...]:
    """Return the names that intents take, the displayed one first; if there are none, that one."""
    displayed = str(state.name).strip() or state.object_id
    names = dict.fromkeys(er.async_get_entity_aliases(hass, entry) if entry else ())
    if displayed in names or not any(names):
        names = {displayed: None, **names}
    return tuple(name for name in names if name)


def _area_id(hass: HomeAssistant, entry: er.RegistryEntry) -> str | None:
    if entry.area_id or entry.device_id is None:
        return entry.area_id
    device = dr.async_get(hass).async_get(entry.device_id)
    return dr.async_get_effective_area_id(hass, device) if device else None


def _areas(hass: HomeAssistant) -> tuple[Area, ...]:
    areas = sorted(ar.async_get(hass).async_list_areas(), key=lambda area: area.id)
    return tuple(Area(area.id, (area.name, *sorted(area.aliases)), area.floor_id) for area in areas)


def _floors(hass: HomeAssistant) -> tuple[Floor, ...]:
    """Return the floors from the lowest up, those without a level last."""
    floors = sorted(
        fr.async_get(hass).async_list_floors(),
        key=lambda floor: (floor.level is None, floor.level or 0, floor.floor_id),
    )
    return tuple(Floor(floor.floor_id, (floor.name, *sorted(floor.aliases))) for floor in floors)
