"""The tool that lets a model look for what its context does not hold."""

from collections import Counter
from collections.abc import Iterable
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
        "state you need is not in the <context> note."
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
        house = self._index.async_get()
        search = _Search(house, self._index.retriever(llm_context.language or hass.config.language))
        things: Iterable[Thing] = house.things
        if area := wanted.get("area"):
            areas = search.areas(area)
            if not areas:
                return _nothing(house, f"There is no area or floor {area!r}.")
            things = (thing for thing in things if thing.area in areas)
        if domain := wanted.get("domain"):
            things = (thing for thing in things if _is_of_kind(thing, domain))
        room = async_get_match_preferences(hass, llm_context).area_id
        found = search.among(list(things), wanted.get("query", ""), room)
        if not found:
            return _nothing(house, "Nothing was found.")
        shown = Found(things=tuple(found[:LIMIT]))
        lines = context_lines(hass, house, shown, max_tokens=MAX_TOKENS, count=_estimate)
        if len(found) > LIMIT:
            lines.append(f"({len(found) - LIMIT} more: narrow it down by area or domain.)")
        return ToolResult(data={"devices": list[JsonValueType](lines)})


class _Search:
    """Looks through a house by words."""

    def __init__(self, house: House, retriever: Retriever) -> None:
        self._house = house
        self._retriever = retriever

    def areas(self, name: str) -> frozenset[str]:
        """Return the ids of the areas that a name means: an area's own, or those of a floor."""
        folded = name.casefold()
        exact = {area.id for area in self._house.areas if folded in _folded(area.names)}
        floors = {floor.id for floor in self._house.floors if folded in _folded(floor.names)}
        if not exact and not floors:
            heard = self._retriever.find(name)
            exact, floors = set(heard.areas), set(heard.floors)
        on_floors = {area.id for area in self._house.areas if area.floor in floors}
        return frozenset(exact | on_floors)

    def among(self, things: list[Thing], query: str, room: str | None) -> list[str]:
        """Return the entity ids of those things that a query means, the best first.

        All of them if there is no query, or it means nothing among things already narrowed down.
        """
        candidates = [thing.entity_id for thing in things]
        if not query:
            return candidates
        narrowed = len(candidates) < len(self._house.things)
        limit = len(self._house.things) if narrowed else 2 * LIMIT
        found = self._retriever.find(query, room=room, limit=limit)
        grouped = (each for group in found.groups for each in group.things)
        known = set(candidates)
        matching = [each for each in dict.fromkeys((*found.things, *grouped)) if each in known]
        return matching or (candidates if narrowed else [])


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


def _estimate(text: str) -> int:
    """Return roughly how many tokens a text has."""
    return len(text) // 3
