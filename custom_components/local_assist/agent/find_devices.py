"""The tool that lets a model look for what its context does not hold."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final, Protocol, override

import probatio
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.llm import (
    LLMContext,
    Tool,
    ToolAnnotations,
    ToolInput,
    ToolResult,
    async_get_match_preferences,
)
from homeassistant.util.json import JsonValueType

from ..const import DOMAIN
from ..retrieval import Found, House, Retriever, Thing
from .outside_text import MAX_NAME, one_line
from .states import context_lines
from .tokens import TokenEstimate

LIMIT: Final = 30
# A result is read once, so it may be longer than what every turn carries.
MAX_TOKENS: Final = 1500


class Index(Protocol):
    """Where to look: the house as it is now, and its retrievers by language."""

    def async_get(self) -> House:
        """Return the house."""

    def retriever(self, language: str) -> Retriever:
        """Return its retriever for a language."""


class FindDevicesTool(Tool):
    """Finds devices by words, area and kind, and tells their present states."""

    name = f"{DOMAIN}__FindDevices"
    title = "Find devices"
    description = (
        "Finds devices of the house and tells their present states. Use it when the device or "
        "state you need is not in the context note."
    )
    annotations = ToolAnnotations(
        read_only=True, destructive=False, idempotent=True, open_world=False
    )
    integration = DOMAIN
    parameters = probatio.Schema(
        {
            probatio.Optional("query", description="Words of its name or what it does"): cv.string,
            probatio.Optional("area", description="Name of an area or floor"): cv.string,
            probatio.Optional("domain", description="Kind, such as light or sensor"): cv.string,
        }
    )

    def __init__(self, index: Index) -> None:
        self._index = index

    @override
    async def async_call(
        self, hass: HomeAssistant, tool_input: ToolInput, llm_context: LLMContext
    ) -> ToolResult:
        """Find devices, at most 30; where none are, the result says what there is to look for.

        Raises:
            probatio.Invalid: an argument is no text, or not one of these.
        """
        wanted = {key: text.strip() for key, text in self.parameters(tool_input.tool_args).items()}
        language = llm_context.language or hass.config.language
        house, retriever = self._index.async_get(), self._index.retriever(language)
        if not any(wanted.values()):
            return _nothing(house, "Say what to look for: a query, an area or a domain.")
        within = house
        if area := wanted.get("area"):
            areas = _areas(house, retriever, area)
            if not areas:
                return _nothing(house, f"There is no area or floor {area!r}.")
            within = _only(within, lambda thing: thing.area in areas)
        if domain := wanted.get("domain"):
            within = _only(within, lambda thing: _is_of_kind(thing, domain))
        found = [thing.entity_id for thing in within.things]
        if query := wanted.get("query"):
            if within is not house:
                retriever = Retriever(within, language)
            room = async_get_match_preferences(hass, llm_context).area_id
            matching = _matching(retriever.find(query, room=room, limit=2 * LIMIT))
            # What was narrowed down by area or kind is worth telling if no word of it matches.
            found = matching if matching or within is house else found
        if not found:
            return _nothing(house, "Nothing was found.")
        shown = Found(things=tuple(found[:LIMIT]))
        lines = context_lines(
            hass, house, shown, max_tokens=MAX_TOKENS, count=TokenEstimate().count
        )
        if len(found) > LIMIT:
            lines.append(f"({len(found) - LIMIT} more: narrow it down by area or domain.)")
        return ToolResult(data={"devices": list[JsonValueType](lines)})


def _areas(house: House, retriever: Retriever, name: str) -> frozenset[str]:
    """Return the ids of the areas that a name means: an area's own, or those of a floor."""
    folded = name.casefold()
    areas = {area.id for area in house.areas if folded in _folded(area.names)}
    floors = {floor.id for floor in house.floors if folded in _folded(floor.names)}
    if not areas and not floors:
        heard = retriever.find(name)
        areas, floors = set(heard.areas), set(heard.floors)
    return frozenset(areas | {area.id for area in house.areas if area.floor in floors})


def _only(house: House, wanted: Callable[[Thing], bool]) -> House:
    return replace(house, things=tuple(thing for thing in house.things if wanted(thing)))


def _matching(found: Found) -> list[str]:
    """Return the entity ids of all that was found, the best first."""
    grouped = (each for group in found.groups for each in group.things)
    return list(dict.fromkeys((*found.things, *grouped)))


def _folded(names: Iterable[str]) -> list[str]:
    return [name.casefold() for name in names]


def _is_of_kind(thing: Thing, kind: str) -> bool:
    """Return whether a thing is of a domain or device class, also named in the plural."""
    folded = kind.casefold().replace(" ", "_")
    names = {folded, folded.removesuffix("s"), folded.removesuffix("es")}
    return thing.domain in names or thing.device_class in names


def _nothing(house: House, reason: str) -> ToolResult:
    kinds = Counter(thing.domain for thing in house.things)
    return ToolResult(
        data={
            "error": reason,
            "areas": [one_line(area.names[0], MAX_NAME) for area in house.areas],
            "domains": dict(sorted(kinds.items())),
        },
        error=True,
    )
