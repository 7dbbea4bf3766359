"""A real Home Assistant with a generated house, to which agents are added."""

import logging
import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import imageio_ffmpeg
from homeassistant import loader
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.components.intent import async_register_timer_handler
from homeassistant.config_entries import ConfigEntry, ConfigEntryState, ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import floor_registry as fr
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_test_home_assistant,
)

from bench.agent.entities import CLASSES, _Made
from bench.agent.houses import ROOMS, House
from bench.errors import BenchError
from bench.servers import free_port

_SENSED = {"temperature", "humidity", "motion"}
"""Kinds that come in one box: their room is their device's."""
_TIMERS = ROOMS[:2]
"""Rooms whose satellite can count down; the third is a tablet, which cannot."""


@dataclass(slots=True)
class Home:
    """Home Assistant, what is in the house, and the satellites by room."""

    hass: HomeAssistant
    house: House
    entities: dict[str, _Made] = field(default_factory=dict)
    satellites: dict[str, str] = field(default_factory=dict)

    def reset(self) -> None:
        """Give every thing the state it had at first."""
        for number, entity in enumerate(self.entities.values()):
            entity.vary(number)

    def actions(self) -> int:
        """Return how many things were done so far."""
        return sum(entity.actions for entity in self.entities.values())

    async def settle(self) -> None:
        """Wait until nothing is under way, in the background neither."""
        await self.hass.async_block_till_done(wait_background_tasks=True)


@asynccontextmanager
async def home(house: House) -> AsyncGenerator[Home]:
    """Start Home Assistant with a house; stop it at the end."""
    for name in ("homeassistant", "custom_components"):
        logging.getLogger(name).setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="bench-home-") as folder:
        async with async_test_home_assistant(config_dir=folder) as hass:
            hass.data.pop(loader.DATA_CUSTOM_COMPONENTS)
            try:
                yield await furnish(hass, house)
            finally:
                await hass.async_stop(force=True)


async def furnish(hass: HomeAssistant, house: House) -> Home:
    """Put a house into a Home Assistant that has nothing yet."""
    # A port of its own: the machine may run a Home Assistant besides.
    await _set_up(hass, "http", {"server_host": ["127.0.0.1"], "server_port": free_port()})
    await _set_up(hass, "ffmpeg", {"ffmpeg_bin": imageio_ffmpeg.get_ffmpeg_exe()})
    for component in ("homeassistant", "conversation", "intent"):
        await _set_up(hass, component)
    await hass.config.async_set_time_zone("Europe/Berlin")
    built = Home(hass, house)
    areas = _areas(hass, house)
    await _entities(built)
    await hass.async_block_till_done()
    owner = MockConfigEntry(domain="bench", title="Devices")
    owner.add_to_hass(hass)
    _place(built, areas, owner)
    for room in ROOMS:
        device = _device(hass, owner, f"satellite {room}", areas[room], "Satellite")
        built.satellites[room] = device
        if room in _TIMERS:
            async_register_timer_handler(hass, device, lambda *_: None)
    return built


async def _set_up(hass: HomeAssistant, component: str, config: Any = None) -> None:
    if not await async_setup_component(hass, component, {component: config or {}}):
        raise BenchError(f"Home Assistant cannot set up {component}.")


def _areas(hass: HomeAssistant, house: House) -> dict[str, str]:
    """Make floors and areas; return Home Assistant's id of each area."""
    floors = {
        floor: fr.async_get(hass).async_create(name, aliases=set(aliases)).floor_id
        for floor, (name, *aliases) in house.floors.items()
    }
    return {
        area: ar.async_get(hass)
        .async_create(name, aliases=set(aliases), floor_id=floors[house.floor_of[area]])
        .id
        for area, (name, *aliases) in house.areas.items()
    }


async def _entities(built: Home) -> None:
    by_domain: dict[str, list[_Made]] = {}
    scripts = {}
    for number, thing in enumerate(built.house.things):
        if thing.kind.domain == "script":
            key = thing.entity_id.partition(".")[2]
            scripts[key] = {"alias": thing.names[0], "sequence": []}
            continue
        entity = CLASSES[thing.kind.domain](thing, number)
        built.entities[thing.entity_id] = entity
        by_domain.setdefault(thing.kind.domain, []).append(entity)
    await _set_up(built.hass, "script", scripts)
    for domain, entities in by_domain.items():
        await _set_up(built.hass, domain)
        await built.hass.data[domain].async_add_entities(entities)


def _place(built: Home, areas: Mapping[str, str], owner: ConfigEntry) -> None:
    """Expose each entity, and put it where it belongs, with its aliases."""
    registry = er.async_get(built.hass)
    for thing in built.house.things:
        changes: dict[str, Any] = {"aliases": [er.COMPUTED_NAME, *thing.names[1:]]}
        name = built.house.areas[thing.area][0] if thing.area else ""
        if thing.area and thing.kind.device_class in _SENSED and thing.names[0].startswith(name):
            # Called as its room, so that nothing comes before the names of what it measures.
            box = _device(built.hass, owner, f"sensors {name}", areas[thing.area], name)
            changes["device_id"] = box
        elif thing.area:
            changes["area_id"] = areas[thing.area]
        registry.async_update_entity(thing.entity_id, **changes)
        async_expose_entity(built.hass, "conversation", thing.entity_id, should_expose=True)


def _device(hass: HomeAssistant, owner: ConfigEntry, key: str, area: str, name: str) -> str:
    registry = dr.async_get(hass)
    device = registry.async_get_or_create(
        config_entry_id=owner.entry_id, identifiers={("bench", key)}
    )
    registry.async_update_device(device.id, area_id=area, name=name)
    return device.id


@dataclass(frozen=True, slots=True)
class Agent:
    """A conversation agent in a home, and the AI task beside it."""

    entity_id: str
    task_id: str
    entry: ConfigEntry


@asynccontextmanager
async def agent(
    built: Home,
    domain: str,
    url: str | None,
    model: str,
    *,
    entry_data: Mapping[str, Any] | None = None,
    **settings: Any,
) -> AsyncGenerator[Agent]:
    """Add an agent of an integration (and an AI task of the same model), then remove it.

    Args:
        built: the home.
        domain: "local_assist", or "ollama" for Home Assistant's own.
        url: of the server.
        model: as the server calls it.
        entry_data: what else the entry holds.
        settings: what else the agent's subentry holds.
    """
    subentries = [
        ConfigSubentryData(subentry_type=kind, title=f"{domain} {kind}", unique_id=None, data=data)
        for kind, data in (
            ("conversation", {"model": model, "llm_hass_api": ["assist"]} | settings),
            ("ai_task_data", {"model": model} | settings),
        )
    ]
    entry = MockConfigEntry(
        domain=domain,
        title="Bench",
        version=3 if domain == "ollama" else 1,
        minor_version=3 if domain == "ollama" else 1,
        data=({"url": url} if url else {}) | dict(entry_data or {}),
        subentries_data=subentries,
    )
    entry.add_to_hass(built.hass)
    await built.hass.config_entries.async_setup(entry.entry_id)
    await built.settle()
    if entry.state is not ConfigEntryState.LOADED:
        raise BenchError(f"Home Assistant cannot set up {domain}: {entry.reason}")
    found = er.async_entries_for_config_entry(er.async_get(built.hass), entry.entry_id)
    entity_id, task_id = (
        next(item.entity_id for item in found if item.domain == domain)
        for domain in ("conversation", "ai_task")
    )
    try:
        yield Agent(entity_id, task_id, entry)
    finally:
        await built.hass.config_entries.async_remove(entry.entry_id)
        await built.settle()
