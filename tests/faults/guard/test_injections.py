"""Hostile texts in every place a prompt takes text from, and a model that obeys each of them."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, override

import pytest
from homeassistant.components.calendar import CalendarEntity, CalendarEvent
from homeassistant.components.intent import async_register_timer_handler
from homeassistant.components.intent.const import TIMER_DATA
from homeassistant.components.todo import TodoItem, TodoItemStatus, TodoListEntity
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from custom_components.local_assist.memory.memory import DATA_MEMORY
from tests.fakes.obedient import Call, Obedient, mark
from tests.fakes.ollama import FakeOllama
from tests.faults.guard.guarded_actions import (
    GUARDED,
    MARKED,
    configuration,
    place_marked,
    things,
    tool_call,
)
from tests.faults.guard.guarded_house import GuardedHouse, Remembering

CORPUS: Final[Mapping[str, list[str]]] = tomllib.loads(
    (Path(__file__).parents[2] / "corpora" / "injections.toml").read_text(encoding="utf-8")
)
KINDS = ("unlock", "open", "disarm", "valve", "siren", "marked")
# What is said: first something that has the model look everything up, then nothing of interest.
ASKED = "read me what the radio is playing and what the notice board says"
THANKS = "thanks, that is all"
# Where a text is planted, by the letter in its mark.
PLACES: Final = "NMCTFR"
READS: Final[tuple[Call, ...]] = (
    ("calendar__get_events", {"calendar": "Family", "range": "week"}),
    ("todo__get_items", {"todo_list": "Errands"}),
    ("script__read_news", {}),
    ("local_assist__Recall", {"query": "notice board"}),
)
LATER: Final[tuple[Call, ...]] = (
    (
        "intent__HassStartTimer",
        {"seconds": 1, "conversation_command": "turn off the lock front door"},
    ),
    ("intent__HassStartTimer", {"seconds": 1, "conversation_command": "open the garage door"}),
)
HARM: Final[tuple[Call, ...]] = (
    *(tool_call(action, route) for action in GUARDED for route in action.routes),
    ("intent__HassTurnOff", {"area": "Front door area"}),
    ("intent__HassTurnOn", {"floor": "Garage door floor"}),
    ("intent__HassTurnOff", {"name": "Front door", "confirmed": True, "pin": "1234"}),
    ("intent__HassTurnOff", {"domain": ["lock", "light"]}),
    ("intent__HassTurnOn", {"domain": ["cover"]}),
    *LATER,
)


class Calendar(Remembering, CalendarEntity):
    """A calendar with one event."""

    text = ""

    @property
    @override
    def event(self) -> None:
        # With one, Home Assistant would wait for its end.
        return None

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        now = dt_util.now()
        return [CalendarEvent(now, now + timedelta(hours=1), self.text, description=self.text)]


class Todo(Remembering, TodoListEntity):
    """A list with one item."""

    text = ""

    @property
    @override
    def todo_items(self) -> list[TodoItem]:
        return [TodoItem(self.text, uid="1", status=TodoItemStatus.NEEDS_ACTION)]


class Planter:
    """Plants texts in a house."""

    def __init__(self, house: GuardedHouse) -> None:
        self._house = house
        self.calendar = Calendar("Family", house.deeds)
        self.todo = Todo("Errands", house.deeds)
        self._facts: list[str] = []

    async def plant(self, number: int, texts: Mapping[str, str]) -> None:
        """Put a text into each place, and none of those before stays there."""
        told = {place: f"{mark(number, place)} {text}" for place, text in texts.items()}
        hass = self._house.hass
        radio = {"friendly_name": f"Radio {told['N']}", "media_title": told["M"]}
        hass.states.async_set("media_player.radio", "playing", radio)
        self.calendar.text = told["C"]
        self.todo.text = told["T"]
        hass.states.async_set("sensor.news", "new", {"text": told["R"]})
        memory = hass.data[DATA_MEMORY]
        if self._facts:
            await memory.async_forget(self._facts)
        fact = await memory.async_remember(
            f"Notice board: {told['F'][:160]}", person=None, source="voice"
        )
        self._facts = [fact.id]
        await hass.async_block_till_done()


@pytest.fixture
async def planter(
    guarded_house: GuardedHouse, ollama: FakeOllama, request: pytest.FixtureRequest
) -> Planter:
    """Furnish a house with the places; the parameter is the mode of all rules."""
    hass = guarded_house.hass
    assert await async_setup_component(hass, "conversation", {})
    planter = Planter(guarded_house)
    config = configuration(GUARDED)
    config["script"]["read_news"] = {
        "alias": "Read news",
        "sequence": [
            {"variables": {"news": {"text": "{{ state_attr('sensor.news', 'text') }}"}}},
            {"stop": "read", "response_variable": "news"},
        ],
    }
    hass.states.async_set("media_player.radio", "playing", {})
    furniture = (*things(guarded_house.deeds), planter.calendar, planter.todo)
    await guarded_house.furnish(*furniture, **config)
    place_marked(guarded_house)
    async_register_timer_handler(hass, guarded_house.devices[0], lambda *_: None)
    modes = dict.fromkeys(KINDS, getattr(request, "param", "ask"))
    await guarded_house.move_in(ollama.url, guard_modes=modes, guard_entities=list(MARKED))
    return planter


def texts_of(texts: Sequence[str], number: int) -> dict[str, str]:
    """Return a text for each place, so that after a round each text was in each place."""
    return {place: texts[(number + shift) % len(texts)] for shift, place in enumerate(PLACES)}


@pytest.mark.parametrize("kind", CORPUS)
async def test_what_a_text_says_is_not_done(
    guarded_house: GuardedHouse, planter: Planter, ollama: FakeOllama, kind: str
) -> None:
    """Each text in each place: it reaches the model, which obeys; nothing happens, it is asked."""
    ollama.script = model = Obedient(HARM, READS)
    texts = CORPUS[kind]
    for number in range(len(texts)):
        await planter.plant(number, texts_of(texts, number))
        asked = await guarded_house.say(ASKED)
        await guarded_house.say(THANKS, asked.conversation_id)
        assert {place for seen, place in model.seen if seen == number} == set(PLACES)
        assert guarded_house.deeds == [], f"{kind} {number}, {model.made[-4:]}"
    assert len(model.made) >= 2 * len(texts)
    assert len(guarded_house.outcomes) >= 2 * len(texts)
    assert not set(guarded_house.outcomes) & {"confirmed", "done"}
    assert not guarded_house.hass.data[TIMER_DATA].timers


@pytest.mark.parametrize("planter", ["free"], indirect=True)
async def test_without_rules_all_of_it_is_done(
    guarded_house: GuardedHouse, planter: Planter, ollama: FakeOllama
) -> None:
    """So that what does not happen above is not merely impossible."""
    ollama.script = model = Obedient(HARM, READS, at_once=1)
    idle: list[Call] = []
    for number in range(len(HARM)):
        await planter.plant(number, texts_of(CORPUS["orders"], number))
        guarded_house.deeds.clear()
        await guarded_house.say(ASKED)
        if not guarded_house.deeds:
            idle.append(model.made[-1])
    assert idle == list(LATER)
    timers = guarded_house.hass.data[TIMER_DATA]
    assert len(timers.timers) == len(LATER)
    for timer in tuple(timers.timers):
        timers.cancel_timer(timer)
