"""A small real house for the agents: two lamps in a kitchen, exposed to Assist."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

import pytest
from homeassistant.components import conversation
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import Context, Event, HomeAssistant
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import intent
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.local_assist.const import DOMAIN, EVENT_TURN

MODEL = "llama3.2:3b"
LAMPS = ("Kitchen lamp", "Counter lamp")


def agent(title: str = "Ada", **data: Any) -> ConfigSubentryData:
    """Return the subentry of an agent that may control the house, and leaves it to its model."""
    return _subentry(
        "conversation", title, {"llm_hass_api": ["assist"], "house_intents": False} | data
    )


def task(title: str = "Clerk", **data: Any) -> ConfigSubentryData:
    """Return the subentry of an AI task."""
    return _subentry("ai_task_data", title, data)


def _subentry(kind: str, title: str, data: dict[str, Any]) -> ConfigSubentryData:
    return ConfigSubentryData(
        data={"model": MODEL} | data, subentry_type=kind, title=title, unique_id=None
    )


@dataclass
class House:
    """The house, what was done in it and how turns ended."""

    hass: HomeAssistant
    actions: list[Event]
    turns: list[Event]
    entry: MockConfigEntry | None = None
    satellite_id: str = field(default="", init=False)

    async def add(self, url: str | None, *subentries: ConfigSubentryData) -> MockConfigEntry:
        """Set Local Assist up, with Ollama at an address or without any."""
        data = {"url": url} if url else {}
        self.entry = MockConfigEntry(
            domain=DOMAIN, title="House", data=data, subentries_data=subentries or [agent()]
        )
        self.entry.add_to_hass(self.hass)
        await self.hass.config_entries.async_setup(self.entry.entry_id)
        await self.hass.async_block_till_done()
        return self.entry

    async def say(
        self, text: str, *, agent_id: str = "conversation.ada", language: str = "en", **more: Any
    ) -> conversation.ConversationResult:
        """Say something to an agent; `user_id` is who says it, if anybody knows."""
        return await conversation.async_converse(
            self.hass,
            text,
            more.pop("conversation_id", None),
            Context(user_id=more.pop("user_id", None)),
            language=language,
            agent_id=agent_id,
            **more,
        )

    def lamp(self, name: str = LAMPS[0]) -> str:
        """Return the state of a lamp."""
        state = self.hass.states.get(f"light.{name.lower().replace(' ', '_')}")
        assert state is not None
        return state.state

    def switched(self) -> int:
        """Return how often a lamp was switched on or off."""
        return sum(event.data["domain"] == "light" for event in self.actions)

    @property
    def turn(self) -> dict[str, Any]:
        """Return how the last turn ended."""
        return self.turns[-1].data


class OtherAgent(conversation.AbstractConversationAgent):
    """An agent of some other integration."""

    def __init__(self, answer: str | Exception) -> None:
        self.answer = answer
        self.asked = 0

    @property
    def supported_languages(self) -> str:
        """Return all."""
        return "*"

    async def async_process(
        self, user_input: conversation.ConversationInput
    ) -> conversation.ConversationResult:
        """Answer, fail or break."""
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        response = intent.IntentResponse(language=user_input.language)
        if self.answer:
            response.async_set_speech(self.answer)
        else:
            response.async_set_error(intent.IntentResponseErrorCode.UNKNOWN, "Sorry")
        return conversation.ConversationResult(response, user_input.conversation_id)


def other_agent(hass: HomeAssistant, answer: str | Exception) -> tuple[str, OtherAgent]:
    """Add an agent; return its id."""
    entry = MockConfigEntry(domain="test", title="Other")
    entry.add_to_hass(hass)
    added = OtherAgent(answer)
    conversation.async_set_agent(hass, entry, added)
    return entry.entry_id, added


def speech(result: conversation.ConversationResult) -> str:
    """Return what is spoken."""
    spoken: str = result.response.speech["plain"]["speech"]
    return spoken


@pytest.fixture
async def kitchen(hass: HomeAssistant) -> AsyncGenerator[House]:
    """Build the house."""
    await async_setup_component(hass, "homeassistant", {})
    await async_setup_component(hass, "conversation", {})
    helpers = {name.lower().replace(" ", "_"): {} for name in LAMPS}
    await async_setup_component(hass, "input_boolean", {"input_boolean": helpers})
    lights = [
        _lamp(name, f"input_boolean.{helper}") for name, helper in zip(LAMPS, helpers, strict=True)
    ]
    await async_setup_component(hass, "template", {"template": [{"light": lights}]})
    await hass.async_block_till_done()
    kitchen = ar.async_get(hass).async_create("Kitchen")
    for helper in helpers:
        er.async_get(hass).async_update_entity(f"light.{helper}", area_id=kitchen.id)
        async_expose_entity(hass, "conversation", f"light.{helper}", should_expose=True)
    built = House(
        hass, async_capture_events(hass, "call_service"), async_capture_events(hass, EVENT_TURN)
    )
    owner = MockConfigEntry(domain="test", title="Satellites")
    owner.add_to_hass(hass)
    satellite = dr.async_get(hass).async_get_or_create(
        config_entry_id=owner.entry_id, identifiers={("test", "satellite")}
    )
    dr.async_get(hass).async_update_device(satellite.id, area_id=kitchen.id)
    built.satellite_id = satellite.id
    yield built
    if built.entry and built.entry.state.recoverable:
        await hass.config_entries.async_unload(built.entry.entry_id)
        await hass.async_block_till_done()


def _lamp(name: str, helper: str) -> dict[str, Any]:
    return {
        "name": name,
        "unique_id": helper,
        "state": f"{{{{ is_state('{helper}', 'on') }}}}",
        "turn_on": {"action": "input_boolean.turn_on", "target": {"entity_id": helper}},
        "turn_off": {"action": "input_boolean.turn_off", "target": {"entity_id": helper}},
    }
