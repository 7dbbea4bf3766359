"""What a service call would do is seen, whichever way it goes, and nothing it does is missed."""

from typing import Any

import pytest
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.group import Group, get_group_entities
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockEntity,
    async_mock_service,
)

from custom_components.local_assist.guard.actions import effects_of_calls
from custom_components.local_assist.guard.inspect import calls_in
from tests.integration.effects.conftest import HIDDEN, SCENES, SCRIPTS, Securing, pairs

UNLOCKED = {("lock.unlock", "lock.front")}
ALL_LOCKS = {("lock.unlock", "lock.front"), ("lock.unlock", HIDDEN)}
OPENED = {("cover.open_cover", "cover.garage")}

WAYS: dict[str, tuple[str, dict[str, Any], set[tuple[str, str]]]] = {
    "by its id": ("lock.unlock", {"entity_id": "lock.front"}, UNLOCKED),
    "in capitals": ("LOCK.Unlock", {"entity_id": "Lock.FRONT"}, UNLOCKED),
    "in a list": ("lock.unlock", {"entity_id": ["lock.front"]}, UNLOCKED),
    "with commas": ("lock.unlock", {"entity_id": f"lock.front , {HIDDEN}"}, ALL_LOCKS),
    "by its area": ("lock.unlock", {"area_id": "hall"}, UNLOCKED),
    "by its floor": ("lock.unlock", {"floor_id": ["ground"]}, UNLOCKED),
    "by its label": ("cover.open_cover", {"label_id": "outside"}, OPENED),
    "all, the hidden one too": ("lock.unlock", {"entity_id": "all"}, ALL_LOCKS),
    "ALL": ("lock.unlock", {"entity_id": "ALL"}, ALL_LOCKS),
    "by a group": ("lock.unlock", {"entity_id": "group.everything"}, UNLOCKED),
    "by a group of groups": ("lock.unlock", {"entity_id": "group.outer"}, UNLOCKED),
    "by a lock group": ("lock.unlock", {"entity_id": "lock.all_locks"}, ALL_LOCKS),
    "by a cover group": ("cover.open_cover", {"entity_id": "cover.all_covers"}, OPENED),
    "by a valve group": (
        "valve.open_valve",
        {"entity_id": "valve.all_valves"},
        {("valve.open_valve", "valve.orchard")},
    ),
    "open the latch": ("lock.open", {"entity_id": "lock.front"}, {("lock.open", "lock.front")}),
    "toggle a cover": (
        "homeassistant.toggle",
        {"entity_id": "cover.garage"},
        {("cover.toggle", "cover.garage")},
    ),
    "toggle a group": (
        "homeassistant.toggle",
        {"entity_id": "group.outer"},
        {("cover.toggle", "cover.garage"), ("siren.toggle", "siren.siren")},
    ),
    "turn a siren on": (
        "homeassistant.turn_on",
        {"area_id": "garage"},
        set(),
    ),
    "turn a script on": ("homeassistant.turn_on", {"entity_id": "script.direct"}, UNLOCKED),
    "toggle a script": ("homeassistant.toggle", {"entity_id": "script.direct"}, UNLOCKED),
    "turn a scene on": ("homeassistant.turn_on", {"entity_id": "scene.welcome"}, UNLOCKED),
    "all scenes": ("scene.turn_on", {"entity_id": "all"}, UNLOCKED),
    "trigger an automation": ("automation.trigger", {"entity_id": "automation.courier"}, UNLOCKED),
    "a switch that unlocks": ("switch.turn_on", {"entity_id": "switch.strike"}, UNLOCKED),
    "switch the hall on": ("homeassistant.turn_on", {"area_id": "hall"}, UNLOCKED),
    "a button that opens": (
        "button.press",
        {"area_id": "hall"},
        {("lock.open", "lock.front")},
    ),
    "apply states": (
        "scene.apply",
        {"entities": {"lock.front": "unlocked", "light.hall": True}},
        UNLOCKED | {("light.turn_on", "light.hall")},
    ),
    "disarm": (
        "alarm_control_panel.alarm_disarm",
        {"entity_id": "all"},
        {("alarm_control_panel.alarm_disarm", "alarm_control_panel.home")},
    ),
}


@pytest.mark.parametrize("way", WAYS)
async def test_is_seen_and_true(securing: Securing, way: str) -> None:
    """Each way is seen, and what Home Assistant then really changes was foretold."""
    action, data, expected = WAYS[way]
    domain, service = action.split(".")
    effects = await securing.effects(domain, service, **data)
    assert expected <= pairs(effects)
    changed = await securing.done(domain, service, **data)
    assert changed <= {effect.entity_id for effect in effects}
    assert changed or not expected


@pytest.mark.parametrize(
    "script",
    [
        "direct",
        "nested",
        "nested_twice",
        "circle",
        "chosen",
        "when",
        "otherwise",
        "at_once",
        "again",
        "in_turn",
        "by_area",
        "by_old_way",
        "by_data",
        "by_scene_step",
    ],
)
async def test_scripts_are_read(securing: Securing, script: str) -> None:
    """Whatever its shape, what a script does to a fixed target is certain, and is true."""
    effects = await securing.effects("script", script)
    assert effects[0].entity_id == f"script.{script}"
    assert pairs(effects) >= UNLOCKED
    assert all(effect.certain for effect in effects)
    assert await securing.done("script", script) == {"lock.front"}


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("one_by_one", ("lock.unlock", "")),
        ("to_a_target", ("lock.unlock", "")),
        ("to_an_area", ("lock.unlock", "")),
        ("to_targets", ("lock.unlock", "")),
        ("to_data", ("lock.unlock", "")),
        ("to_one_of_two", ("lock.unlock", "")),
        ("any_action", (".", "")),
        ("any_lock_action", ("lock.", "lock.front")),
        ("any_switching", (".", "")),
        ("any_entity_on", ("homeassistant.turn_on", "")),
        ("any_script", ("script.turn_on", "")),
        ("any_scene", ("scene.apply", "")),
        ("a_sentence", (".", "")),
        ("any_position", ("cover.set_cover_position", "cover.garage")),
        ("keeps_and_restores", ("lock.unlock", "lock.front")),
    ],
)
async def test_templates_may_be_anything(
    securing: Securing, script: str, expected: tuple[str, str]
) -> None:
    """What a template decides is uncertain, as far as it decides it."""
    await securing.done("lock", "unlock", entity_id="lock.front")
    effects = await securing.effects("script", script, door="lock.front")
    found = {(f"{e.domain}.{e.service}", e.entity_id): e for e in effects}
    assert not found[expected].certain


async def test_what_is_harmless_is_so(securing: Securing) -> None:
    """A disabled step does nothing, and the opposite of a dangerous scene is its own."""
    assert pairs(await securing.effects("script", "harmless")) == {
        ("script.turn_on", "script.harmless"),
        ("light.turn_on", "light.hall"),
        ("lock.lock", "lock.front"),
    }
    off = pairs(await securing.effects("switch", "turn_off", entity_id="switch.strike"))
    assert off == {("switch.turn_off", "switch.strike"), ("lock.lock", "lock.front")}
    # A lock is not lit, and a lamp is not unlocked.
    assert pairs(await securing.effects("lock", "unlock", area_id="hall")) == UNLOCKED
    night = pairs(await securing.effects("script", "good_night"))
    assert ("light.turn_off", "light.hall") in night
    assert not night & UNLOCKED
    assert pairs(await securing.effects("script", "turn_off", entity_id="script.direct")) == {
        ("script.turn_off", "script.direct")
    }


@pytest.mark.parametrize(
    ("scene", "expected"),
    [
        ("welcome", {("lock.unlock", "lock.front"), ("light.turn_on", "light.hall")}),
        ("latch", {("lock.open", "lock.front")}),
        ("leaving", {("cover.open_cover", "cover.garage")}),
        ("home", {("alarm_control_panel.alarm_disarm", "alarm_control_panel.home")}),
        (
            "away",
            {
                ("alarm_control_panel.alarm_arm_away", "alarm_control_panel.home"),
                ("lock.lock", "lock.front"),
            },
        ),
        ("water", {("valve.open_valve", "valve.orchard")}),
        ("noise", {("siren.turn_on", "siren.siren")}),
        ("all_doors", {("lock.unlock", "lock.front")}),
        ("lit", {("light.turn_on", "light.hall")}),
    ],
)
async def test_scenes_are_read(
    securing: Securing, scene: str, expected: set[tuple[str, str]]
) -> None:
    """A scene does what brings its entities to their states, whatever they are now."""
    effects = await securing.effects("scene", "turn_on", entity_id=f"scene.{scene}")
    assert expected <= pairs(effects)
    assert ("scene.turn_on", f"scene.{scene}") in pairs(effects)
    changed = await securing.done("scene", "turn_on", entity_id=f"scene.{scene}")
    assert changed <= {effect.entity_id for effect in effects}
    again = pairs(await securing.effects("scene", "turn_on", entity_id=f"scene.{scene}"))
    assert expected <= again


async def test_every_script_and_scene_is_foretold(securing: Securing) -> None:
    """Whatever they change when they run was foretold, or could not be known."""
    given = {
        "door": "lock.front",
        "area": "hall",
        "what": "lock.unlock",
        "position": 50,
        "text": "unlock the front door",
    }
    ran = [("script", name, given) for name in SCRIPTS]
    ran += [("scene", "turn_on", {"entity_id": f"scene.{name}"}) for name in SCENES]
    for domain, service, data in ran:
        effects = await securing.effects(domain, service, **data)
        known = {effect.entity_id for effect in effects}
        try:
            changed = await securing.done(domain, service, **data)
        except Exception:  # noqa: BLE001 - "lock.lock.unlock" is no action
            changed = securing.touched()
        unsure = any(not effect.entity_id and not effect.certain for effect in effects)
        assert unsure or changed <= known, (domain, service)


async def test_data_are_told_but_not_targets(securing: Securing) -> None:
    """Consent is bound to the data, which say how far, and never with which code."""
    (effect,) = await securing.effects(
        "cover", "set_cover_position", entity_id="cover.garage", position=10
    )
    assert (effect.data, effect.device_class) == ('{"position": 10}', "garage")
    (effect,) = await securing.effects("lock", "unlock", entity_id=HIDDEN, code="4711")
    assert "4711" not in effect.data
    (effect, *_) = await securing.effects("script", "to_a_target", door="lock.front")
    assert effect.data == '{"door": "lock.front"}'
    position = await securing.effects("script", "any_position", position=100)
    assert position[1].data == '{"position": "{{ position }}"}'


async def test_the_same_effect_is_told_once(securing: Securing) -> None:
    """However many ways lead to it."""
    effects = await securing.effects(
        "homeassistant", "turn_on", entity_id=["script.direct", "script.nested", "scene.welcome"]
    )
    assert len([e for e in effects if e.entity_id == "lock.front"]) == 1


async def test_unavailable_groups_and_covers_are_seen(
    hass: HomeAssistant, securing: Securing
) -> None:
    """What is unavailable now may be there when the call is made."""
    for entity_id in ("lock.all_locks", "cover.garage"):
        hass.states.async_set(entity_id, STATE_UNAVAILABLE)
    assert pairs(await securing.effects("lock", "unlock", entity_id="lock.all_locks")) >= ALL_LOCKS
    (effect,) = await securing.effects("cover", "open_cover", entity_id="cover.garage")
    assert effect.device_class == "garage"


async def test_groups_are_reached_by_their_area(hass: HomeAssistant, securing: Securing) -> None:
    """What is in another area moves with the group that is in this one."""
    roof = ar.async_get(hass).async_create("Roof")
    for entity_id in ("cover.all_covers", "lock.all_locks"):
        er.async_get(hass).async_update_entity(entity_id, area_id=roof.id)
    for _ in range(2):
        assert pairs(await securing.effects("cover", "open_cover", area_id=roof.id)) >= OPENED
        assert pairs(await securing.effects("lock", "unlock", area_id=roof.id)) >= ALL_LOCKS
        hass.states.async_set("cover.all_covers", STATE_UNAVAILABLE)
        hass.states.async_set("lock.all_locks", STATE_UNAVAILABLE)
    assert "cover.garage" in await securing.done("cover", "open_cover", area_id=roof.id)


async def test_groups_of_a_protocol_are_seen_through(
    hass: HomeAssistant, securing: Securing
) -> None:
    """A bridge moves the members of its own groups by itself."""

    class _Bridged(Group):
        member_entity_ids = ("lock.front",)

    bridge = MockEntity()
    bridge.group = _Bridged(bridge)
    get_group_entities(hass)["lock.bridge"] = bridge
    assert pairs(await securing.effects("lock", "unlock", entity_id="lock.bridge")) >= UNLOCKED


async def test_a_group_that_is_not_there_yet_may_be_any(securing: Securing) -> None:
    """A script can make the group it then unlocks."""
    effects = await securing.effects("lock", "unlock", entity_id="group.made_later")
    assert {(e.entity_id, e.certain) for e in effects} >= {("", False)}


async def test_services_of_other_integrations_reach_any_entity(
    hass: HomeAssistant, securing: Securing
) -> None:
    """A protocol's own service can unlock as well."""
    async_mock_service(hass, "zwave_js", "set_value")
    found = pairs(await securing.effects("zwave_js", "set_value", area_id="hall", value=0))
    assert ("zwave_js.set_value", "lock.front") in found
    found = pairs(await securing.effects("zwave_js", "set_value", entity_id=HIDDEN))
    assert found == {("zwave_js.set_value", HIDDEN)}


async def test_services_without_targets(securing: Securing) -> None:
    """They are told as they are; what runs programs or sentences may do anything."""
    assert pairs(await securing.effects("mqtt", "publish", topic="x")) == {("mqtt.publish", "")}
    for domain, service in (("python_script", "x"), ("conversation", "process")):
        assert pairs(await securing.effects(domain, service)) == {(".", "")}
    assert await securing.effects("lock", "unlock", area_id="garage") == ()


@pytest.mark.usefixtures("securing")
async def test_device_actions_are_read(hass: HomeAssistant) -> None:
    """A script can name a device and what to do to it in the words of the user interface."""
    owner = MockConfigEntry(domain="test")
    owner.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=owner.entry_id, identifiers={("test", "x")}
    )
    registry = er.async_get(hass)
    steps = []
    for entity_id, kind in (
        ("lock.front", "unlock"),
        ("cover.garage", "open"),
        ("alarm_control_panel.home", "disarm"),
        ("switch.strike", "toggle"),
    ):
        entry = registry.async_update_entity(entity_id, device_id=device.id)
        domain = entity_id.partition(".")[0]
        steps.append(
            {"device_id": device.id, "domain": domain, "entity_id": entry.id, "type": kind}
        )
    assert pairs(effects_of_calls(hass, calls_in(steps))) >= {
        ("lock.unlock", "lock.front"),
        ("cover.open_cover", "cover.garage"),
        ("alarm_control_panel.alarm_disarm", "alarm_control_panel.home"),
        ("switch.toggle", "switch.strike"),
    }


@pytest.mark.parametrize("invert", [False, True])
async def test_a_switch_shown_as_a_lock_unlocks(
    hass: HomeAssistant, securing: Securing, invert: bool
) -> None:
    """The switch behind it is hidden, but can be called."""
    shown = MockConfigEntry(
        domain="switch_as_x",
        title="Relay",
        options={"entity_id": "switch.relay", "target_domain": "lock", "invert": invert},
    )
    shown.add_to_hass(hass)
    assert await hass.config_entries.async_setup(shown.entry_id)
    await hass.async_block_till_done()
    unlocks, locks = ("turn_off", "turn_on") if invert else ("turn_on", "turn_off")
    for service, meant in ((unlocks, "unlock"), (locks, "lock"), ("toggle", "toggle")):
        found = pairs(await securing.effects("switch", service, entity_id="switch.relay"))
        assert (f"lock.{meant}", "lock.relay") in found
    await hass.services.async_call("switch", unlocks, {"entity_id": "switch.relay"}, blocking=True)
    await hass.async_block_till_done()
    assert hass.states.get("lock.relay").state == "unlocked"
    await hass.config_entries.async_unload(shown.entry_id)
