"""What the logbook says of the guard, as the logbook itself describes the event."""

import re
from pathlib import Path
from typing import Any

import pytest
from homeassistant.const import ATTR_FRIENDLY_NAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

import custom_components.local_assist.agent as agent_package
from custom_components.local_assist.const import DOMAIN, EVENT_GUARD
from custom_components.local_assist.guard.consent import Reply
from custom_components.local_assist.logbook import _MESSAGES

AGENT = Path(agent_package.__file__).parent


class Book:
    """The logbook, as the frontend reads it."""

    def __init__(self, hass: HomeAssistant, socket: Any) -> None:
        self._hass = hass
        self._socket = socket

    async def told(self, **data: Any) -> dict[str, Any]:
        """Return the entry for an event of the guard."""
        begun = dt_util.utcnow()
        self._hass.bus.async_fire(EVENT_GUARD, EVENT | data)
        await async_wait_recording_done(self._hass)
        await self._socket.send_json_auto_id(
            {"type": "logbook/get_events", "start_time": begun.isoformat()}
        )
        answer = await self._socket.receive_json()
        (entry,) = (entry for entry in answer["result"] if entry.get("domain") == DOMAIN)
        return entry


EVENT = {
    "agent": "conversation.ada",
    "kinds": ["unlock"],
    "entities": ["lock.front"],
    "outcome": "asked",
    "mode": "ask",
    "user_id": None,
    "device_id": None,
    "conversation_id": "one",
}


@pytest.fixture(autouse=True)
def _load_custom_integrations(recorder_mock: Any, enable_custom_integrations: None) -> None:
    """Let Home Assistant find the integration; the recorder insists on being there before it."""


@pytest.fixture
async def book(hass: HomeAssistant, hass_ws_client: WebSocketGenerator) -> Book:
    """Home Assistant with a logbook that knows of us, a door and a garage."""
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "logbook", {})
    assert await async_setup_component(hass, DOMAIN, {})
    for entity_id, name in NAMES.items():
        hass.states.async_set(entity_id, "on", {ATTR_FRIENDLY_NAME: name})
    await hass.async_block_till_done()
    return Book(hass, await hass_ws_client(hass))


NAMES = {"lock.front": "Front door", "cover.garage": "Garage", "conversation.ada": "Ada"}


CASES: list[tuple[dict[str, Any], str]] = [
    ({}, "asked before unlocking Front door"),
    ({"mode": "pin"}, "asked for the PIN before unlocking Front door"),
    ({"outcome": "done"}, "unlocked Front door after consent"),
    ({"outcome": "done", "mode": "pin"}, "unlocked Front door after the PIN"),
    ({"outcome": "confirmed"}, "had consent to unlock Front door"),
    ({"outcome": "unattended", "mode": None}, "had nobody to ask, and did not unlock Front door"),
    ({"outcome": "refused"}, "was told not to go on, and did not unlock Front door"),
    (
        {"outcome": "wrong_pin", "mode": "pin"},
        "was given a wrong PIN, and did not unlock Front door",
    ),
    (
        {"kinds": ["unlock", "open"], "entities": ["lock.front", "cover.garage", "x.gone"]},
        "asked before unlocking and opening Front door, Garage and x.gone",
    ),
    ({"kinds": ["valve", "open"], "entities": []}, "asked before opening something"),
    ({"outcome": "some_news"}, "had to do with unlocking Front door: some news"),
]


async def test_what_happened(book: Book) -> None:
    """Each outcome has its words, and what is not known yet is told all the same."""
    for data, message in CASES:
        entry = await book.told(**data)
        assert (entry["name"], entry["message"]) == ("Ada", message)
        assert entry["entity_id"] == "conversation.ada"


def test_every_outcome_has_words() -> None:
    """What an answer may come to, and what is reported by name, is told in words of its own."""
    replies = {str(reply) for reply in Reply} - {Reply.PIN_GIVEN, Reply.PIN_WANTED}
    sources = (AGENT / name for name in ("guarding.py", "consenting.py"))
    reported = {
        outcome
        for source in sources
        for call in re.findall(r"report\((.*?), ", source.read_text())
        for outcome in re.findall(r'"(\w+)"', call)
    }

    assert {"asked", "done", "failed", "never"} <= reported
    assert replies | reported <= set(_MESSAGES)


async def test_who_spoke_and_where(hass: HomeAssistant, book: Book) -> None:
    """A person is told by name, a satellite as well."""
    owner = MockConfigEntry(domain="test")
    owner.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=owner.entry_id, identifiers={("test", "1")}, name="Kitchen satellite"
    )
    hass.states.async_set(
        "person.anna", "home", {ATTR_FRIENDLY_NAME: "Anna", "user_id": "anna's id"}
    )
    hass.states.async_set("person.guest", "home", {ATTR_FRIENDLY_NAME: "Guest"})

    both = await book.told(user_id="anna's id", device_id=device.id)
    assert both["message"] == "asked before unlocking Front door (Anna, from Kitchen satellite)"
    nobody = await book.told(user_id="somebody", device_id="gone")
    assert nobody["message"] == "asked before unlocking Front door"
