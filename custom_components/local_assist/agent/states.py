"""The states a sentence is about, as lines of a prompt."""

from collections import defaultdict
from collections.abc import Callable
from itertools import accumulate
from typing import Final

from homeassistant.core import HomeAssistant

from ..retrieval import Found, Group, House, Thing
from .outside_text import MAX_NAME, one_line
from .state_groups import Member, Told, group_line
from .state_words import details, value

type Count = Callable[[str], int]

# Of these each has a state of its own; the others are told together by state.
_EACH_FOR_ITSELF: Final = frozenset(
    {
        "climate",
        "counter",
        "humidifier",
        "input_number",
        "media_player",
        "number",
        "sensor",
        "timer",
        "todo",
        "water_heater",
        "weather",
    }
)
_MAX_ALIASES: Final = 3


def context_lines(
    hass: HomeAssistant, house: House, found: Found, *, max_tokens: int, count: Count
) -> list[str]:
    """Return what was found with its states, in at most `max_tokens`.

    Whole kinds come first, each in one line, told by state and area; then every other thing in a
    line of its own, the best first. Where not all fits, the last line says how many more there are.
    """
    teller = _Teller(hass, house)
    left = max_tokens
    lines: list[str] = []
    named: set[str] = set()
    for number, group in enumerate(found.groups):
        # What one leaves over is the next one's; the single things share in it as one more.
        share = left // (len(found.groups) - number + bool(found.things))
        if line := teller.group(group, max_tokens=share, count=count):
            lines.append(line.text)
            named |= line.named
            left -= count(line.text)
    things = (teller.thing(each) for each in found.things if each not in named)
    return lines + _within([line for line in things if line], left, count)


def _within(lines: list[str], max_tokens: int, count: Count) -> list[str]:
    """Return the lines from the front that fit, and if not all do, how many more there are."""
    sizes = [count(line) for line in lines]
    if sum(sizes) <= max_tokens:
        return lines
    left = max_tokens - count(_more(len(lines)))
    fitting = sum(total <= left for total in accumulate(sizes))
    return [*lines[:fitting], _more(len(lines) - fitting)]


def _more(number: int) -> str:
    return f"({number} more match: FindDevices tells of them.)"


class _Teller:
    """Puts things of a house into words."""

    def __init__(self, hass: HomeAssistant, house: House) -> None:
        self._hass = hass
        self._things = {thing.entity_id: thing for thing in house.things}
        self._areas = {area.id: one_line(area.names[0], MAX_NAME) for area in house.areas}

    def thing(self, entity_id: str) -> str | None:
        """Return `Ceiling (light, Kitchen): on, brightness 40 %`; None if it is gone."""
        thing = self._things.get(entity_id)
        state = self._hass.states.get(entity_id)
        if thing is None or state is None:
            return None
        name, *aliases = (one_line(each, MAX_NAME) for each in thing.names[: 1 + _MAX_ALIASES])
        also = f", also called {', '.join(aliases)}" if aliases else ""
        kind = _kind(thing.domain, thing.device_class)
        place = ", ".join(filter(None, (kind, self._area(thing))))
        told = ", ".join((value(self._hass, state), *details(self._hass, state)))
        return f"{name}{also} ({place}): {told}"

    def group(self, group: Group, *, max_tokens: int, count: Count) -> Told | None:
        """Return a whole kind in one line; None if nothing of it is left."""
        buckets: dict[str, list[Member]] = defaultdict(list)
        for entity_id in group.things:
            if told := self._member(entity_id):
                word, member = told
                buckets[word].append(member)
        if not buckets:
            return None
        kind = _kind(group.domain, group.device_class)
        places = ", ".join(self._areas[each] for each in group.areas if each in self._areas)
        number = sum(map(len, buckets.values()))
        head = f"Every {kind} in {places or 'the house'} ({number}): "
        return group_line(head, buckets, max_tokens=max_tokens, count=count)

    def _member(self, entity_id: str) -> tuple[str, Member] | None:
        """Return a thing of a group with the state by which it is told, if it is there."""
        thing = self._things.get(entity_id)
        state = self._hass.states.get(entity_id)
        if thing is None or state is None:
            return None
        name, word = one_line(thing.names[0], MAX_NAME), value(self._hass, state)
        if thing.domain in _EACH_FOR_ITSELF:
            name, word = f"{name} {', '.join((word, *details(self._hass, state)))}", ""
        return word, Member(entity_id, name, self._area(thing))

    def _area(self, thing: Thing) -> str:
        return self._areas.get(thing.area, "") if thing.area else ""


def _kind(domain: str, device_class: str | None) -> str:
    return f"{domain} {one_line(device_class, MAX_NAME)}" if device_class else domain
