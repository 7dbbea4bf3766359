"""Reading a script without running it: the service calls its actions would make.

Every branch counts, whatever its condition; what is disabled does not. Nested scripts and scenes
are calls here; `actions` follows them.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from homeassistant.const import ATTR_DEVICE_ID, ATTR_ENTITY_ID, CONF_ACTION, CONF_TARGET
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.template import Template

from .effects import Call
from .targets import TARGET_KEYS

_NO_CALLS: Final = frozenset(
    {
        cv.SCRIPT_ACTION_CHECK_CONDITION,
        cv.SCRIPT_ACTION_CHOOSE,
        cv.SCRIPT_ACTION_DELAY,
        cv.SCRIPT_ACTION_FIRE_EVENT,
        cv.SCRIPT_ACTION_IF,
        cv.SCRIPT_ACTION_PARALLEL,
        cv.SCRIPT_ACTION_REPEAT,
        cv.SCRIPT_ACTION_SEQUENCE,
        cv.SCRIPT_ACTION_SET_CONVERSATION_RESPONSE,
        cv.SCRIPT_ACTION_STOP,
        cv.SCRIPT_ACTION_VARIABLES,
        cv.SCRIPT_ACTION_WAIT_FOR_TRIGGER,
        cv.SCRIPT_ACTION_WAIT_TEMPLATE,
    }
)
"""Steps that call no service by themselves. What listens to an event is not looked for."""

# components/cover/device_action.py; an alarm's types lack their prefix, the others are services.
_COVER_ACTIONS: Final = {
    "open": "open_cover",
    "close": "close_cover",
    "stop": "stop_cover",
    "open_tilt": "open_cover_tilt",
    "close_tilt": "close_cover_tilt",
    "set_position": "set_cover_position",
    "set_tilt_position": "set_cover_tilt_position",
}
_ANYTHING: Final = Call("", "", certain=False)


def calls_in(sequence: Any) -> Iterator[Call]:
    """Yield the service calls of a sequence of actions, as Home Assistant validated it."""
    for step in _steps(sequence):
        if step.get("enabled") is False:
            continue
        for inner in _sequences(step):
            yield from calls_in(inner)
        yield from _calls_of(step)


def is_templated(value: Any) -> bool:
    """Return whether there is a template in a value, however deep."""
    if isinstance(value, Template):
        return not value.is_static
    if isinstance(value, Mapping):
        return any(is_templated(part) for item in value.items() for part in item)
    if isinstance(value, list | tuple | set | frozenset):
        return any(map(is_templated, value))
    return False


def _steps(sequence: Any) -> Sequence[Mapping[str, Any]]:
    """Return the steps of a sequence, in any of the ways one can be written."""
    if isinstance(sequence, Mapping):
        return _steps(sequence["sequence"]) if set(sequence) == {"sequence"} else [sequence]
    return sequence or []


def _sequences(step: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the sequences within a step."""
    for choice in cv.ensure_list(step.get("choose")):
        yield choice["sequence"]
    for key in ("default", "then", "else", "sequence"):
        yield step.get(key)
    yield step.get("repeat", {}).get("sequence")
    for branch in cv.ensure_list(step.get("parallel")):
        yield branch["sequence"]


def _calls_of(step: Mapping[str, Any]) -> Iterator[Call]:
    """Yield the calls a step makes by itself."""
    try:
        kind = cv.determine_script_action(dict(step))
    except ValueError:
        yield _ANYTHING
        return
    if kind == cv.SCRIPT_ACTION_CALL_SERVICE:
        yield _service_call(step)
    elif kind == cv.SCRIPT_ACTION_ACTIVATE_SCENE:
        yield Call("scene", "turn_on", {ATTR_ENTITY_ID: step["scene"]})
    elif kind == cv.SCRIPT_ACTION_DEVICE_AUTOMATION:
        yield _device_action(step)
    elif kind not in _NO_CALLS:
        yield _ANYTHING


def _service_call(step: Mapping[str, Any]) -> Call:
    """Return the call of a step like `action: lock.unlock`."""
    name = step.get(CONF_ACTION, step.get("service", step.get("service_template", "")))
    if isinstance(name, Template):
        # Only what stands before the template is sure, and only a whole domain is of use.
        fixed, dot, _ = name.template.partition("{")[0].strip().partition(".")
        domain, service = (fixed, "") if dot else ("", "")
    else:
        domain, _, service = str(name).partition(".")
    data: dict[str, Any] = {}
    anywhere = False
    for part in (step.get("data"), step.get("data_template"), step.get(CONF_TARGET)):
        if isinstance(part, Template):
            anywhere = True
            data["template"] = part
        elif part:
            data |= part
    if ATTR_ENTITY_ID in step:
        data[ATTR_ENTITY_ID] = step[ATTR_ENTITY_ID]
    return Call(
        domain.strip().lower(),
        service.strip().lower(),
        data,
        anywhere=anywhere or is_templated([*data, *(data.get(key) for key in TARGET_KEYS)]),
        certain=not is_templated([name, data]),
    )


def _device_action(step: Mapping[str, Any]) -> Call:
    """Return the call of a step like `device_id: ..., domain: lock, type: unlock`.

    The types of integrations that are not of Home Assistant's own kinds of entities are taken for
    services of theirs.
    """
    domain, kind = str(step.get("domain", "")), str(step.get("type", ""))
    if domain == "cover":
        kind = _COVER_ACTIONS.get(kind, kind)
    elif domain == "alarm_control_panel":
        kind = f"alarm_{kind}"
    data = {key: step[key] for key in ("position", "code", "option", "value") if key in step}
    if kind == "set_cover_tilt_position" and "position" in data:
        data["tilt_position"] = data.pop("position")
    key = ATTR_ENTITY_ID if step.get(ATTR_ENTITY_ID) else ATTR_DEVICE_ID
    return Call(domain, kind, data | {key: step.get(key)}, certain=not is_templated(data))
