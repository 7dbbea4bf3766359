"""The stand-in for Home Assistant sees each call, and otherwise is the real one."""

import asyncio
from typing import Any

import pytest
from homeassistant.core import Context, HomeAssistant, ServiceCall, SupportsResponse
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import label_registry as lr
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_mock_service

from custom_components.local_assist.guard.effects import Call
from custom_components.local_assist.guard.targets import about
from custom_components.local_assist.guard.watched import gated, recording


@pytest.fixture
def made(hass: HomeAssistant) -> list[ServiceCall]:
    """Return the calls of a service that were made."""
    return async_mock_service(
        hass, "lock", "unlock", response={"x": 1}, supports_response=SupportsResponse.OPTIONAL
    )


async def test_recording_makes_no_call(hass: HomeAssistant, made: list[ServiceCall]) -> None:
    """Calls are noted with their targets, and answered with nothing."""
    stand_in, calls = recording(hass)
    answer = await stand_in.services.async_call(
        "Lock",
        "UNLOCK",
        {"code": 1},
        blocking=True,
        target={"entity_id": "lock.x"},
        return_response=True,
    )
    assert answer == {}
    await stand_in.services.async_call("no", "such")
    await hass.async_add_executor_job(stand_in.services.call, "lock", "unlock", {"code": 2})
    assert calls == [
        Call("lock", "unlock", {"code": 1, "entity_id": "lock.x"}),
        Call("no", "such", {}),
        Call("lock", "unlock", {"code": 2}),
    ]
    assert not made


async def test_a_gate_decides(hass: HomeAssistant, made: list[ServiceCall]) -> None:
    """It lets through, leaves out or fails a call; what it saw is what is made."""
    context = Context()
    asked: list[Call] = []

    async def gate(call: Call, whose: Context | None) -> bool:
        assert whose is context
        asked.append(call)
        await asyncio.sleep(0)
        call.data["entity_id"] = "lock.changed_by_the_gate"
        if call.data["code"] == 3:
            raise HomeAssistantError("refused")
        return call.data["code"] == 1

    async def call(**data: Any) -> Any:
        task = asyncio.create_task(
            gated(hass, gate).services.async_call(
                "lock", "unlock", data, blocking=True, context=context, return_response=True
            )
        )
        await asyncio.sleep(0)
        data["entity_id"] = "lock.changed_meanwhile"
        return await task

    assert await call(code=1, entity_id="lock.x") == {"x": 1}
    assert await call(code=2, entity_id="lock.y") == {}
    with pytest.raises(HomeAssistantError, match="refused"):
        await call(code=3, entity_id="lock.z")
    assert len(asked) == 3
    assert [dict(call.data) for call in made] == [{"code": 1, "entity_id": "lock.x"}]
    assert made[0].context is context


async def test_the_rest_is_the_real_one(hass: HomeAssistant, made: list[ServiceCall]) -> None:
    """Registries, states and tasks are those of the house."""
    stand_in, calls = recording(hass)
    hass.states.async_set("light.x", "on")
    assert stand_in.states.get("light.x").state == "on"
    assert stand_in.services.has_service("lock", "unlock")
    assert er.async_get(stand_in) is er.async_get(hass)
    await stand_in.async_create_task(stand_in.services.async_call("lock", "unlock"))
    assert [call.service for call in calls] == ["unlock"]
    assert not made


async def test_area_and_labels_of_an_entity(hass: HomeAssistant) -> None:
    """They are its own, its device's and its area's."""
    labels = [lr.async_get(hass).async_create(name).label_id for name in "abc"]
    areas = ar.async_get(hass)
    hall, attic = areas.async_create("Hall"), areas.async_create("Attic")
    areas.async_update(hall.id, labels={labels[0]})
    owner = MockConfigEntry(domain="test")
    owner.add_to_hass(hass)
    devices, entities = dr.async_get(hass), er.async_get(hass)
    device = devices.async_get_or_create(
        config_entry_id=owner.entry_id, identifiers={("test", "x")}
    )
    devices.async_update_device(device.id, area_id=hall.id, labels={labels[1]})
    entry = entities.async_get_or_create(
        "lock", "test", "x", device_id=device.id, config_entry=owner, original_name="Bolt"
    )
    entities.async_update_entity(entry.entity_id, labels={labels[2]})
    assert about(hass, entry.entity_id) == (hall.id, frozenset(labels))
    entities.async_update_entity(entry.entity_id, area_id=attic.id)
    assert about(hass, entry.entity_id) == (attic.id, frozenset(labels[1:]))
    assert about(hass, "lock.unknown") == (None, frozenset())
    assert about(hass, "") == (None, frozenset())
