"""What bringing entities to the states of a scene comes to, as service calls.

After `components/*/reproduce_state.py` of Home Assistant, but whatever the present state is: it may
have changed by the time the scene is turned on. States that cannot be reproduced today (valves and
sirens have no `reproduce_state`) are read as what they say.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from homeassistant.const import ATTR_ENTITY_ID, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant, State

from .effects import Call
from .targets import with_members

_LOCK: Final = {
    "locked": "lock",
    "locking": "lock",
    "unlocked": "unlock",
    "unlocking": "unlock",
    "open": "open",
    "opening": "open",
}
_CLOSED: Final = frozenset({"closed", "closing"})
_POSITIONS: Final = {
    "cover": {
        "current_position": ("set_cover_position", "position"),
        "current_tilt_position": ("set_cover_tilt_position", "tilt_position"),
    },
    "valve": {"current_position": ("set_valve_position", "position")},
}
_ON_OFF: Final = {"on": "turn_on", "off": "turn_off"}
# A service that no domain has, for states that each domain reproduces in its own way.
_OTHERWISE: Final = "reproduce_state"


def calls_for_states(hass: HomeAssistant, states: Iterable[State]) -> Iterator[Call]:
    """Yield the calls that would bring entities, and the members of groups, to given states."""
    for state in states:
        if state.state in (STATE_UNAVAILABLE, STATE_UNKNOWN):
            continue
        if state.domain == "group":
            members = with_members(hass, [state.entity_id]) - {state.entity_id}
            alike = [State(member, state.state, state.attributes) for member in sorted(members)]
            yield from calls_for_states(hass, [s for s in alike if s.domain != "group"])
            continue
        target = {ATTR_ENTITY_ID: state.entity_id}
        positions = _POSITIONS.get(state.domain, {})
        for attribute, (service, key) in positions.items():
            if (position := state.attributes.get(attribute)) is not None:
                yield Call(state.domain, service, target | {key: position})
        yield Call(state.domain, _service(state.domain, state.state), target)


def states_in(entities: Mapping[str, Any]) -> list[State] | None:
    """Return the states that `scene.apply` is given; None if some cannot be read.

    An entity has a state, true or false for on and off, or attributes with `state` among them.
    """
    states = []
    for entity_id, wanted in entities.items():
        if isinstance(wanted, State):
            states.append(wanted)
            continue
        attributes = dict(wanted) if isinstance(wanted, Mapping) else {}
        state = attributes.pop("state", None) if isinstance(wanted, Mapping) else wanted
        if isinstance(state, bool):
            state = "on" if state else "off"
        try:
            states.append(State(entity_id.strip().lower(), state, attributes))
        except Exception:  # noqa: BLE001 - InvalidEntityFormatError, AttributeError and more
            return None
    return states


def _service(domain: str, state: str) -> str:
    """Return the service that brings an entity to a state."""
    if domain == "lock":
        return _LOCK.get(state, "unlock")
    if domain in _POSITIONS:
        return f"{'close' if state in _CLOSED else 'open'}_{domain}"
    if domain == "alarm_control_panel":
        armed = {"disarmed": "alarm_disarm", "triggered": "alarm_trigger"}
        return armed.get(state, f"alarm_arm_{state.removeprefix('armed_')}")
    return _ON_OFF.get(state, _OTHERWISE)
