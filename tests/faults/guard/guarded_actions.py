"""Every guarded action by every way to it, and what may come of it: the table the tests hold to.

Nothing here is taken from the guard. What a way does is said by hand, per action, and what is to be
asked follows from it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from homeassistant.components.cover import CoverDeviceClass

from tests.faults.guard.guarded_house import (
    Alarm,
    Cover,
    Deed,
    GuardedHouse,
    Light,
    Lock,
    Remembering,
    Siren,
    Switch,
    Valve,
)

ROUTES: Final = ("direct", "area", "floor", "group", "all", "script")
MARKED: Final = ("switch.heater", "script.let_guests_in", "scene.party")


@dataclass(frozen=True)
class Action:
    """One thing that is done to one thing.

    Attributes:
        key: names it in sentences and tests.
        target: the thing's entity id.
        deed: what the thing writes down; of scripts and scenes, what their lamp does.
        service: the action that does it.
        intent: the intent that does it; "" where Home Assistant has none.
        data: other data of the service and slots of the intent.
        kind: the device class that "all" of them are named by.
        everyone: entity ids of all that "all" means; none where nobody says that, or where it
            fails in Home Assistant: a group of locks cannot be opened along with its members.
        everyone_hidden: of those, what is still reached while only groups are exposed.
        does_to: what writes it down, if not the thing itself.
    """

    key: str
    target: str
    deed: str
    service: str
    intent: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    kind: str = ""
    everyone: tuple[str, ...] = ()
    everyone_hidden: tuple[str, ...] = ()
    does_to: str = ""

    @property
    def domain(self) -> str:
        """Return the domain of the thing."""
        return self.target.partition(".")[0]

    @property
    def routes(self) -> tuple[str, ...]:
        """Return the ways to it."""
        return ROUTES if self.everyone else tuple(route for route in ROUTES if route != "all")

    def by_intent(self, route: str) -> bool:
        """Return whether an intent of Home Assistant's does it this way."""
        if route == "group":
            # The others have none but the groups of old, which no intent switches.
            return bool(self.intent) and self.domain in ("lock", "cover", "valve", "switch")
        return bool(self.intent) and route != "script"

    def done(self, route: str, *, exposed: bool) -> frozenset[Deed]:
        """Return all that happens this way, if it may."""
        if route == "all":
            reached = self.everyone
            if self.by_intent(route) and not exposed:
                reached = self.everyone_hidden
            return frozenset((self.deed, each) for each in reached)
        if self.by_intent(route) and route != "group" and not exposed:
            return frozenset()
        return frozenset({(self.deed, self.does_to or self.target)})


LOCKS: Final = ("lock.front_door", "lock.cellar_door")
VALVES: Final = ("valve.water_main", "valve.garden_tap")
GARAGES: Final = ("cover.garage_door", "cover.car_port")
SWITCHES: Final = ("switch.heater", "switch.fan")
COVERS: Final = ("cover.back_door", *GARAGES, "cover.garden_gate", "cover.bedroom_blind")
LAMP: Final = "light.hall_lamp"
ALARM: Final = "alarm_control_panel.house_alarm"
SIREN: Final = "siren.roof_siren"
ON: Final = "HassTurnOn"
OFF: Final = "HassTurnOff"
POSITION: Final = "HassSetPosition"

GUARDED: Final = (
    Action("unlock", LOCKS[0], "lock.unlock", "lock.unlock", OFF, everyone=LOCKS,
           everyone_hidden=LOCKS),
    Action("unlatch", LOCKS[1], "lock.open", "lock.open"),
    Action("open_door", "cover.back_door", "cover.open_cover", "cover.open_cover", ON,
           kind="door", everyone=("cover.back_door",)),
    Action("open_garage", GARAGES[0], "cover.open_cover", "cover.open_cover", ON, kind="garage",
           everyone=GARAGES),
    Action("open_gate", "cover.garden_gate", "cover.open_cover", "cover.open_cover", ON,
           kind="gate", everyone=("cover.garden_gate",)),
    Action("set_garage", GARAGES[1], "cover.set_cover_position 40", "cover.set_cover_position",
           POSITION, {"position": 40}, kind="garage", everyone=GARAGES),
    Action("tilt_gate", "cover.garden_gate", "cover.open_cover_tilt", "cover.open_cover_tilt",
           everyone=COVERS),
    Action("disarm", ALARM, "alarm_control_panel.alarm_disarm",
           "alarm_control_panel.alarm_disarm", everyone=(ALARM,)),
    Action("open_valve", VALVES[0], "valve.open_valve", "valve.open_valve", ON, everyone=VALVES,
           everyone_hidden=VALVES),
    Action("set_valve", VALVES[1], "valve.set_valve_position 30", "valve.set_valve_position",
           POSITION, {"position": 30}, everyone=VALVES,
           everyone_hidden=VALVES),
    Action("sound_siren", SIREN, "siren.turn_on", "siren.turn_on", ON, everyone=(SIREN,)),
    Action("run_script", "script.let_guests_in", "light.turn_on", "script.turn_on", ON,
           does_to=LAMP),
    Action("start_scene", "scene.party", "light.turn_on", "scene.turn_on", ON, does_to=LAMP),
    Action("heat", "switch.heater", "switch.turn_on", "switch.turn_on", ON, everyone=SWITCHES,
           everyone_hidden=SWITCHES),
)  # fmt: skip
SAFE: Final = (
    Action("lock", LOCKS[0], "lock.lock", "lock.lock", ON, everyone=LOCKS),
    Action("close_door", "cover.back_door", "cover.close_cover", "cover.close_cover", OFF,
           kind="door", everyone=("cover.back_door",)),
    Action("close_garage", GARAGES[0], "cover.close_cover", "cover.close_cover", OFF,
           kind="garage", everyone=GARAGES),
    Action("close_gate", "cover.garden_gate", "cover.close_cover", "cover.close_cover", OFF,
           kind="gate", everyone=("cover.garden_gate",)),
    Action("shut_garage", GARAGES[1], "cover.set_cover_position 0", "cover.set_cover_position",
           POSITION, {"position": 0}, kind="garage", everyone=GARAGES),
    Action("stop_gate", "cover.garden_gate", "cover.stop_cover", "cover.stop_cover",
           everyone=COVERS),
    Action("arm", ALARM, "alarm_control_panel.alarm_arm_away",
           "alarm_control_panel.alarm_arm_away", everyone=(ALARM,)),
    Action("close_valve", VALVES[0], "valve.close_valve", "valve.close_valve", OFF,
           everyone=VALVES),
    Action("silence_siren", SIREN, "siren.turn_off", "siren.turn_off", OFF, everyone=(SIREN,)),
    Action("open_blind", "cover.bedroom_blind", "cover.open_cover", "cover.open_cover", ON,
           kind="blind", everyone=("cover.bedroom_blind",)),
    Action("fan_on", "switch.fan", "switch.turn_on", "switch.turn_on", ON),
)  # fmt: skip
ACTIONS: Final = (*GUARDED, *SAFE)


def things(deeds: list[Deed]) -> list[Remembering]:
    """Return what is in the house."""
    garage, gate = CoverDeviceClass.GARAGE, CoverDeviceClass.GATE
    return [
        Lock("Front door", deeds),
        Lock("Cellar door", deeds),
        Cover("Back door", deeds, CoverDeviceClass.DOOR),
        Cover("Garage door", deeds, garage),
        Cover("Car port", deeds, garage),
        Cover("Garden gate", deeds, gate),
        Cover("Bedroom blind", deeds, CoverDeviceClass.BLIND),
        Alarm("House alarm", deeds),
        Valve("Water main", deeds),
        Valve("Garden tap", deeds),
        Siren("Roof siren", deeds),
        Switch("Heater", deeds),
        Switch("Fan", deeds),
        Light("Hall lamp", deeds),
    ]


def name_of(entity_id: str) -> str:
    """Return the name of a thing."""
    return entity_id.partition(".")[2].replace("_", " ").capitalize()


def bundle(target: str) -> str:
    """Return the name of the group that a thing is in, which is like no other."""
    return f"Bundle of {target.partition('.')[2].replace('_', ' ')}"


def sentence(action: Action, route: str) -> str:
    """Return the words for it."""
    return f"please {action.key} by {route}".replace("_", " ")


def script_name(action: Action) -> str:
    """Return the name of the script that does it."""
    return f"Routine {action.key}".replace("_", " ")


def tool_call(action: Action, route: str) -> tuple[str, dict[str, Any]]:
    """Return the tool that does it, and its arguments."""
    if route == "script":
        return f"script__routine_{action.key}", {}
    if action.by_intent(route):
        told = slots(action, route)
        if route == "all":
            # A sentence says "all"; a model names no thing.
            del told["name"]
        return f"intent__{action.intent}", told
    return f"intent_script__{_own_intent(action, route)}", {}


def slots(action: Action, route: str) -> dict[str, Any]:
    """Return what an intent of Home Assistant's is told."""
    of_kind = {"domain": [action.domain]}
    if action.kind:
        of_kind |= {"device_class": [action.kind]}
    name = name_of(action.target)
    where: dict[str, dict[str, Any]] = {
        "direct": {"name": name},
        "area": {"area": f"{name} area", "domain": [action.domain]},
        "floor": {"floor": f"{name} floor", "domain": [action.domain]},
        "group": {"name": bundle(action.target)},
        "all": {"name": "all"} | of_kind,
    }
    return where[route] | action.data


def configuration(actions: Sequence[Action] = ACTIONS) -> dict[str, Any]:
    """Return the rest of configuration.yaml: groups, scripts, scenes and intents of its own.

    The scripts and intents are those for `actions`.
    """
    config: dict[str, Any] = {"group": {}, "script": {}, "intent_script": {}}
    for target in dict.fromkeys(action.target for action in ACTIONS):
        domain, name = target.partition(".")[0], bundle(target)
        if domain in ("lock", "cover", "valve", "switch"):
            config.setdefault(domain, []).append(
                {"platform": "group", "name": name, "entities": [target]}
            )
        else:
            config["group"][_group_id(target)] = {"name": name, "entities": [target]}
    config["scene"] = [{"id": "party", "name": "Party", "entities": {LAMP: {"state": "on"}}}]
    config["script"]["let_guests_in"] = {
        "alias": "Let guests in",
        "sequence": [{"action": "light.turn_on", "target": {"entity_id": LAMP}}],
    }
    for action in actions:
        config["script"][f"routine_{action.key}"] = {
            "alias": script_name(action),
            "sequence": [_step(action, {"entity_id": action.target})],
        }
        for route in action.routes:
            if route != "script" and not action.by_intent(route):
                config["intent_script"][_own_intent(action, route)] = {
                    "action": [_step(action, _target(action, route))],
                    "speech": {"text": "Done."},
                }
    return config


def custom_sentences() -> dict[str, Any]:
    """Return the sentences that Home Assistant is taught, by intent."""
    intents: dict[str, Any] = {}
    for action in ACTIONS:
        for route in action.routes:
            if route == "script":
                intent, told = ON, {"name": script_name(action)}
            elif action.by_intent(route):
                intent, told = action.intent, slots(action, route)
            else:
                intent, told = _own_intent(action, route), {}
            data = {"sentences": [sentence(action, route)], "slots": told}
            intents.setdefault(intent, {"data": []})["data"].append(data)
    return intents


def place_marked(house: GuardedHouse) -> None:
    """Put the marked script and scene into areas, as the things are."""
    for target in MARKED:
        house.place(target, f"{name_of(target)} area", f"{name_of(target)} floor")


def cases(action: Action) -> Iterator[tuple[str, bool, frozenset[Deed]]]:
    """Yield each way with whether the things are exposed, and what happens if it may."""
    for exposed in (True, False):
        for route in action.routes:
            yield route, exposed, action.done(route, exposed=exposed)


def _own_intent(action: Action, route: str) -> str:
    return f"{action.key}_{route}".title().replace("_", "")


def _group_id(target: str) -> str:
    return f"bundle_of_{target.partition('.')[2]}"


def _step(action: Action, target: dict[str, Any]) -> dict[str, Any]:
    return {"action": action.service, "target": target, "data": action.data}


def _target(action: Action, route: str) -> dict[str, Any]:
    name = action.target.partition(".")[2]
    targets: dict[str, dict[str, Any]] = {
        "direct": {"entity_id": action.target},
        "area": {"area_id": f"{name}_area"},
        "floor": {"floor_id": f"{name}_floor"},
        "group": {"entity_id": f"group.{_group_id(action.target)}"},
        "all": {"entity_id": "all"},
    }
    if route == "group" and action.domain in ("lock", "cover", "valve", "switch"):
        return {"entity_id": f"{action.domain}.{_group_id(action.target)}"}
    return targets[route]
